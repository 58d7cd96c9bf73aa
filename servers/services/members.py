"""Writes of members and bans. All of one server wait for its row, so each outcome is a serial one."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import NotAPerson
from accounts.models import User
from accounts.selectors import user_by_id
from accounts.services import users_stay
from audit.services import Target
from events.services import access_changed
from projectvoice.kernel.events import AccessEnded, MemberMoved, publish_on_commit
from servers.access import Access, require, require_admits, require_outranks, require_owner
from servers.announcing import tell_ban, tell_joined, tell_left, tell_member, tell_members_gone, tell_server
from servers.errors import (
    AlreadyMember,
    AlreadyOwner,
    BanInThePast,
    Banned,
    BanNotFound,
    MemberNotFound,
    NotTheirMember,
    OwnerKeepsRole,
    OwnerStays,
    TimeoutTooLong,
    TooHigh,
    TooMany,
    Untouchable,
    UserBanned,
)
from servers.journal import record, record_change, state_of, target_of
from servers.models import Ban, Member, MemberRole, Role, Server
from servers.permissions import Permission, Rank, may_appoint
from servers.services.servers import SERVERS_PER_OWNER, access_locked, server_locked
from servers.situations import standing_of

VOICE_NEEDS = {"is_muted": Permission.MUTE_MEMBERS, "is_deafened": Permission.DEAFEN_MEMBERS}
LONGEST_TIMEOUT = timedelta(days=28)  # Discord's


def member_add(*, server: Server, user: User, role: str = MemberRole.MEMBER) -> Member:
    """Within a transaction that holds the server's row. A banned user is refused whichever way he comes."""
    if Ban.in_force().filter(server=server, user=user).exists():
        raise Banned
    try:
        with transaction.atomic():
            member = Member.objects.create(server=server, user=user, role=role)
    except IntegrityError as error:
        raise AlreadyMember from error
    tell_joined(user.pk, server.pk)
    tell_member("member-joined", member)
    return member


@transaction.atomic
def member_create(*, access: Access, user_id: int, role: str = MemberRole.MEMBER) -> Member:
    """Adds somebody who did not come by invite. Bots are added by their owners and by whoever runs the server: integrations/."""
    access = access_locked(access, user_id)
    user = user_by_id(user_id)
    if user.is_bot:
        raise NotAPerson
    _require_appoints(access, role)
    try:
        member = member_add(server=access.server, user=user, role=role)
    except Banned as error:
        raise UserBanned from error
    record(access, "member.add", member, after=state_of(member, "role"))
    return member


@transaction.atomic
def member_appoint(*, access: Access, member: Member, role: str) -> Member:
    """Sets the member role, the preset; custom roles stay as they are."""
    access = access_locked(access, member.user_id)
    member = member_current(member)
    if member.role == MemberRole.OWNER:
        raise OwnerKeepsRole
    require_outranks(access, member)
    _require_appoints(access, role)
    before = state_of(member, "role")
    member.role = role
    member.save(update_fields=["role", "updated_at"])
    _tell(member)
    record_change(access, "member.role", member, before, state_of(member, "role"))
    return member


@transaction.atomic
def member_voice(*, access: Access, member: Member, **changes: Any) -> Member:
    """Mutes or deafens, or lifts that; each needs its own permission."""
    access = access_locked(access, member.user_id)
    member = member_current(member)
    flags = changes.keys() & VOICE_NEEDS.keys()
    for name in sorted(flags):
        require(access, VOICE_NEEDS[name])
    require_outranks(access, member, or_self=True)
    before = state_of(member, *VOICE_NEEDS)
    for name in flags:
        setattr(member, name, changes[name])
    member.save(update_fields=[*flags, "updated_at"])
    _tell(member)
    record_change(access, "member.voice", member, before, state_of(member, *VOICE_NEEDS))
    return member


@transaction.atomic
def member_move(*, access: Access, member: Member) -> None:
    """Into the voice channel whose door `access` passed, or out of the server's calls; the calls do it, if he sits in one.

    A full channel takes him in: whoever may move members need not count seats.
    """
    access = access_locked(access, member.user_id)
    member = member_current(member)
    channel = access.channel
    require_outranks(access, member, or_self=True)
    if channel is not None:
        require_admits(channel, member)
    publish_on_commit(MemberMoved(member.user_id, member.server_id, None if channel is None else channel.pk))
    if member.pk != access.member.pk:
        record(access, "member.move", member, after={"channel": None if channel is None else f"{channel.pk} {channel.name}"})


@transaction.atomic
def member_time_out(*, access: Access, member: Member, muted_until: datetime | None) -> Member:
    """Until then the member only reads: no word, no reaction, no call. None, or a time that has passed, ends it."""
    access = access_locked(access, member.user_id)
    member = member_current(member)
    require_outranks(access, member)
    if muted_until and standing_of(member).permissions & Permission.ADMINISTRATOR:
        raise Untouchable
    if muted_until and muted_until > timezone.now() + LONGEST_TIMEOUT:
        raise TimeoutTooLong(LONGEST_TIMEOUT.days)
    before = state_of(member, "muted_until")
    member.muted_until = muted_until
    member.save(update_fields=["muted_until", "updated_at"])
    _tell(member)
    record_change(access, "member.timeout", member, before, state_of(member, "muted_until"))
    return member


