"""Reads of servers. Lists cost a fixed number of queries, whatever their length."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from projectvoice.kernel.pagination import MAX_LIMIT, Page
from projectvoice.kernel.serializers import iso
from servers.access import Access, step_of
from servers.errors import InviteExpired, InviteNotFound, InviteUsedUp, MemberNotFound, ServerBlocked, ServerNotFound
from servers.models import Ban, Channel, Invite, Member, Overwrite, Role, Server
from servers.permissions import Permission, explain
from servers.rows import (
    CHANNEL_FIELDS,
    Membership,
    Roles,
    Row,
    category_rows,
    channel_row,
    channel_rows,
    member_row,
    member_rows,
    memberships,
    server_rows,
)

MOST_SERVERS = 200
MOST_MEMBERS = 1000  # of a list that was asked for without a page


def server_list(user: User) -> list[Row]:
    """Servers the user is in, blocked ones left out, each with what he sees of it and its first members."""
    return list(server_rows(user.pk, _servers_of(user), MAX_LIMIT))


def server_document(user: User, server_id: int) -> Row:
    server = next(server_rows(user.pk, [server_id], MAX_LIMIT), None)
    if server is None:
        raise ServerNotFound
    return server


def channel_list(access: Access) -> list[Row]:
    """The channels the caller sees."""
    mine = {access.server.pk: Membership(access.member.pk, access.situation)}
    return list(channel_rows([access.server.pk], mine))


def channel_document(channel: Channel) -> Row:
    *values, created_at, updated_at = (getattr(channel, name) for name in CHANNEL_FIELDS)
    return channel_row([*values, iso(created_at), iso(updated_at)])


def category_list(access: Access) -> list[Row]:
    return list(category_rows([access.server.pk]))


def channels_of(user: User, need: Permission) -> list[Row]:
    """The channels of all his servers, blocked ones left out, in which the user holds what is needed."""
    ids = _servers_of(user)
    return list(channel_rows(ids, memberships(user.pk, ids, Roles(ids)), need))


def _servers_of(user: User) -> list[int]:
    mine = Member.objects.filter(user=user, server__is_blocked=False).order_by("server_id")
    return list(mine.values_list("server_id", flat=True)[:MOST_SERVERS])


def overwrite_list(channel: Channel) -> QuerySet[Overwrite]:
    return channel.overwrites.all()


def role_list(server: Server) -> QuerySet[Role]:
    return server.roles.all()


def member_page(server: Server, page: Page | None) -> list[Row]:
    """In the order of their joining; without a page the first thousand."""
    rows = page.rows if page else slice(0, MOST_MEMBERS)
    return member_rows(server.pk, skip=rows.start, most=rows.stop - rows.start)


def member_document(member: Member) -> Row:
    row = member_row(member.server_id, member.pk)
    if row is None:
        raise MemberNotFound
    return row


def explanation(access: Access, permission: Permission) -> dict[str, Any]:
    """Every rule that has a say, in the order in which they apply: the last one decides."""
    return {
        "permission": permission.name,
        "granted": bool(access.standing.permissions & permission),
        "member_id": access.member.pk,
        "channel_id": access.channel and access.channel.pk,
        "chain": [step_of(layer, permission) for layer in explain(access.situation, permission)],
    }


def ban_list(server: Server) -> QuerySet[Ban]:
    return Ban.in_force().filter(server=server).select_related("user").order_by("-banned_at")[:1000]


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
