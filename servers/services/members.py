"""Writes of members and bans. All of one server wait for its row, so each outcome is a serial one."""

from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.selectors import user_by_id
from projectvoice.kernel.events import AccessChanged, publish_on_commit
from servers.access import Access, presets_of, require, require_outranks, require_owner
from servers.errors import (
    AlreadyMember,
    AlreadyOwner,
    Banned,
    BanNotFound,
    MemberNotFound,
    NotTheirMember,
    OwnerKeepsRole,
    OwnerStays,
    TooHigh,
    TooMany,
    UserBanned,
)
from servers.models import Ban, Member, MemberRole, Server
from servers.permissions import Permission, Rank, may_appoint
from servers.services.servers import SERVERS_PER_OWNER, access_locked, server_locked

VOICE_NEEDS = {"is_muted": Permission.MUTE_MEMBERS, "is_deafened": Permission.DEAFEN_MEMBERS}


def member_add(*, server: Server, user: User, role: str = MemberRole.MEMBER) -> Member:
    """Within a transaction that holds the server's row. A banned user is refused whichever way he comes."""
    if Ban.objects.filter(server=server, user=user).exists():
        raise Banned
    try:
        with transaction.atomic():
            return Member.objects.create(server=server, user=user, role=role)
    except IntegrityError as error:
        raise AlreadyMember from error


@transaction.atomic
def member_create(*, access: Access, user_id: int, role: str = MemberRole.MEMBER) -> Member:
    """Adds somebody who did not come by invite."""
    access = access_locked(access)
    user = user_by_id(user_id)
    _require_appoints(access, role)
    try:
        return member_add(server=access.server, user=user, role=role)
    except Banned as error:
        raise UserBanned from error


@transaction.atomic
def member_appoint(*, access: Access, member: Member, role: str) -> Member:
    """Sets the member role, the preset; custom roles stay as they are."""
    access = access_locked(access)
    member = member_current(member)
    if member.role == MemberRole.OWNER:
        raise OwnerKeepsRole
    require_outranks(access, member)
    _require_appoints(access, role)
    member.role = role
    member.save(update_fields=["role", "updated_at"])
    _tell(member)
    return member


@transaction.atomic
def member_voice(*, access: Access, member: Member, **changes: Any) -> Member:
    """Mutes or deafens, or lifts that; each needs its own permission."""
    access = access_locked(access)
    member = member_current(member)
    flags = changes.keys() & VOICE_NEEDS.keys()
    for name in sorted(flags):
        require(access, VOICE_NEEDS[name])
    require_outranks(access, member, or_self=True)
    for name in flags:
        setattr(member, name, changes[name])
    member.save(update_fields=[*flags, "updated_at"])
    _tell(member)
    return member


@transaction.atomic
def member_rename(*, access: Access, member: Member, **changes: str | None) -> Member:
    access = access_locked(access)
    member = member_current(member)
    require_outranks(access, member, or_self=True)
    if "nickname" in changes:
        member.nickname = changes["nickname"]
        member.save(update_fields=["nickname", "updated_at"])
    return member


@transaction.atomic
def owner_transfer(*, access: Access, user_id: int) -> Server:
    """The new owner was a member, the old one becomes an admin. There is one owner before, after and in between."""
    access = access_locked(access)
    require_owner(access)
    server, old = access.server, access.member
    if user_id == old.user_id:
        raise AlreadyOwner
    # An account that is just going goes first or not at all: `owned_servers_settle` then sees this server.
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    new = Member.objects.filter(server=server, user=user).first() if user else None
    if user is None or new is None:
        raise NotTheirMember
    if Server.objects.filter(owner=user).count() >= SERVERS_PER_OWNER:
        raise TooMany(SERVERS_PER_OWNER)
    for member, role in ((old, MemberRole.ADMIN), (new, MemberRole.OWNER)):  # in this order: member_one_owner
        member.role = role
        member.save(update_fields=["role", "updated_at"])
        _tell(member)
    server.owner = user
    server.save(update_fields=["owner", "updated_at"])
    return server


@transaction.atomic
def member_kick(*, access: Access, member: Member) -> None:
    access = access_locked(access)
    member = member_current(member)
    require_outranks(access, member)
    _remove(member)


@transaction.atomic
def member_leave(*, member: Member) -> None:
    server_locked(member.server_id)
    member = member_current(member)
    if member.role == MemberRole.OWNER:
        raise OwnerStays
    _remove(member)


@transaction.atomic
def member_ban(*, access: Access, member: Member, reason: str | None = None) -> Ban:
    """Removes the member and keeps him out: invites and being added are refused until the ban is lifted."""
    access = access_locked(access)
    member = member_current(member)
    require_outranks(access, member)
    ban, _ = Ban.objects.get_or_create(
        server=access.server, user=member.user, defaults={"reason": reason or None, "banned_by": access.member.user}
    )
    _remove(member)
    return ban


@transaction.atomic
def ban_lift(*, ban: Ban) -> None:
    gone, _ = Ban.objects.filter(pk=ban.pk).delete()
    if not gone:
        raise BanNotFound


def memberships_settle(user: User) -> None:
    """Before an account goes: whoever is changing one of its memberships finishes first, and nobody begins."""
    list(Member.objects.select_for_update().filter(user=user).order_by("pk"))


def member_current(member: Member) -> Member:
    """The row as it is behind the server's lock, with user and roles; held too, since a deleted account takes its rows along."""
    rows = Member.objects.select_for_update(of=("self",)).select_related("user").prefetch_related("roles")
    current = rows.filter(pk=member.pk).first()
    if current is None:
        raise MemberNotFound
    return current


def _require_appoints(access: Access, role: str) -> None:
    bits, position = presets_of([access.server.pk])[access.server.pk][role]
    if not may_appoint(access.standing, Rank[role.upper()], position, bits):
        raise TooHigh


def _remove(member: Member) -> None:
    server_id, user_id = member.server_id, member.user_id
    member.delete()
    publish_on_commit(AccessChanged(user_id=user_id, server_id=server_id))


def _tell(member: Member) -> None:
    publish_on_commit(AccessChanged(user_id=member.user_id, server_id=member.server_id))
