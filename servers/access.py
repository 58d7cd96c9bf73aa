"""The only doors to a server and what is in it. REST, sockets and commands all enter here.

Each condition stands on a line of its own. Order: exists (404), member (403), not blocked (403), permitted (403).
"""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from accounts.models import User
from projectvoice.kernel.errors import DomainError
from projectvoice.kernel.serializers import iso
from servers.errors import (
    BanNotFound,
    CategoryNotFound,
    ChannelNotFound,
    InviteNotFound,
    MayNotEnter,
    MemberNotFound,
    MissingPermission,
    NotAMember,
    NotAVoiceChannel,
    OwnerOnly,
    RoleNotFound,
    ServerBlocked,
    ServerNotFound,
    TimedOut,
    TooHigh,
)
from servers.models import Ban, Category, Channel, ChannelType, Invite, Member, Role, Server
from servers.permissions import (
    NOTHING,
    Layer,
    Permission,
    Rank,
    Rule,
    Situation,
    Standing,
    explain,
    may,
    may_handle_role,
    outranks,
    resolve,
)
from servers.situations import Place, place_in_channel, place_on_server, places_in_channels, standing_of

SHORT_CHAIN = 3


class Access(NamedTuple):
    """A door that opened: the server, the caller's membership, where he stands there, and what was asked of him.

    Behind the door of a channel `situation` and `standing` are those of that channel.
    """

    server: Server
    member: Member
    situation: Situation
    standing: Standing
    channel: Channel | None = None
    need: Permission = NOTHING
    or_rank: Rank | None = None
    reason: str | None = None  # why the caller says he does it; kept in the audit log


def access_server(
    user: User, server_id: int, *, need: Permission = NOTHING, or_rank: Rank | None = None, reading: bool = False
) -> Access:
    """`reading` lets global moderators and admins look into a blocked server of theirs."""
    place = place_on_server(user.pk, server_id)
    if place is None:
        raise ServerNotFound
    return require(_enter(user, place, reading), need, or_rank)


def access_channel(
    user: User,
    channel_id: int,
    *,
    server_id: int | None = None,
    need: Permission = NOTHING,
    or_rank: Rank | None = None,
    reading: bool = False,
) -> tuple[Channel, Access]:
    """A channel by its id; with `server_id` it must be a channel of that server. To see it is always needed."""
    place = place_in_channel(user.pk, channel_id)
    if place is None or place.channel is None or server_id not in {None, place.server.pk}:
        if server_id is not None:
            access_server(user, server_id, reading=reading)  # what is wrong with the server comes first
        raise ChannelNotFound
    return place.channel, _enter_channel(user, place, need, or_rank, reading)


def access_channels(asked: Collection[tuple[User, int]], *, need: Permission) -> dict[tuple[int, int], Access | DomainError]:
    """Many doors of `access_channel` at once, for the price of one: by the ids of user and channel, who passed or why not."""
    places = places_in_channels([(user.pk, channel_id) for user, channel_id in asked])
    answers: dict[tuple[int, int], Access | DomainError] = {}
    for user, channel_id in asked:
        place = places.get((user.pk, channel_id))
        try:
            if place is None:
                raise ChannelNotFound
            answers[user.pk, channel_id] = _enter_channel(user, place, need)
        except DomainError as refused:
            answers[user.pk, channel_id] = refused
    return answers


def _enter_channel(user: User, place: Place, need: Permission, or_rank: Rank | None = None, reading: bool = False) -> Access:
    access = require(_enter(user, place, reading), Permission.VIEW_CHANNEL)
    return require(access, need, or_rank)


def _enter(user: User, place: Place, reading: bool) -> Access:
    access = _opened(user, place)
    if place.server.is_blocked and not (reading and user.is_global_staff):
        raise server_blocked(place.server)
    return access


def _opened(user: User, place: Place) -> Access:
    if place.member is None or place.situation is None:
        raise NotAMember
    place.member.user = user
    return Access(place.server, place.member, place.situation, resolve(place.situation), place.channel)


def require(access: Access, need: Permission, or_rank: Rank | None = None) -> Access:
    if not may(access.standing, need, or_rank):
        raise missing(access, need)
    return access._replace(need=need, or_rank=or_rank)


def require_any(access: Access, needs: Iterable[Permission]) -> None:
    """At least one of them; which one it must be is known once the body is read."""
    needs = list(needs)
    if not any(may(access.standing, need) for need in needs):
        raise missing(access, needs[0])


