"""Session tokens: a JWT that names a user and one of his sessions. REST, sockets and commands all read them here."""

from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from accounts.entry import must_be_settled
from accounts.errors import AccountBlocked
from accounts.models import Session, User
from projectvoice.kernel.errors import InvalidSession
from projectvoice.kernel.serializers import iso
from projectvoice.kernel.sql import columns, fetch_row, loaded

SIGNED_IN = f"""
    SELECT session.expires_at, session.last_seen_at, {columns(User, "person")}
    FROM accounts_session session JOIN accounts_user person ON person.id = session.user_id
    WHERE session.id = %s AND session.user_id = %s
"""
SEEN_EVERY = timedelta(minutes=10)


class SessionToken(Token):
    token_type = "session"  # noqa: S105 - a kind, not a secret
    lifetime = settings.SESSION_LIFETIME


class Identity(NamedTuple):
    user: User
    session_id: UUID


def token_for(session: Session) -> str:
    token = SessionToken()
    token["user_id"] = session.user_id
    token["sid"] = str(session.id)
    token.set_exp(lifetime=session.expires_at - timezone.now())
    return str(token)


def identity_of(raw: str | bytes) -> Identity:
    """Whose token this is. Raises InvalidSession, or for a good token AccountBlocked and what `must_be_settled` does."""
    identity = identity_entering(raw)
    must_be_settled(identity.user)
    return identity


def identity_entering(raw: str | bytes) -> Identity:
    """Likewise, for the few doors that are open to whom the others are not yet.

    One query: rights and the state of the account are read from their rows, never from the token.
    """
    session_id, user_id = _claims_of(raw)
    row = fetch_row(SIGNED_IN, session_id, user_id)
    if row is None:
        raise InvalidSession
    expires_at, last_seen_at, *values = row
    user, now = loaded(User, values), timezone.now()
    if expires_at <= now:
        raise InvalidSession
    if not user.is_active:
        raise account_blocked(user)
    if now - last_seen_at > SEEN_EVERY:
        Session.objects.filter(pk=session_id).update(last_seen_at=now)
    return Identity(user, session_id)


@lru_cache(maxsize=10_000)
def _claims_of(raw: str | bytes) -> tuple[UUID, int]:
    """Which session of which user a token names. Its signature is checked once; when it ends, the session's row says."""
    try:
        token = SessionToken(raw)  # type: ignore[arg-type]  # bytes are fine for PyJWT
        session_id, user_id = UUID(token["sid"]), token["user_id"]
    except (TokenError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise InvalidSession from error
    if type(user_id) is not int:
        raise InvalidSession
    return session_id, user_id


def account_blocked(user: User) -> AccountBlocked:
    return AccountBlocked(
        blockedAt=user.blocked_at and iso(user.blocked_at), blockedBy=user.blocked_by_id, blockReason=user.block_reason
    )
