"""Reads of servers. Lists cost a fixed number of queries, whatever their length."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from projectvoice.kernel.pagination import MAX_LIMIT, Page
from servers.access import Presets, presets_of
from servers.errors import InviteExpired, InviteNotFound, InviteUsedUp, ServerBlocked, ServerNotFound
from servers.models import Ban, Channel, Invite, Member, Role, Server


def server_list(user: User) -> list[Server]:
    """Servers the user is in, blocked ones left out, each with channels, roles and its first members."""
    return _complete(Server.objects.filter(members__user=user, is_blocked=False).order_by("id")[:200])


def server_complete(server_id: int) -> Server:
    server = next(iter(_complete(Server.objects.filter(pk=server_id))), None)
    if server is None:
        raise ServerNotFound
    return server


def _complete(servers: QuerySet[Server]) -> list[Any]:
    counted = Member.objects.filter(server=OuterRef("pk")).order_by().values("server").annotate(n=Count("pk")).values("n")
    members = Member.objects.select_related("user").prefetch_related("roles").order_by("id")[:MAX_LIMIT]
    found: list[Any] = list(
        servers.annotate(member_count=Coalesce(Subquery(counted), 0)).prefetch_related(
            "channels", "roles", Prefetch("members", members, to_attr="first_members")
        )
    )
    for server in found:
        presets: Presets = {role.preset: (role.permissions, role.position) for role in server.roles.all() if role.preset}
        for member in server.first_members:
            member.presets = presets
    return found


def channel_list(server: Server) -> QuerySet[Channel]:
    return server.channels.all()


def role_list(server: Server) -> QuerySet[Role]:
    return server.roles.all()


def member_page(server: Server, page: Page | None) -> list[Member]:
    """All members the caller asks for, in the order of their joining; without a page the first thousand."""
    members = server.members.select_related("user").prefetch_related("roles").order_by("id")
    return with_presets(list(members[page.rows if page else slice(0, 1000)]))


def with_presets(members: Sequence[Member]) -> list[Member]:
    """Members ready for MemberOutput, with the rights their member roles carry."""
    presets = presets_of(list({member.server_id for member in members}))
    for member in members:
        member.presets = presets[member.server_id]  # type: ignore[attr-defined]  # read by MemberOutput
    return list(members)


def ban_list(server: Server) -> QuerySet[Ban]:
    return server.bans.select_related("user").order_by("-banned_at")[:1000]


def invite_list(server: Server) -> QuerySet[Invite]:
    return server.invites.order_by("id")


def invite_usable(token: UUID) -> Invite:
    """What the public page of an invite shows."""
    invite = Invite.objects.select_related("server").filter(token=token).first()
    if invite is None:
        raise InviteNotFound
    if invite.server.is_blocked:
        raise ServerBlocked  # without the reason: strangers read this
    if invite.is_expired:
        raise InviteExpired
    if invite.is_used_up:
        raise InviteUsedUp
    return invite