def missing(access: Access, need: Permission) -> MissingPermission:
    """Names the first permission that is lacking, and the last of the rules that decided so."""
    lacking = next(bit for bit in Permission if bit & need and not bit & access.standing.permissions)
    chain = [step_of(layer, lacking) for layer in explain(access.situation, lacking)]
    error = TimedOut if chain and chain[-1]["rule"] == Rule.TIMEOUT else MissingPermission
    return error(details={"permission": lacking.name, "chain": chain[-SHORT_CHAIN:]})


def step_of(layer: Layer, permission: Permission) -> dict[str, Any]:
    """A rule that has a say about this permission, for people who wonder why."""
    return {
        "rule": layer.rule,
        "effect": "allow" if layer.allow & permission else "deny",
        "role": layer.role and {"id": layer.role.id, "name": layer.role.name},
    }


def require_owner(access: Access) -> None:
    if access.standing.rank is not Rank.OWNER:
        raise OwnerOnly


def access_member(access: Access, member_id: int) -> Member:
    """A member of that server, for reading."""
    member = Member.objects.select_related("server", "user").filter(pk=member_id, server=access.server).first()
    if member is None:
        raise MemberNotFound
    return member


def access_role(access: Access, role_id: int) -> Role:
    """A role of that server."""
    role = Role.objects.filter(pk=role_id, server=access.server).first()
    if role is None:
        raise RoleNotFound
    return role


def access_category(access: Access, category_id: int) -> Category:
    """A category of that server."""
    category = Category.objects.filter(pk=category_id, server=access.server).first()
    if category is None:
        raise CategoryNotFound
    return category


def access_to_move(access: Access, channel_id: int | None) -> Access:
    """To move members there, into the voice channel that the caller himself may enter; None is out of the server's calls.

    Which channel somebody sits in only the calls know: to put him out is asked of the server as a whole.
    """
    if channel_id is None:
        return require(access, Permission.MOVE_MEMBERS)
    need = Permission.CONNECT | Permission.MOVE_MEMBERS
    return access_channel(access.member.user, channel_id, server_id=access.server.pk, need=need)[1]


def access_invite(
    user: User, invite_id: int, *, need: Permission = NOTHING, or_rank: Rank | None = None
) -> tuple[Invite, Access]:
    invite = Invite.objects.filter(pk=invite_id).first()
    if invite is None:
        raise InviteNotFound
    return invite, access_server(user, invite.server_id, need=need, or_rank=or_rank)


def access_explain(access: Access, *, member_id: int | None, channel_id: int | None) -> Access:
    """Where a member stands, oneself by default: to be explained, so in a channel that he does not see as well."""
    member = access.member if member_id is None else access_member(access, member_id)
    channel = None if channel_id is None else Channel.objects.filter(pk=channel_id, server=access.server).first()
    if channel_id is not None and channel is None:
        raise ChannelNotFound
    if member != access.member:
        require(access, Permission.MANAGE_ROLES)
    user = member.user
    place = place_on_server(user.pk, access.server.pk) if channel is None else place_in_channel(user.pk, channel.pk)
    if place is None:
        raise MemberNotFound
    return _opened(user, place)


def access_ban(access: Access, user_id: int) -> Ban:
    ban = Ban.in_force().select_related("user").filter(server=access.server, user_id=user_id).first()
    if ban is None:
        raise BanNotFound
    return ban


def require_outranks(access: Access, target: Member, *, or_self: bool = False) -> None:
    """`or_self` where the permission itself settles what one may do to oneself."""
    if or_self and target.pk == access.member.pk:
        return
    if not outranks(access.standing, standing_of(target)):
        raise TooHigh


def require_admits(channel: Channel, member: Member) -> None:
    """He could enter by himself, but for the number of seats."""
    try:
        access_channel(member.user, channel.pk, need=Permission.CONNECT)
    except MissingPermission as refused:
        raise MayNotEnter(details=refused.extra["details"]) from refused
    if channel.type != ChannelType.VOICE:
        raise NotAVoiceChannel


def require_handles(access: Access, role: Role, bits: int | None = None) -> None:
    """`bits` are those that change; without them all of the role's."""
    if not may_handle_role(access.standing, role.position, role.permissions if bits is None else bits):
        raise TooHigh


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
