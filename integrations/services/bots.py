"""Writes of bots, their tokens and where they take part."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.bots import bot_register, token_open
from accounts.errors import SessionNotFound
from accounts.models import Session, User
from accounts.services import session_end, user_delete, user_update, users_stay
from integrations.errors import BotNotFound, BotTokenNotFound, TokenInThePast
from integrations.models import Bot
from servers.access import Access, require
from servers.errors import Banned, TooMany, UserBanned
from servers.journal import record, state_of
from servers.models import Member
from servers.permissions import Permission
from servers.services.members import member_add
from servers.services.roles import roles_replace
from servers.services.servers import access_locked

BOTS_PER_OWNER = 25
TOKENS_PER_BOT = 10
PROFILE = ("username", "profile_picture", "bio")


@transaction.atomic
def bot_create(*, owner: User, username: str, is_public: bool = False, **profile: str | None) -> Bot:
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # one by one: they are counted
    if owner.bots.count() >= BOTS_PER_OWNER:
        raise TooMany(BOTS_PER_OWNER)
    user = bot_register(owner=owner, username=username, **{name: value or None for name, value in profile.items()})
    return Bot.objects.create(user=user, is_public=is_public)


@transaction.atomic
def bot_update(*, bot: Bot, is_public: bool | None = None, **profile: str | None) -> Bot:
    """Where a bot is already, it stays when it is public no more."""
    bot.user = user_update(user=bot.user, **profile)
    if is_public is not None:
        bot.is_public = is_public
        bot.save(update_fields=["is_public"])
    return bot


def bot_delete(*, bot: Bot) -> None:
    """As an account goes: its messages stay without an author."""
    user_delete(user=bot.user)


@transaction.atomic
def bot_token_create(
    *, bot: Bot, name: str, scopes: Collection[str], expires_at: datetime | None = None
) -> tuple[Session, str]:
    """The row, and the token that is told once."""
    if expires_at and expires_at <= timezone.now():
        raise TokenInThePast
    users_stay(bot.user.owner_id or 0, bot.user_id)
    if not Bot.objects.select_for_update().filter(pk=bot.pk).exists():
        raise BotNotFound
    if bot.user.sessions.filter(expires_at__gt=timezone.now()).count() >= TOKENS_PER_BOT:
        raise TooMany(TOKENS_PER_BOT)
    return token_open(bot=bot.user, name=name, scopes=scopes, expires_at=expires_at)


def bot_token_revoke(*, bot: Bot, token_id: UUID) -> None:
    """At once, and with it what was done by it over sockets."""
    try:
        session_end(user=bot.user, session_id=token_id)
    except SessionNotFound as error:
        raise BotTokenNotFound from error


@transaction.atomic
def bot_add(*, access: Access, bot: Bot, role_ids: Collection[int] = ()) -> Member:
    """To a server, perhaps with custom roles, which the caller must be able to give."""
    access = access_locked(access, bot.user_id)
    if not Bot.objects.filter(pk=bot.pk).exists():
        raise BotNotFound
    try:
        member = member_add(server=access.server, user=bot.user)
    except Banned as error:
        raise UserBanned from error
    record(access, "bot.add", member, after=state_of(member, "role"))
    if role_ids:
        require(access, Permission.MANAGE_ROLES)
        roles_replace(access=access, member=member, role_ids=role_ids)
    return member


def bots_settle(owner: User) -> None:
    """Before an account goes, its bots go, each as an account does."""
    for user in owner.bots.order_by("pk"):
        user_delete(user=user)
