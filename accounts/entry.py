"""What an instance may require of an account before any door opens but those where it is set up: a second factor
(TWO_FACTOR), a confirmed e-mail address (EMAIL_CONFIRMATION)."""

from django.conf import settings
from django.db.models import Q

from accounts.errors import EmailUnconfirmed, SecondFactorRequired
from accounts.models import GlobalRole, Kind, User
from accounts.two_factor import EVERYONE, STAFF, is_enrolled, required_of


def must_be_settled(user: User) -> None:
    """Raises SecondFactorRequired, then EmailUnconfirmed. Of bots none of it is asked."""
    if user.is_bot:
        return
    must_have_second_factor(user)
    if settings.EMAIL_CONFIRMATION == "required" and not user.email_confirmed:
        raise EmailUnconfirmed


def must_have_second_factor(user: User) -> None:
    if required_of(user) and not is_enrolled(user):
        raise SecondFactorRequired


def settled(path: str = "") -> Q:
    """The same as a condition on users, or on rows from which `path` leads to one."""
    enrolled = Q(**{f"{path}two_factor_at__isnull": False})
    condition = Q()
    if settings.TWO_FACTOR == EVERYONE:
        condition &= enrolled
    if settings.TWO_FACTOR == STAFF:
        condition &= enrolled | Q(**{f"{path}role": GlobalRole.USER})
    if settings.EMAIL_CONFIRMATION == "required":
        condition &= Q(**{f"{path}email_confirmed_at__isnull": False})
    return condition and condition | ~Q(**{f"{path}kind": Kind.PERSON})
