"""Announcing what happened, within the transaction in which it does."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from events.doorbell import ring
from events.lock import sequencer_held
from events.models import Announcement, Event
from events.words import KINDS
from projectvoice.kernel.events import AccessChanged, publish_on_commit


def announce(
    kind: str,
    *,
    server_id: int | None = None,
    channel_id: int | None = None,
    user_id: int | None = None,
    subject_id: int | None = None,
    actor_id: int | None = None,
    payload: dict[str, Any] | None = None,
) -> None:
    """Who hears of it is said by the ids, as the kind's audience wants them (events/words.py)."""
    announce_all(
        [
            Announcement(
                kind=kind,
                server_id=server_id,
                channel_id=channel_id,
                user_id=user_id,
                subject_id=subject_id,
                actor_id=actor_id,
                payload=payload,
            )
        ]
    )


def announce_to(
    user_ids: Iterable[int],
    kind: str,
    *,
    server_id: int | None = None,
    channel_id: int | None = None,
    subject_id: int | None = None,
    actor_id: int | None = None,
    payload: dict[str, Any] | None = None,
) -> None:
    """To each of them alone."""
    announce_all(
        Announcement(
            kind=kind,
            server_id=server_id,
            channel_id=channel_id,
            user_id=user_id,
            subject_id=subject_id,
            actor_id=actor_id,
            payload=payload,
        )
        for user_id in user_ids
    )


def announce_all(announcements: Iterable[Announcement]) -> None:
    """In this order."""
    rows = list(announcements)
    for row in rows:
        _check(row.kind, row.payload)
    if rows:
        Announcement.objects.bulk_create(rows, batch_size=1000)
        transaction.on_commit(ring)


def access_changed(*, user_id: int | None = None, server_id: int | None = None, channel_id: int | None = None) -> None:
    """Somebody's rights may be other than before: calls ask the doors again when they hear of it, and whoever delivers
    events does so before the next one. A field that is None does not narrow the circle down.
    """
    publish_on_commit(AccessChanged(user_id=user_id, server_id=server_id, channel_id=channel_id))
    announce("access", user_id=user_id, server_id=server_id, channel_id=channel_id, payload={})


def forget_user(user_id: int) -> None:
    """What he said, did and heard leaves the log at once: as the last step of the transaction in which his account goes.

    Whoever is taking announcements into the log finishes first: he may just have rendered the name.
    """
    sequencer_held()
    for model in (Announcement, Event):
        model.objects.filter(actor_id=user_id).delete()
        model.objects.filter(user_id=user_id).exclude(kind="access").delete()


def _check(kind: str, payload: dict[str, Any] | None) -> None:
    known = KINDS[kind]
    if known.rendered is not (payload is None) or (payload is not None and payload.keys() != known.payload.keys()):
        raise ValueError(f"{kind} is announced with {sorted(known.payload)}, or without a payload where it is rendered")
