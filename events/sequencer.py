"""Takes committed announcements into the log. Any process may do it at any time: a lock makes it one at a time.

An event that depends on another is announced after that one was committed, so it has the greater id in the outbox, and
the greater sequence in the log.
"""

from collections.abc import Sequence

from django.db import transaction
from orjson import dumps

from events.lock import sequencer_held
from events.models import Announcement, Event
from events.rendering import Payload, rendered
from events.words import ABOUT, KINDS
from projectvoice.kernel.sql import fetch_row

AT_ONCE = 500


@transaction.atomic
def drain(most: int = AT_ONCE) -> int:
    """How many were taken; fewer than `most`: no more are there. Waits for whoever is at it."""
    sequencer_held()
    announcements = list(Announcement.objects.order_by("id")[:most])
    if announcements:
        payloads = rendered(announcements)
        _forget(announcements)
        Event.objects.bulk_create(_event(one, payloads[one.pk]) for one in announcements if one.pk in payloads)
        Announcement.objects.filter(pk__in=[one.pk for one in announcements]).delete()
    return len(announcements)


def waiting() -> float | None:
    """Seconds for which the oldest announcement has been in the outbox, counted from the beginning of its transaction; None: none is."""
    row = fetch_row("SELECT extract(epoch FROM clock_timestamp() - min(at))::float FROM events_announcement")
    return None if row is None or row[0] is None else float(row[0])


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
    """What is deleted, or overtaken, is not told again to whoever comes back."""
    for one in announcements:
        kind = KINDS[one.kind]
        if kind.ends and kind.about:
            payload = one.payload or {}
            subjects = payload.get("messageIds") or [one.subject_id]
            told = Event.objects.filter(subject_id__in=subjects, kind__in=ABOUT[kind.about])
            (told if one.user_id is None else told.filter(user_id=one.user_id)).delete()
        elif kind.latest:
            Event.objects.filter(kind=one.kind, user_id=one.user_id, subject_id=one.subject_id).delete()
        elif one.kind == "gone":
            scope = {"server_id": one.server_id} if one.channel_id is None else {"channel_id": one.channel_id}
            Event.objects.filter(**scope).exclude(kind="access").delete()
