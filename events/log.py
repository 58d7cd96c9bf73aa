"""Reads of the log, and what leaves it."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models.functions import Greatest

from events.models import Event, Log
from projectvoice.kernel.sql import fetch, fetch_row

PRUNED_AT_ONCE = 10_000
RESTART = 1_000_000


class Entry(NamedTuple):
    seq: int
    kind: str
    server_id: int | None
    channel_id: int | None
    user_id: int | None
    at: datetime
    payload: str
    """A JSON object."""


class Span(NamedTuple):
    """Who has read up to `floor` or more, and no more than `head`, has missed only what is still kept."""

    floor: int
    head: int


TAIL = """
    SELECT id, kind, server_id, channel_id, user_id, at, payload FROM events_event WHERE id > %s ORDER BY id LIMIT {most}
"""
# A part per way to hear of something: each has its index, in the order in which it is wanted.
PART = """
    (SELECT id, kind, server_id, channel_id, user_id, at, payload FROM events_event
    WHERE {concerned} AND id > %(after)s AND id <= %(upto)s AND kind NOT IN ('access', 'gone') ORDER BY id LIMIT {most})
"""
CONCERNED = (
    "server_id = ANY(%(servers)s) AND user_id IS NULL",
    "channel_id = ANY(%(conversations)s) AND server_id IS NULL AND user_id IS NULL",
    "user_id = %(user)s",
)
ENDS = "SELECT coalesce(max(floor), 0), coalesce((SELECT max(id) FROM events_event), 0) FROM events_log"


def tail(after: int, most: int) -> list[Entry]:
    """What follows, whoever it concerns."""
    return [Entry(*row) for row in fetch(TAIL.format(most=int(most)), after)]


def missed(
    *, after: int, upto: int, servers: Collection[int], conversations: Collection[int], user_id: int, most: int
) -> list[Entry]:
    """What may concern this user; whether he may see an event's channel is for the caller to ask. Fewer than `most`: that is all."""
    parts = (PART.format(concerned=concerned, most=int(most)) for concerned in CONCERNED)
    query = f"{' UNION ALL '.join(parts)} ORDER BY id LIMIT {int(most)}"
    named = {"servers": list(servers), "conversations": list(conversations), "user": user_id, "after": after, "upto": upto}
    return [Entry(*row) for row in fetch(query, **named)]


def span() -> Span:
    floor, newest = fetch_row(ENDS) or (0, 0)
    return Span(floor, max(floor, newest))


@transaction.atomic
def prune(before: datetime) -> int:
    """Some of what is older leaves the log; how many events. Again, until it is none."""
    old = Event.objects.filter(at__lt=before).order_by("at")[:PRUNED_AT_ONCE]
    ids = list(old.values_list("id", flat=True))
    if ids:
        _raise_floor(max(ids))
        Event.objects.filter(pk__in=ids).delete()
    return len(ids)


@transaction.atomic
def restart() -> None:
    """After a restore: whatever somebody has read of the log as it was before, he is told to load anew."""
    head = span().head + RESTART
    _raise_floor(head)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('events_event', 'id'), %s)", [head])


def _raise_floor(to: int) -> None:
    """Makes the row if `flush` has taken it."""
    if not Log.objects.update(floor=Greatest("floor", to)):
        Log.objects.create(floor=to)
