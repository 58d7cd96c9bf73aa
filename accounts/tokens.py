"""Tokens: a person's is a JWT that names him and one of his sessions, a bot's a secret whose digest a session keeps. REST, sockets
and commands all read them here.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import jwt
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenError
from rest_framework_simplejwt.tokens import Token

from accounts.entry import must_be_settled
from accounts.errors import AccountBlocked, NotForBots, ScopeMissing
from accounts.models import Session, User
from projectvoice.kernel.errors import InvalidSession
from projectvoice.kernel.serializers import iso
from projectvoice.kernel.sql import columns, fetch_row, loaded

SESSION = f"""
    SELECT session.id, session.scopes, session.expires_at, session.last_seen_at, {columns(User, "person")}
    FROM accounts_session session JOIN accounts_user person ON person.id = session.user_id
"""
SIGNED_IN = f"{SESSION} WHERE session.id = %s AND session.user_id = %s"
OF_A_BOT = f"{SESSION} WHERE session.digest = %s"
BOT_PREFIX = "pvb_"
SEEN_EVERY = timedelta(minutes=10)


class _Backend(TokenBackend):
    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """When it was issued is no condition: else a clock that is set back would sign out whoever signed in before."""
        options = {"verify_signature": verify, "verify_iat": False, "verify_aud": False}
        try:
            return jwt.decode(token, self.prepared_signing_key, algorithms=[self.algorithm], options=options)  # type: ignore[arg-type]
        except jwt.InvalidTokenError as error:
            raise TokenBackendError("The token does not hold") from error


class SessionToken(Token):
    token_type = "session"  # noqa: S105 - a kind, not a secret
    lifetime = settings.SESSION_LIFETIME
    _token_backend = _Backend("HS256", settings.SECRET_KEY)


class Identity(NamedTuple):
    user: User
    session_id: UUID
    scopes: frozenset[str] | None = None
    """None: whatever the user may."""

    def require(self, *scopes: str) -> None:
        """One of them, if this is a bot. Raises NotForBots, or ScopeMissing."""
        if self.scopes is None or not self.scopes.isdisjoint(scopes):
            return
        raise ScopeMissing(details={"scopes": list(scopes)}) if scopes else NotForBots


def token_for(session: Session) -> str:
    token = SessionToken()
    token["user_id"] = session.user_id
    token["sid"] = str(session.id)
    token.set_exp(lifetime=session.expires_at - timezone.now())
    return str(token)


def identity_of(raw: str | bytes, *scopes: str) -> Identity:
    """Whose token this is. Raises InvalidSession, or for a good token AccountBlocked and what `must_be_settled` does.

    A bot's token needs one of the `scopes`, without which no bot comes in: NotForBots, ScopeMissing.
    """
    identity = identity_entering(raw, *scopes)
    must_be_settled(identity.user)
    return identity


def identity_entering(raw: str | bytes, *scopes: str) -> Identity:
    """Likewise, for the few doors that are open to whom the others are not yet.

    A bot's token needs one of the `scopes`, without which no bot comes in: NotForBots, ScopeMissing.
    One query: rights and the state of the account are read from their rows, never from the token.
    """
    row = _session_of(raw)
    if row is None:
        raise InvalidSession
    session_id, allowed, expires_at, last_seen_at, *values = row
    user, now = loaded(User, values), timezone.now()
    if expires_at <= now:
        raise InvalidSession
    if not user.is_active:
        raise account_blocked(user)
    if now - last_seen_at > SEEN_EVERY:
        _see(session_id, now)
    identity = Identity(user, session_id, None if allowed is None else frozenset(allowed))
    identity.require(*scopes)
    return identity


def _see(session_id: UUID, now: datetime) -> None:
    """If it cannot be written, on a full disk or a standby, he may read all the same."""
    with suppress(DatabaseError), transaction.atomic():
        Session.objects.filter(pk=session_id).update(last_seen_at=now)


def digest_of(token: str) -> str:
    """Of a secret with 256 random bits: no salt, no slow hash."""
    return sha256(token.encode()).hexdigest()


def _session_of(raw: str | bytes) -> tuple[Any, ...] | None:
    text = raw if isinstance(raw, str) else raw.decode("latin-1")
    if text.startswith(BOT_PREFIX):
        return fetch_row(OF_A_BOT, digest_of(text)) if text.isascii() else None
    return fetch_row(SIGNED_IN, *_claims_of(raw))


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
