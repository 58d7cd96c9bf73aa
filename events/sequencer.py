"""Takes committed announcements into the log. Any process may do it at any time: a lock makes it one at a time.

An event that depends on another is announced after that one was committed, so it has the greater id in the outbox, and
the greater sequence in the log.
"""

from collections.abc import Sequence

from django.db import connection, transaction
from orjson import dumps

from events.models import Announcement, Event
from events.rendering import Payload, rendered
from events.words import ABOUT, KINDS

LOCK = 0x70766C6F67  # "pvlog"
AT_ONCE = 500


@transaction.atomic
def drain(most: int = AT_ONCE) -> int:
    """How many were taken; fewer than `most`: no more are there. Waits for whoever is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    announcements = list(Announcement.objects.order_by("id")[:most])
    if announcements:
        payloads = rendered(announcements)
        _forget(announcements)
        Event.objects.bulk_create(_event(one, payloads[one.pk]) for one in announcements if one.pk in payloads)
        Announcement.objects.filter(pk__in=[one.pk for one in announcements]).delete()
    return len(announcements)


def _event(one: Announcement, payload: Payload) -> Event:
    return Event(
        kind=one.kind,
        server_id=one.server_id,
        channel_id=one.channel_id,
        user_id=one.user_id,
        subject_id=one.subject_id,
        actor_id=one.actor_id,
        at=one.at,
        payload=dumps(payload).decode(),
    )


def _forget(announcements: Sequence[Announcement]) -> None:
    """What is deleted is not told again to whoever comes back."""
    for one in announcements:
        kind = KINDS[one.kind]
        if kind.ends and kind.about:
            payload = one.payload or {}
            subjects = payload.get("messageIds") or [one.subject_id]
            Event.objects.filter(subject_id__in=subjects, kind__in=ABOUT[kind.about]).delete()
        elif one.kind == "gone":
            scope = {"server_id": one.server_id} if one.channel_id is None else {"channel_id": one.channel_id}
            Event.objects.filter(**scope).exclude(kind="access").delete()
