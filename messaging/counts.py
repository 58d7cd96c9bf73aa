"""How many messages of a channel hold a text: exact, and counted once.

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


NOTHING = Known(State(None, 0, None), 0)

# One statement, one snapshot: the state now, who stands at the position that is known, and what matches above it.
COUNT = f"""
    SELECT tally.changed_at, tally.last_position,
        (SELECT created_at FROM messaging_message WHERE channel_id = tally.channel_id AND position = tally.last_position),
        (SELECT created_at FROM messaging_message WHERE channel_id = tally.channel_id AND position = %s),
        (SELECT COUNT(*) FROM messaging_message WHERE {MATCHES} AND position > %s)
    FROM messaging_tally tally WHERE tally.channel_id = %s
"""


def match_count(channel_id: int, literal: str) -> int:
    """`literal` is a pattern of LIKE. Without Valkey each call counts all."""
    key = f"matches:{channel_id}:{hashlib.sha256(literal.upper().encode()).hexdigest()[:32]}"
    known = _recall(key)
    found = _counted(channel_id, literal, known) or _counted(channel_id, literal, NOTHING) or NOTHING
    _remember(key, found)
    return found.total


def _counted(channel_id: int, literal: str, known: Known) -> Known | None:
    """What is known and what came since. None if that does not hold any more, or there are no messages at all."""
    position = known.state.position
    for changed_at, last_position, written_at, written_then, newer in fetch_planned(
        COUNT, position, channel_id, literal, position, channel_id
    ):
        if known is NOTHING or State(changed_at, position, written_then) == known.state:
            return Known(State(changed_at, last_position, written_at), known.total + newer)
    return None


def _recall(key: str) -> Known:
    try:
        known: Known | None = cache.get(key)
    except (RedisError, OSError):
        logger.warning("Valkey does not answer: counting all matches")
        return NOTHING
    return known or NOTHING


def _remember(key: str, known: Known) -> None:
    try:
        cache.set(key, known, KEPT)
    except (RedisError, OSError):
        logger.warning("Valkey does not answer: this count is not remembered")
