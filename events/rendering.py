"""Payloads, as REST shows things at the moment in which the event is written to the log. Rooms bring their renderers."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.db import transaction

from events.models import Announcement
from events.words import KINDS

logger = logging.getLogger(__name__)
Payload = dict[str, Any]
Renderer = Callable[[Sequence[Announcement]], Mapping[int, Payload]]
"""Many at once, for a fixed number of queries: by the announcement's id. One that is left out is dropped: its subject is gone."""

_renderers: Final[dict[str, Renderer]] = {}


def renders(renderer: Renderer, *kinds: str) -> None:
    """Called once for each kind, from the `ready` of the room that knows them."""
    for kind in kinds:
        if not KINDS[kind].rendered or kind in _renderers:
            raise ValueError(f"{kind} needs no renderer, or has one")
        _renderers[kind] = renderer


def of_subject(key: str, read: Callable[[list[int]], Mapping[int, Any]]) -> Renderer:
    """Of `{key: object}`: `read` finds the objects by their subjects' ids."""

    def render(announcements: Sequence[Announcement]) -> Mapping[int, Payload]:
        subjects = {one.pk: one.subject_id for one in announcements if one.subject_id is not None}
        found = read(list(set(subjects.values())))
        return {pk: {key: found[subject_id]} for pk, subject_id in subjects.items() if subject_id in found}

    return render


def rendered(announcements: Sequence[Announcement]) -> dict[int, Payload]:
    """Within a transaction. What cannot be rendered for a bug of ours is dropped and logged: it holds up nothing else."""
    payloads = {one.pk: one.payload for one in announcements if one.payload is not None}
    by_renderer: dict[Renderer, list[Announcement]] = {}
    for one in announcements:
        if one.payload is None:
            by_renderer.setdefault(_renderers[one.kind], []).append(one)
    for renderer, some in by_renderer.items():
        payloads.update(_tried(renderer, some))
    return payloads


def _tried(renderer: Renderer, announcements: Sequence[Announcement]) -> Mapping[int, Payload]:
    try:
        with transaction.atomic():
            return renderer(announcements)
    except Exception:
        if len(announcements) == 1:
            logger.exception("Cannot render %s about %s", announcements[0].kind, announcements[0].subject_id)
            return {}
    payloads: dict[int, Payload] = {}
    for one in announcements:
        payloads.update(_tried(renderer, [one]))
    return payloads
