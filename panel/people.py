"""Users: to look up and to act upon as `/api/admin/users` does."""

from typing import Any

from django.db.models import Q, QuerySet
from unfold.decorators import display

from accounts.models import User
from moderation.selectors import ACTIVE, user_row, user_rows
from moderation.services.acts import (
    admin_user_block,
    admin_user_delete,
    admin_user_sign_out,
    admin_user_unblock,
    admin_user_update,
)
from panel.acts import Act, ActForm, Reason, choice
from panel.request import PanelRequest
from panel.shown import Choices, Shown, moment
from panel.words import ROLES, STANDING, said


class RoleForm(ActForm):
    role = choice(said("Role on this instance", "Роль на этой установке"), ROLES)

    def suit(self, row: User, user: User) -> None:
        self.fields["role"].initial = row.role


def _appoint(*, by: User, row: User, role: str) -> None:
    admin_user_update(by=by, user=row, role=role)


def _block(*, by: User, row: User, reason: str) -> None:
    admin_user_block(by=by, user=row, reason=reason)


def _unblock(*, by: User, row: User) -> None:
    admin_user_unblock(by=by, user=row)


def _sign_out(*, by: User, row: User, reason: str) -> None:
    admin_user_sign_out(by=by, user=row, reason=reason)


def _delete(*, by: User, row: User) -> None:
    admin_user_delete(by=by, user=row)


def _other(row: User, user: User) -> bool:
    return row.pk != user.pk


ACTS = (
    Act(
        "block",
        said("Block", "Заблокировать"),
        said(
            "Calls end, sessions answer with the reason, and nobody signs in until the block is lifted.",
            "Звонки прервутся, сеансы ответят причиной, и войти нельзя будет, пока блокировку не снимут.",
        ),
        said("User blocked", "Пользователь заблокирован"),
        _block,
        form=Reason,
        icon="block",
        variant="danger",
        offered=lambda row, user: row.is_active and _other(row, user),
    ),
    Act(
        "unblock",
        said("Unblock", "Разблокировать"),
        said("The account is as it was before.", "Аккаунт станет таким, каким был."),
        said("User unblocked", "Пользователь разблокирован"),
        _unblock,
        icon="lock_open",
        variant="primary",
        offered=lambda row, user: not row.is_active and _other(row, user),
    ),
    Act(
        "role",
        said("Role", "Роль"),
        said(
            "Moderators read and handle reports; administrators change everything.",
            "Модераторы читают и разбирают жалобы; администраторы меняют всё.",
        ),
        said("User updated", "Пользователь обновлён"),
        _appoint,
        form=RoleForm,
        icon="shield_person",
        offered=_other,
    ),
    Act(
        "sign-out",
        said("Sign out everywhere", "Завершить все сеансы"),
        said("All sessions end; he may sign in again.", "Все сеансы завершатся; войти можно будет снова."),
        said("Signed out everywhere", "Все сеансы завершены"),
        _sign_out,
        form=Reason,
        icon="logout",
        offered=_other,
    ),
    Act(
        "delete",
        said("Delete", "Удалить"),
        said(
            "The account goes for good, with servers that nobody else is in. Messages stay, without an author.",
            "Аккаунт исчезнет навсегда, вместе с серверами, где больше никого нет. Сообщения останутся без автора.",
        ),
        said("User deleted", "Пользователь удалён"),
        _delete,
        icon="delete",
        variant="danger",
        offered=_other,
        ends=True,
    ),
)


class RoleFilter(Choices):
    title, parameter_name, words = said("role", "роль"), "role", ROLES

    def kept(self, rows: QuerySet[Any], word: str) -> QuerySet[Any]:
        return rows.filter(role=word)


class StandingFilter(Choices):
    title, parameter_name, words = said("status", "состояние"), "status", STANDING

    def kept(self, rows: QuerySet[Any], word: str) -> QuerySet[Any]:
        return rows.filter(is_active=word == ACTIVE)


class UserAdmin(Shown):
    many = said("Users", "Пользователи")
    acts = ACTS
    search_fields = ("username", "email")
    search_help_text = said("Name or e-mail", "Имя или e-mail")
    list_display = ("name", "address", "shown_role", "standing", "servers", "since")
    list_filter = (RoleFilter, StandingFilter)
    ordering = ("-id",)
    fields = ("name", "number", "address", "role_in_words", "standing_in_words", "servers", "since", "blocked", "shown_bio")
    readonly_fields = fields

    def get_queryset(self, request: PanelRequest) -> QuerySet[User]:
        return user_rows()

    def row_of(self, request: PanelRequest, row_id: int) -> User:
        return user_row(row_id)

    def found(self, rows: QuerySet[Any], search: str) -> QuerySet[Any]:
        return rows.filter(Q(username__icontains=search) | Q(email__icontains=search))

    @display(description=said("Name", "Имя"))
    def name(self, user: User) -> str:
        return f"{user.username} {user.tag}"

    @display(description="Id")
    def number(self, user: User) -> int:
        return user.pk

    @display(description="E-mail")
    def address(self, user: User) -> str:
        return user.email

    @display(description=said("Role", "Роль"), label={"user": "default", "moderator": "info", "admin": "primary"})
    def shown_role(self, user: User) -> tuple[str, str]:
        return user.role, str(ROLES[user.role])

    @display(description=said("Status", "Состояние"), label={"active": "success", "blocked": "danger"})
    def standing(self, user: User) -> tuple[str, str]:
        standing = "active" if user.is_active else "blocked"
        return standing, str(STANDING[standing])

    @display(description=said("Servers", "Серверы"))
    def servers(self, user: Any) -> int:
        return int(user.server_count)

    @display(description=said("Role", "Роль"))
    def role_in_words(self, user: User) -> str:
        return str(ROLES[user.role])

    @display(description=said("Status", "Состояние"))
    def standing_in_words(self, user: User) -> str:
        return self.standing(user)[1]

    @display(description=said("Since (UTC)", "Зарегистрирован (UTC)"), ordering="id")
    def since(self, user: User) -> str:
        return moment(user.created_at)

    @display(description=said("Blocked", "Блокировка"))
    def blocked(self, user: User) -> str:
        return blocked(user)

    @display(description=said("About", "О себе"))
    def shown_bio(self, user: User) -> str:
        return user.bio or ""


def blocked(row: Any) -> str:
    """By whom, when and why; of users and servers."""
    if row.blocked_at is None:
        return ""
    by = row.blocked_by.username if row.blocked_by else said("by the operator", "оператором")
    return f"{moment(row.blocked_at)} UTC, {by}: {row.block_reason or '—'}"
