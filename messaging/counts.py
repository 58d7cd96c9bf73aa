"""How many messages of a channel hold a text, and which if they are few: exact, and looked for once.

A common word is in a third of a million messages, and the contract wants their number with each page of a search. So a
count is remembered with the state the channel had in that moment, and the next search counts only what was written since.
An edit or a deletion makes it another state: then all is counted anew.
"""

import hashlib
import logging
from datetime import datetime
from typing import NamedTuple

from django.core.cache import cache
from redis.exceptions import RedisError

from projectvoice.kernel.sql import fetch_planned

logger = logging.getLogger(__name__)

MATCHES = "channel_id = %s AND UPPER(content) LIKE UPPER(%s)"
KEPT = 24 * 3600  # seconds
FEW = 200  # matches that are remembered one by one


class State(NamedTuple):
    """Of a channel's messages up to a position. Moments, not numbers, tell it from another: a restored backup writes other
    messages at the same positions.
    """

    changed_at: datetime | None
    position: int
    written_at: datetime | None  # the message at that position


class Known(NamedTuple):
    state: State
    total: int
    ids: list[int] | None  # the newest first; None if they are more than FEW


NOTHING = Known(State(None, 0, None), 0, [])

# One statement, one snapshot: what matches above the position that is known, the state now, and who stands there.
LOOK = f"""
    WITH hits AS MATERIALIZED (SELECT id, position FROM messaging_message WHERE {MATCHES} AND position > %s)
    SELECT tally.changed_at, tally.last_position,
        (SELECT created_at FROM messaging_message WHERE channel_id = tally.channel_id AND position = tally.last_position),
        (SELECT created_at FROM messaging_message WHERE channel_id = tally.channel_id AND position = %s),
        (SELECT COUNT(*) FROM hits),
        (SELECT array_agg(id ORDER BY position DESC) FROM hits HAVING COUNT(*) <= {FEW})
    FROM messaging_tally tally WHERE tally.channel_id = %s
"""


def matches(channel_id: int, literal: str) -> Known:
    """`literal` is a pattern of LIKE. Without Valkey each call looks through all."""
    key = f"matches:{channel_id}:{hashlib.sha256(literal.upper().encode()).hexdigest()[:32]}"
    known = _recall(key)
    found = _looked(channel_id, literal, known) or _looked(channel_id, literal, NOTHING) or NOTHING
    _remember(key, found)
    return found


def _looked(channel_id: int, literal: str, known: Known) -> Known | None:
    """What is known and what came since. None if that does not hold any more, or there are no messages at all."""
    position = known.state.position
    for changed_at, last_position, written_at, written_then, newer, ids in fetch_planned(
        LOOK, channel_id, literal, position, position, channel_id
    ):
        if known is NOTHING or State(changed_at, position, written_then) == known.state:
            total = known.total + newer
            few = [*(ids or ()), *(known.ids or ())] if total <= FEW else None
            return Known(State(changed_at, last_position, written_at), total, few)
    return None


def _recall(key: str) -> Known:
    try:
        known: Known | None = cache.get(key)
    except (RedisError, OSError):
        logger.warning("Valkey does not answer: looking through all messages")
        return NOTHING
    return known or NOTHING


def _remember(key: str, known: Known) -> None:
    try:
        cache.set(key, known, KEPT)
    except (RedisError, OSError):
        logger.warning("Valkey does not answer: these matches are not remembered")
