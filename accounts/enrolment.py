"""How somebody gets a second factor, and is rid of it. Every change of it ends the sessions that were not there."""

import secrets
from base64 import b32encode
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import totp
from accounts.acts import account_act
from accounts.errors import EnrolledAlready, NotEnrolled, WrongCode
from accounts.models import RecoveryCode, TwoFactor, User
from accounts.services import session_end_all, user_locked, user_proven
from accounts.two_factor import CODES_PER_ACCOUNT, is_enrolled, recovery_hash, step_taken, verify
from accounts.vault import sealed

RECOVERY_CODES = 10
RECOVERY_BYTES = 10


class Offer(NamedTuple):
    """What an authenticator app wants to know, three times over; told once, and never again."""

    secret: str
    uri: str
    qr: str


@transaction.atomic
def two_factor_offer(*, user: User, password: str) -> Offer:
    """A secret on trial, in place of an earlier one: it asks nothing of anybody until `two_factor_enable`."""
    user = user_proven(user, password)
    if is_enrolled(user):
        raise EnrolledAlready
    secret = totp.new_secret()
    TwoFactor.objects.update_or_create(user=user, defaults={"secret": sealed(secret, user.pk), "last_step": 0})
    uri = totp.uri(secret, user.username)
    return Offer(totp.readable(secret), uri, totp.qr(uri))


@transaction.atomic
def two_factor_enable(*, user: User, code: str, keep: UUID) -> list[str]:
    """The recovery codes. Every session but `keep` ends: they came in without it."""
    CODES_PER_ACCOUNT.take(user.email.lower())
    user = user_locked(user)
    if is_enrolled(user):
        raise EnrolledAlready
    if not step_taken(user, code):
        raise WrongCode
    CODES_PER_ACCOUNT.give_back(user.email.lower())
    user.two_factor_at = timezone.now()
    user.save(update_fields=["two_factor_at", "updated_at"])
    codes = _new_recovery_codes(user)
    session_end_all(user=user, but=keep)
    account_act(user, "two_factor.enable")
    return codes


@transaction.atomic
def two_factor_disable(*, user: User, password: str, code: str, keep: UUID) -> None:
    _remove(_enrolled_and_proven(user, password, code), keep)
    account_act(user, "two_factor.disable")


@transaction.atomic
def two_factor_remove(*, user: User) -> bool:
    """For who lost his devices and codes: nothing is asked, all sessions end. False if there was nothing to remove."""
    user = user_locked(user)
    enrolled = is_enrolled(user)
    _remove(user, None)
    return enrolled


@transaction.atomic
def recovery_codes_renew(*, user: User, password: str, code: str) -> list[str]:
    """The old ones are void."""
    return _new_recovery_codes(_enrolled_and_proven(user, password, code))


def _enrolled_and_proven(user: User, password: str, code: str) -> User:
    user = user_proven(user, password)
    if not is_enrolled(user):
        raise NotEnrolled
    if not verify(user, code):
        raise WrongCode
    return user


def _remove(user: User, keep: UUID | None) -> None:
    TwoFactor.objects.filter(user=user).delete()
    user.recovery_codes.all().delete()
    user.two_factor_at = None
    user.save(update_fields=["two_factor_at", "updated_at"])
    session_end_all(user=user, but=keep)


def _new_recovery_codes(user: User) -> list[str]:
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    user.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, hash=recovery_hash(code)) for code in codes])
    return codes


def _recovery_code() -> str:
    """As in `K7QM-2XHD-9TRP-WZ3A`: no letter looks like a digit that is there."""
    letters = b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))
