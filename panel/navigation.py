"""The bar at the side: what there is for whom."""

from typing import Any

from django.urls import reverse

from accounts.models import GlobalRole
from moderation.models import QUEUE
from moderation.selectors import report_search
from panel.access import may
from panel.request import PanelRequest
from panel.words import said


def sidebar(request: PanelRequest) -> list[dict[str, Any]]:
    items = [
        _item(said("Overview", "Обзор"), "monitoring", "admin:index"),
        _item(said("Reports", "Жалобы"), "flag", "admin:moderation_report_changelist", **_waiting(request)),
        _item(said("Live rooms", "Комнаты сейчас"), "graphic_eq", "admin:rooms"),
        _item(said("Users", "Пользователи"), "group", "admin:accounts_user_changelist"),
        _item(said("Servers", "Серверы"), "dns", "admin:servers_server_changelist"),
    ]
    if may(request.user, GlobalRole.ADMIN):
        items.append(_item(said("Audit log", "Журнал аудита"), "history", "admin:audit_auditentry_changelist"))
    return [{"title": said("Moderation", "Модерация"), "items": items}]


def account(request: PanelRequest) -> list[dict[str, Any]]:
    return [{"title": said("To the page", "На главную"), "link": "/"}]


def _waiting(request: PanelRequest) -> dict[str, str]:
    """How many reports wait for whoever looks; no badge if none do."""
    count = report_search(request.user, status="").filter(status__in=QUEUE).order_by().count()
    return {"badge": str(count)} if count else {}


def _item(title: Any, icon: str, view: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse(view), **more}
