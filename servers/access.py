"""The only doors to a server and what is in it. REST, sockets and commands all enter here.

Each condition stands on a line of its own. Order: exists (404), member (403), not blocked (403), permitted (403).
"""

from collections.abc import Iterable
from typing import NamedTuple

from accounts.models import User
from projectvoice.kernel.serializers import iso
from servers.errors import (
    BanNotFound,
    ChannelNotFound,
    InviteNotFound,
    MemberNotFound,
    MissingPermission,
    NotAMember,
    OwnerOnly,
    RoleNotFound,
    ServerBlocked,
    ServerNotFound,
    TooHigh,
)
from servers.models import Ban, Channel, Invite, Member, Role, Server
from servers.permissions import EVERYONE, NOTHING, Permission, Rank, Standing, effective, may, may_handle_role, outranks

Presets = dict[str, tuple[int, int]]  # preset → (permissions, position)


class Access(NamedTuple):
    """A door that opened: the server, the caller's membership, where he stands, and what was asked of him."""

    server: Server
    member: Member
    standing: Standing
    need: Permission = NOTHING
    or_rank: Rank | None = None


def access_server(
    user: User, server_id: int, *, need: Permission = NOTHING, or_rank: Rank | None = None, reading: bool = False
) -> Access:
    """`reading` lets global moderators and admins look into a blocked server of theirs."""
    mine = Member.objects.filter(server_id=server_id, user=user)
    member = mine.select_related("user", "server__blocked_by").prefetch_related("roles").first()
    if member is None and not Server.objects.filter(pk=server_id).exists():
        raise ServerNotFound
    if member is None:
        raise NotAMember
    server = member.server
    if server.is_blocked and not (reading and user.is_global_staff):
        raise server_blocked(server)
    return require(Access(server, member, standing_of(member)), need, or_rank)


def require(access: Access, need: Permission, or_rank: Rank | None = None) -> Access:
    if not may(access.standing, need, or_rank):
        raise MissingPermission(permission=need.name)
    return access._replace(need=need, or_rank=or_rank)


def require_any(access: Access, needs: Iterable[Permission]) -> None:
    """At least one of them; which one it must be is known once the body is read."""
    needs = list(needs)
    if not any(may(access.standing, need) for need in needs):
        raise MissingPermission(permission=needs[0].name)


def require_owner(access: Access) -> None:
    if access.standing.rank is not Rank.OWNER:
        raise OwnerOnly


def access_channel(
    user: User,
    channel_id: int,
    *,
    server_id: int | None = None,
    need: Permission = Permission.VIEW_CHANNEL,
    or_rank: Rank | None = None,
    reading: bool = False,
) -> tuple[Channel, Access]:
    """A channel by its id; with `server_id` it must be a channel of that server."""
    access = None if server_id is None else access_server(user, server_id, reading=reading)
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel is None or server_id not in {None, channel.server_id}:
        raise ChannelNotFound
    access = access or access_server(user, channel.server_id, reading=reading)
    return channel, require(access, need, or_rank)


def access_member(access: Access, member_id: int) -> Member:
    """A member of that server, for reading."""
    member = Member.objects.select_related("user").prefetch_related("roles").filter(pk=member_id, server=access.server).first()
    if member is None:
        raise MemberNotFound
    return member


def access_role(access: Access, role_id: int) -> Role:
    """A role of that server."""
    role = Role.objects.filter(pk=role_id, server=access.server).first()
    if role is None:
        raise RoleNotFound
    return role


def access_invite(user: User, invite_id: int, *, need: Permission = NOTHING, or_rank: Rank | None = None) -> Invite:
    invite = Invite.objects.filter(pk=invite_id).first()
    if invite is None:
        raise InviteNotFound
    access_server(user, invite.server_id, need=need, or_rank=or_rank)
    return invite


def access_ban(access: Access, user_id: int) -> Ban:
    ban = Ban.objects.filter(server=access.server, user_id=user_id).first()
    if ban is None:
        raise BanNotFound
    return ban


def require_outranks(access: Access, target: Member, *, or_self: bool = False) -> None:
    """`or_self` where the permission itself settles what one may do to oneself."""
    if or_self and target.pk == access.member.pk:
        return
    if not outranks(access.standing, standing_of(target)):
        raise TooHigh


def require_handles(access: Access, role: Role, bits: int | None = None) -> None:
    """`bits` are those that change; without them all of the role's."""
    if not may_handle_role(access.standing, role.position, role.permissions if bits is None else bits):
        raise TooHigh


def standing_of(member: Member, presets: Presets | None = None) -> Standing:
    """Where a member stands. `presets` (of `presets_of`) saves the query when a whole list is asked."""
    presets = presets_of([member.server_id])[member.server_id] if presets is None else presets
    if not presets:
        raise ServerNotFound  # deleted since the member was read: every server has its five default roles
    rank = Rank[member.role.upper()]
    preset_bits, preset_position = presets[member.role]
    custom = list(member.roles.all())
    bits = effective(rank=rank, everyone=presets[EVERYONE][0], preset=preset_bits, custom=(role.permissions for role in custom))
    return Standing(rank, max([preset_position, *(role.position for role in custom)]), bits)


def presets_of(server_ids: list[int]) -> dict[int, Presets]:
    rows = Role.objects.filter(server_id__in=server_ids, preset__isnull=False)
    presets: dict[int, Presets] = {server_id: {} for server_id in server_ids}
    for server_id, preset, permissions, position in rows.values_list("server_id", "preset", "permissions", "position"):
        presets[server_id][preset or ""] = permissions, position
    return presets


def server_blocked(server: Server) -> ServerBlocked:
    by = server.blocked_by
    return ServerBlocked(
        server={
            "id": server.pk,
            "name": server.name,
            "isBlocked": True,
            "blockReason": server.block_reason,
            "blockedAt": server.blocked_at and iso(server.blocked_at),
            "blockedBy": by and {"id": by.pk, "username": by.username},
        }
    )
