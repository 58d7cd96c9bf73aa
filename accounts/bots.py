"""Accounts that are no persons, and the tokens of bots. Nobody signs in to them: they have no password and no address."""

import secrets
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.errors import UserNotFound
from accounts.models import Kind, Session, User
from accounts.services import account_save, user_rename
from accounts.tokens import BOT_PREFIX, digest_of

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""When a token ends that has no end: `expires_at` is asked everywhere."""


def bot_register(*, owner: User, username: str, **fields: Any) -> User:
    user = _account(Kind.BOT, owner=owner, **fields)
    user_rename(user, username)
    account_save(user)
    return user


def webhook_register(*, name: str, picture: str | None) -> User:
    """Many may have one name, which is nobody's username."""
    user = _account(Kind.WEBHOOK, username=name, profile_picture=picture)
    user.username_key = f"webhook:{secrets.token_hex(16)}"
    account_save(user)
    return user


@transaction.atomic
def token_open(*, bot: User, name: str, scopes: Collection[str], expires_at: datetime | None) -> tuple[Session, str]:
    """The token itself is in no row. Wants the bot's row held; where its owner is blocked or gone there is no bot."""
    owner = User.objects.select_for_update(no_key=True).filter(bots=bot, is_active=True)
    if not owner.exists():
        raise UserNotFound
    token = BOT_PREFIX + secrets.token_urlsafe(32)
    session = Session.objects.create(
        user=bot, name=name, scopes=sorted(set(scopes)), digest=digest_of(token), expires_at=expires_at or NEVER
    )
    return session, token


def _account(kind: Kind, **fields: Any) -> User:
    user = User(kind=kind, email=f"{secrets.token_hex(16)}@{kind}.invalid", tag=f"#{secrets.randbelow(10_000):04}", **fields)
    user.password = make_password(None)
    return user