@transaction.atomic
def member_rename(*, access: Access, member: Member, **changes: str | None) -> Member:
    access = access_locked(access, member.user_id)
    member = member_current(member)
    require_outranks(access, member, or_self=True)
    if "nickname" in changes:
        before = state_of(member, "nickname")
        member.nickname = changes["nickname"]
        member.save(update_fields=["nickname", "updated_at"])
        tell_member("member-updated", member)
        if member.pk != access.member.pk:
            record_change(access, "member.nickname", member, before, state_of(member, "nickname"))
    return member


@transaction.atomic
def owner_transfer(*, access: Access, user_id: int) -> Server:
    """The new owner was a member, the old one becomes an admin. There is one owner before, after and in between."""
    # An account that is just going goes first or not at all: `owned_servers_settle` then sees this server. Servers that come
    # to one owner at once come one after the other: he owns a bounded number.
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    access = access_locked(access)
    require_owner(access)
    server, old = access.server, access.member
    if user == old.user:
        raise AlreadyOwner
    new = Member.objects.filter(server=server, user=user).first() if user else None
    if user is None or new is None:
        raise NotTheirMember
    if user.is_bot:
        raise NotAPerson
    if Server.objects.filter(owner=user).count() >= SERVERS_PER_OWNER:
        raise TooMany(SERVERS_PER_OWNER)
    for member, role in ((old, MemberRole.ADMIN), (new, MemberRole.OWNER)):  # in this order: member_one_owner
        member.role = role
        member.save(update_fields=["role", "updated_at"])
        _tell(member)
    server.owner = user
    server.save(update_fields=["owner", "updated_at"])
    tell_server(server)
    record(access, "server.owner", new, before={"owner": old.user_id}, after={"owner": user.pk})
    return server


@transaction.atomic
def member_kick(*, access: Access, member: Member) -> None:
    access = access_locked(access, member.user_id)
    member = member_current(member)
    require_outranks(access, member)
    target, before = target_of(member), state_of(member, "role")
    _put_out(member, "kicked")
    record(access, "member.kick", target, before=before)


@transaction.atomic
def member_leave(*, member: Member) -> None:
    users_stay(member.user_id)
    server_locked(member.server_id)
    member = member_current(member)
    if member.role == MemberRole.OWNER:
        raise OwnerStays
    _remove(member, "left")


@transaction.atomic
def member_ban(*, access: Access, member: Member, expires_at: datetime | None = None) -> Ban:
    """Removes the member and keeps him out: invites and being added are refused until the ban is lifted or expires."""
    access = access_locked(access, member.user_id)
    member = member_current(member)
    require_outranks(access, member)
    if expires_at and expires_at <= timezone.now():
        raise BanInThePast
    ban, _ = Ban.objects.update_or_create(  # one that has expired may still be there
        server=access.server,
        user=member.user,
        defaults={
            "reason": access.reason,
            "banned_by": access.member.user,
            "banned_at": timezone.now(),
            "expires_at": expires_at,
        },
    )
    target, before = target_of(member), state_of(member, "role")
    _put_out(member, "banned")
    tell_ban("member-banned", ban.server_id, ban.user_id)
    record(access, "member.ban", target, before=before, after=state_of(ban, "expires_at"))
    return ban


@transaction.atomic
def ban_lift(*, access: Access, ban: Ban) -> None:
    access = access_locked(access)
    gone, _ = Ban.objects.filter(pk=ban.pk).delete()
    if not gone:
        raise BanNotFound
    tell_ban("member-unbanned", ban.server_id, ban.user_id)
    target = Target("member", ban.user_id, ban.user.username)
    record(access, "ban.lift", target, before=state_of(ban, "reason", "expires_at"))


def memberships_settle(user: User) -> None:
    """Before an account goes: whoever is changing one of its memberships finishes first, and nobody begins."""
    tell_members_gone(*Member.objects.select_for_update().filter(user=user).order_by("pk"))


def member_current(member: Member) -> Member:
    """The row as it is behind the server's lock, with user and roles; held too, since a deleted account takes its rows along.

    The account is held already: it comes before the server.
    """
    rows = Member.objects.select_for_update(of=("self",)).select_related("user").prefetch_related("roles")
    current = rows.filter(pk=member.pk).first()
    if current is None:
        raise MemberNotFound
    return current


def _require_appoints(access: Access, role: str) -> None:
    preset = Role.objects.get(server=access.server, preset=role)
    if not may_appoint(access.standing, Rank[role.upper()], preset.position, preset.permissions):
        raise TooHigh


def _put_out(member: Member, reason: str) -> None:
    """Who only leaves keeps his calls elsewhere; who is put out loses what the relay carries for him."""
    user_id = member.user_id
    _remove(member, reason)
    publish_on_commit(AccessEnded(user_id))


def _remove(member: Member, reason: str) -> None:
    access_changed(user_id=member.user_id, server_id=member.server_id)
    tell_members_gone(member)
    tell_left([member.user_id], member.server_id, reason)
    member.delete()


def _tell(member: Member) -> None:
    access_changed(user_id=member.user_id, server_id=member.server_id)
    tell_member("member-updated", member)
