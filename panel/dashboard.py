"""The overview: figures as `/api/admin/stats` gives them, to whom it gives them, and plots of the last weeks."""

import json
from typing import Any, NamedTuple

from django.utils.formats import date_format, number_format

from accounts.models import GlobalRole
from moderation.models import QUEUE
from moderation.selectors import report_search, stats
from panel.access import may
from panel.plots import DAYS, Plots, plots
from panel.request import PanelRequest
from panel.words import said

MEGABYTE = 1_000_000
BLOCKED, TODAY = said("blocked", "заблокировано"), said("today", "сегодня")
ADMINISTRATORS = said("administrators", "администраторов")


OPTIONS = json.dumps(
    {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "plugins": {"legend": {"display": False}},
        "scales": {
            "x": {"grid": {"display": False}, "ticks": {"maxTicksLimit": 8, "maxRotation": 0, "color": "#9ca3af"}},
            "y": {
                "beginAtZero": True,
                "border": {"display": False},
                "ticks": {"maxTicksLimit": 6, "precision": 0, "color": "#9ca3af"},
            },
        },
    }
)


class Card(NamedTuple):
    title: Any
    value: str
    note: str
    icon: str


class Plot(NamedTuple):
    title: Any
    total: str
    note: Any
    kind: str
    data: str  # for Chart.js
    wide: bool = False


def dashboard(request: PanelRequest) -> dict[str, Any]:
    """Moderators see what `/api/admin` shows them: what waits, and what the relay carries."""
    found, everything = plots(), may(request.user, GlobalRole.ADMIN)
    waiting = report_search(request.user, status="").filter(status__in=QUEUE).order_by("pk")
    return {
        "days": DAYS,
        "cards": _cards() if everything else [],
        "plots": [*_plots_of_all(found), _plot_of_relay(found)] if everything else [_plot_of_relay(found)],
        "waiting": list(waiting[:5]),
        "waiting_total": waiting.count(),
        "options": OPTIONS,
        "crumbs": [(said("Overview", "Обзор"), None)],
    }


def _cards() -> list[Card]:
    figures = stats()
    users, servers, messages = figures["users"], figures["servers"], figures["messages"]
    staff = users["by_role"]["admin"] + users["by_role"]["moderator"]
    return [
        Card(said("Users", "Пользователи"), _number(users["total"]), _counted(BLOCKED, users["blocked"]), "group"),
        Card(said("Staff", "Персонал"), _number(staff), _counted(ADMINISTRATORS, users["by_role"]["admin"]), "shield_person"),
        Card(said("Servers", "Серверы"), _number(servers["total"]), _counted(BLOCKED, servers["blocked"]), "dns"),
        Card(said("Messages", "Сообщения"), _number(messages["total"]), _counted(TODAY, messages["today"]), "chat"),
    ]


def _plots_of_all(found: Plots) -> list[Plot]:
    return [
        _plot(found, said("Messages", "Сообщения"), found.messages, "bar", "primary", wide=True),
        _plot(found, said("New users", "Новые пользователи"), found.users, "bar", "primary"),
        _plot(
            found,
            said("Calls", "Звонки"),
            found.calls,
            "bar",
            "primary",
            note=said("a room that was empty", "комната, что была пуста"),
        ),
        _plot(
            found, said("Errors", "Ошибки"), found.errors, "bar", "red", note=said("in the servers' log", "в журнале серверов")
        ),
    ]


def _plot_of_relay(found: Plots) -> Plot:
    megabytes = [round(carried / MEGABYTE, 1) for carried in found.relayed]
    title = said("Relayed, MB", "Через релей, МБ")
    return _plot(found, title, megabytes, "line", "primary", note=said("both ways", "в обе стороны"), wide=True)


def _plot(found: Plots, title: Any, values: list[Any], kind: str, colour: str, *, note: Any = "", wide: bool = False) -> Plot:
    data = {
        "labels": [date_format(day, "j M") for day in found.days],
        "datasets": [
            {
                "label": str(title),
                "data": values,
                "backgroundColor": f"var(--color-{colour}-500)",
                "borderColor": f"var(--color-{colour}-500)",
                "borderRadius": 3,
                "borderWidth": 2 if kind == "line" else 0,
                "maxBarThickness": 14,
                "pointStyle": False,
            }
        ],
    }
    return Plot(title, _number(sum(values)), note, kind, json.dumps(data), wide)


def _counted(what: Any, value: int) -> str:
    return f"{what}: {_number(value)}"


def _number(value: float) -> str:
    return str(number_format(round(value), force_grouping=True))
