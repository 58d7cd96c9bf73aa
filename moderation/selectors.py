"""Reads of the admin panel and of reports. Each list costs two queries, whatever its length."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from accounts.errors import UserNotFound
from accounts.models import GlobalRole, User
from messaging.models import Message, Tally
from moderation.models import QUEUE, Report, ReportStatus
from servers.errors import ServerNotFound
from servers.models import Channel, ChannelType, Member, Server
from turn.models import RelayUsage
from turn.words import Usage

ACTIVE, BLOCKED = "active", "blocked"


def user_rows() -> QuerySet[User]:
    return User.objects.select_related("blocked_by").annotate(server_count=_count_of(Member, "user"))


def user_row(user_id: int) -> User:
    user = user_rows().filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    return user


def user_search(*, search: str, role: str, status: str) -> QuerySet[User]:
    """Newest first; an empty text does not filter."""
    users = user_rows().order_by("-id")
    if search:
        users = users.filter(Q(username__icontains=search) | Q(email__icontains=search))
    if role:
        users = users.filter(role=role)
    if status:
        users = users.filter(is_active=status == ACTIVE)
    return users


def server_rows() -> QuerySet[Server]:
    servers = Server.objects.select_related("owner", "blocked_by")
    return servers.annotate(member_count=_count_of(Member, "server"), channel_count=_count_of(Channel, "server"))


def server_row(server_id: int) -> Server:
    server = server_rows().filter(pk=server_id).first()
    if server is None:
        raise ServerNotFound
    return server


def server_search(*, search: str, status: str) -> QuerySet[Server]:
    servers = server_rows().order_by("-id")
    if search:
        servers = servers.filter(name__icontains=search)
    if status:
        servers = servers.filter(is_blocked=status == BLOCKED)
    return servers


def stats() -> dict[str, Any]:
    """Seed 002's figures, in one query per table."""
    by_role = {role.value: Count("pk", filter=Q(role=role)) for role in GlobalRole}
    users = User.objects.aggregate(total=Count("pk"), active=Count("pk", filter=Q(is_active=True)), **by_role)
    has_channels = Exists(Channel.objects.filter(server=OuterRef("pk")))
    servers = Server.objects.annotate(has_channels=has_channels).aggregate(
        total=Count("pk"),
        blocked=Count("pk", filter=Q(is_blocked=True)),
        with_channels=Count("pk", filter=Q(has_channels=True)),
    )
    of_type = {type.value: Count("pk", filter=Q(type=type)) for type in ChannelType}
    return {
        "users": {
            "total": users["total"],
            "active": users["active"],
            "blocked": users["total"] - users["active"],
            "by_role": {role: users[role] for role in by_role},
        },
        "servers": {
            "total": servers["total"],
            "active": servers["total"] - servers["blocked"],
            "blocked": servers["blocked"],
            "with_channels": servers["with_channels"],
        },
        "channels": Channel.objects.filter(server__isnull=False).aggregate(total=Count("pk"), **of_type),
        "messages": {"total": Tally.objects.aggregate(total=Coalesce(Sum("total"), 0))["total"], "today": messages_today()},
    }


def messages_today() -> int:
    """Since midnight UTC."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return Message.objects.filter(pk__gte=first_since(Message, midnight), created_at__gte=midnight).count()


def made_per_day(model: type[Model], since: datetime) -> dict[date, int]:
    """How many of the rows there are were made on which day (UTC); nothing older is looked at."""
    rows = model._default_manager.filter(pk__gte=first_since(model, since), created_at__gte=since).order_by()
    days = rows.annotate(day=TruncDate("created_at", tzinfo=UTC)).values("day")
    return dict(days.annotate(total=Count("pk")).values_list("day", "total"))


def first_since(model: type[Model], moment: datetime) -> int:
    """The id of the first row made then or later. Ids grow with time, so their index finds it by some twenty looks."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE search (low, high) AS (
                SELECT coalesce(min(id), 0), coalesce(max(id), -1) + 1 FROM {model._meta.db_table}
                UNION ALL
                SELECT CASE WHEN created_at < %(moment)s THEN id + 1 ELSE low END,
                       CASE WHEN created_at < %(moment)s THEN high ELSE middle END
                FROM (SELECT low, high, (low + high) / 2 AS middle FROM search WHERE low < high) AS step,
                LATERAL (SELECT id, created_at FROM {model._meta.db_table} WHERE id >= middle ORDER BY id LIMIT 1) AS first
            )
            SELECT max(low) FROM search
            """,
            {"moment": moment},
        )
        (first,) = cursor.fetchone() or (0,)
    return int(first)


def relay_usage(days: int) -> tuple[QuerySet[RelayUsage, dict[str, Any]], dict[str, int], date]:
    """What the relay carried in these days, today the last of them: for each user, most first; in all; and the first day."""
    since = datetime.now(UTC).date() - timedelta(days=days - 1)
    usage, sums = RelayUsage.objects.filter(day__gte=since), {name: Sum(name) for name in Usage._fields}
    totals = usage.aggregate(users=Count("user", distinct=True), **{name: Coalesce(each, 0) for name, each in sums.items()})
    by_user = usage.values("user_id", "user__username").annotate(**sums)
    return by_user.order_by(-(F("bytes_up") + F("bytes_down")), "user_id"), totals, since


def relay_per_day(since: date) -> dict[date, int]:
    """Bytes both ways, of all users."""
    days = RelayUsage.objects.filter(day__gte=since).order_by().values("day")
    return dict(days.annotate(total=Sum(F("bytes_up") + F("bytes_down"))).values_list("day", "total"))


def report_rows() -> QuerySet[Report]:
    return Report.objects.select_related("reporter", "accused", "decided_by").order_by("-pk")


def reports_by(user: User) -> QuerySet[Report]:
    return report_rows().defer("evidence").filter(reporter=user)


def report_search(reader: User, *, status: str) -> QuerySet[Report]:
    """What waits comes oldest first, all else newest first. Without those about the reader."""
    reports = report_rows().defer("evidence").exclude(accused=reader)
    if status:
        reports = reports.filter(status=status)
    return reports.order_by("pk") if status in QUEUE else reports


def reports_against(user: User) -> QuerySet[Report]:
    """Those that led to something, and how an appeal ended."""
    return report_rows().filter(Q(status=ReportStatus.ACTIONED) | Q(appealed_at__isnull=False), accused=user)


def _count_of(model: type[Model], field: str) -> Coalesce:
    counted = model._default_manager.filter(**{field: OuterRef("pk")}).order_by().values(field)
    return Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n")), 0)
