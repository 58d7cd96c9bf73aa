"""Servers: to look up and to act upon as `/api/admin/servers` does."""

from typing import Any

from django.db.models import QuerySet
from unfold.decorators import display

from accounts.models import User
from moderation.selectors import BLOCKED, server_row, server_rows
from moderation.services.acts import admin_server_block, admin_server_delete, admin_server_unblock
from panel.acts import Act, Reason
from panel.people import blocked
from panel.request import PanelRequest
from panel.shown import Choices, Shown, link_to, moment
from panel.words import STANDING, said
from servers.models import Server


def _block(*, by: User, row: Server, reason: str) -> None:
    admin_server_block(by=by, server=row, reason=reason)


def _unblock(*, by: User, row: Server) -> None:
    admin_server_unblock(by=by, server=row)


def _delete(*, by: User, row: Server) -> None:
    admin_server_delete(by=by, server=row)


ACTS = (
    Act(
        "block",
        said("Block", "Заблокировать"),
        said(
            "Its calls end, and no member enters until the block is lifted.",
            "Звонки прервутся, и никто не войдёт, пока блокировку не снимут.",
        ),
        said("Server blocked", "Сервер заблокирован"),
        _block,
        form=Reason,
        icon="block",
        variant="danger",
        offered=lambda row, user: not row.is_blocked,
    ),
    Act(
        "unblock",
        said("Unblock", "Разблокировать"),
        said("The server is as it was before.", "Сервер станет таким, каким был."),
        said("Server unblocked", "Сервер разблокирован"),
        _unblock,
        icon="lock_open",
        variant="primary",
        offered=lambda row, user: row.is_blocked,
    ),
    Act(
        "delete",
        said("Delete", "Удалить"),
        said("It goes for good, with its channels and messages.", "Сервер исчезнет навсегда, вместе с каналами и сообщениями."),
        said("Server deleted", "Сервер удалён"),
        _delete,
        icon="delete",
        variant="danger",
        ends=True,
    ),
)


class StandingFilter(Choices):
    title, parameter_name, words = said("status", "состояние"), "status", STANDING

    def kept(self, rows: QuerySet[Any], word: str) -> QuerySet[Any]:
        return rows.filter(is_blocked=word == BLOCKED)


class ServerAdmin(Shown):
    many = said("Servers", "Серверы")
    acts = ACTS
    search_fields = ("name",)
    search_help_text = said("Name", "Название")
    list_display = ("title", "owned_by", "standing", "members", "channels", "since")
    list_filter = (StandingFilter,)
    ordering = ("-id",)
    fields = ("title", "number", "about", "owned_by", "standing_in_words", "members", "channels", "since", "blocked")
    readonly_fields = fields

    def get_queryset(self, request: PanelRequest) -> QuerySet[Server]:
        return server_rows()

    def row_of(self, request: PanelRequest, row_id: int) -> Server:
        return server_row(row_id)

    def found(self, rows: QuerySet[Any], search: str) -> QuerySet[Any]:
        return rows.filter(name__icontains=search)

    @display(description=said("Name", "Название"))
    def title(self, server: Server) -> str:
        return server.name

    @display(description="Id")
    def number(self, server: Server) -> int:
        return server.pk

    @display(description=said("Description", "Описание"))
    def about(self, server: Server) -> str:
        return server.description or ""

    @display(description=said("Owner", "Владелец"))
    def owned_by(self, server: Server) -> str:
        return link_to("accounts_user_change", server.owner_id, server.owner.username)

    @display(description=said("Status", "Состояние"), label={"active": "success", "blocked": "danger"})
    def standing(self, server: Server) -> tuple[str, str]:
        standing = "blocked" if server.is_blocked else "active"
        return standing, str(STANDING[standing])

    @display(description=said("Members", "Участники"))
    def members(self, server: Any) -> int:
        return int(server.member_count)

    @display(description=said("Channels", "Каналы"))
    def channels(self, server: Any) -> int:
        return int(server.channel_count)

    @display(description=said("Status", "Состояние"))
    def standing_in_words(self, server: Server) -> str:
        return self.standing(server)[1]

    @display(description=said("Since (UTC)", "Создан (UTC)"), ordering="id")
    def since(self, server: Server) -> str:
        return moment(server.created_at)

    @display(description=said("Blocked", "Блокировка"))
    def blocked(self, server: Server) -> str:
        return blocked(server)
