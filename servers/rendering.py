"""Objects of servers for events, by their ids: as REST shows them to everybody who may hear of them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count

from events.rendering import of_subject, renders
from servers.models import Category, Invite, Role, Server
from servers.rows import Row, channel_rows_of, member_rows_of
from servers.serializers import CategoryOutput, InviteOutput, RoleOutput, ServerHeadOutput


def register() -> None:
    renders(of_subject("server", servers_shown), "server-updated", "server-joined")
    renders(of_subject("channel", channels_shown), "channel-created", "channel-updated")
    renders(of_subject("category", categories_shown), "category-created", "category-updated")
    renders(of_subject("role", roles_shown), "role-created", "role-updated")
    renders(of_subject("member", members_shown), "member-joined", "member-updated")
    renders(of_subject("invite", invites_shown), "invite-created")


def servers_shown(ids: list[int]) -> Mapping[int, Any]:
    """Without what is in them: that depends on who looks."""
    servers = Server.objects.filter(pk__in=ids).annotate(member_count=Count("members"))
    return _by_id(ServerHeadOutput(servers, many=True).data)


def channels_shown(ids: list[int]) -> Mapping[int, Row]:
    return _by_id(channel_rows_of(ids))


def categories_shown(ids: list[int]) -> Mapping[int, Any]:
    return _by_id(CategoryOutput(Category.objects.filter(pk__in=ids), many=True).data)


def roles_shown(ids: list[int]) -> Mapping[int, Any]:
    return _by_id(RoleOutput(Role.objects.filter(pk__in=ids), many=True).data)


def members_shown(ids: list[int]) -> Mapping[int, Row]:
    return _by_id(member_rows_of(ids))


def invites_shown(ids: list[int]) -> Mapping[int, Any]:
    return _by_id(InviteOutput(Invite.objects.filter(pk__in=ids), many=True).data)


def _by_id(rows: Any) -> dict[int, Any]:
    return {row["id"]: row for row in rows}
