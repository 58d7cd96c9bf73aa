"""Signed words that stand for a user until something about him changes: no row to keep, none to sweep."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.errors import SignInLapsed, TicketSpent
from accounts.models import User


@dataclass(frozen=True)
class Ticket:
    """Good for `lifetime`, and while the `facts` are what they were. Whoever spends it changes one of them."""

    purpose: str
    lifetime: timedelta
    facts: Callable[[User], tuple[object, ...]]
    refusal: type[TicketSpent] = TicketSpent

    def issue(self, user: User) -> str:
        return signing.dumps([user.pk, self._print(user)], salt=self._salt)

    def expires_at(self) -> datetime:
        """Of one that is issued now."""
        return timezone.now() + self.lifetime

    def user_of(self, token: str, users: "QuerySet[User]") -> User:
        """One of `users`; the caller locks them if he is about to spend the ticket. Raises `refusal`."""
        try:
            user_id, fingerprint = signing.loads(token, salt=self._salt, max_age=self.lifetime)
        except signing.BadSignature:
            raise self.refusal from None
        user = users.filter(pk=user_id).first()
        if user is None or not constant_time_compare(fingerprint, self._print(user)):
            raise self.refusal
        return user

    def _print(self, user: User) -> str:
        return salted_hmac(self._salt, repr(self.facts(user)), algorithm="sha256").hexdigest()[:32]

    @property
    def _salt(self) -> str:
        return f"projectvoice.{self.purpose}"


SIGN_IN = Ticket(
    "sign-in",
    timedelta(minutes=5),
    lambda user: (user.password, user.two_factor_at and user.two_factor_at.timestamp()),
    SignInLapsed,
)
PASSWORD_RESET = Ticket("password-reset", timedelta(hours=1), lambda user: (user.password, user.email))
EMAIL = Ticket("email", timedelta(days=3), lambda user: (user.email,))
