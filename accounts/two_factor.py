"""The second factor: who has one, who must, and whether a code is right. Enrolling is in accounts/enrolment.py."""

import hashlib
import logging
import re
import time

from django.conf import settings

from accounts.models import RecoveryCode, TwoFactor, User
from accounts.totp import step_of
from accounts.vault import opened
from projectvoice.kernel.limits import Limit

logger = logging.getLogger(__name__)

# Of a million codes three count at a time: at this pace somebody with the password needs a year for an even chance.
CODES_PER_ACCOUNT = Limit("two-factor", most=5, window=600)
OPTIONAL, STAFF, EVERYONE = "optional", "staff", "everyone"


def is_enrolled(user: User) -> bool:
    return user.two_factor_at is not None


def required_of(user: User) -> bool:
    """By the setting TWO_FACTOR, whether he has one or not."""
    return settings.TWO_FACTOR == EVERYONE or (settings.TWO_FACTOR == STAFF and user.is_global_staff)


def verify(user: User, code: str) -> bool:
    """Is this a code of the user's app, or a recovery code? Either way it is used up: of two at once one is right.

    Attempts count until one is right. Raises TooManyRequests.
    """
    CODES_PER_ACCOUNT.take(user.email.lower())
    right = is_enrolled(user) and (step_taken(user, code) or _recovery_code_taken(user, code))
    if right:
        CODES_PER_ACCOUNT.give_back(user.email.lower())
    return right


def step_taken(user: User, code: str) -> bool:
    """Whether it is a code of the app, the one on trial included. Every step of time is good once."""
    factor = TwoFactor.objects.filter(pk=user.pk).first()
    if factor is None:
        return False
    secret = opened(factor.secret, user.pk)
    if secret is None:
        logger.error("The second factor of user %s was sealed with another SECRET_KEY", user.pk)
        return False
    step = step_of(re.sub(r"\s", "", code), secret, time.time())
    if step is None:
        return False
    unused = TwoFactor.objects.filter(pk=user.pk, secret=factor.secret, last_step__lt=step)
    return unused.update(last_step=step) == 1


def recovery_hash(code: str) -> str:
    """80 random bits need no salt and no slow hash; and they outlive a change of SECRET_KEY."""
    return hashlib.sha256(re.sub(r"[\s-]", "", code).upper().encode()).hexdigest()


def _recovery_code_taken(user: User, code: str) -> bool:
    taken, _ = RecoveryCode.objects.filter(user=user, hash=recovery_hash(code)).delete()
    return taken == 1
