"""How many messages of a channel hold a text: exact, and counted once.

A common word is in a third of a million messages, and the contract wants their number with each page of a search. So a
count is remembered with the channel's state at that moment (last position, number of changes), and the next search counts
only what was written since. An edit or a deletion is a change: then it is counted anew.
"""

import hashlib
import logging

from django.core.cache import cache
from redis.exceptions import RedisError

from projectvoice.kernel.sql import fetch_planned

logger = logging.getLogger(__name__)

MATCHES = "channel_id = %s AND UPPER(content) LIKE UPPER(%s)"
KEPT = 24 * 3600  # seconds

# One statement, one snapshot: what is at or below the last position is counted, whatever is being written beside it.
COUNT = f"""
    SELECT tally.changes, tally.last_position, (SELECT COUNT(*) FROM messaging_message WHERE {MATCHES} AND position > %s)
    FROM messaging_tally tally WHERE tally.channel_id = %s
"""


def match_count(channel_id: int, literal: str) -> int:
    """`literal` is a pattern of LIKE. Without Valkey each call counts all."""
    key = f"matches:{channel_id}:{hashlib.sha256(literal.upper().encode()).hexdigest()[:32]}"
    known = _recall(key)
    after, count = (known[1], known[2]) if known else (0, 0)
    row = _count(channel_id, literal, after)
    if known and row[0] != known[0]:
        count, row = 0, _count(channel_id, literal, 0)
    changes, last_position, newer = row
    _remember(key, (changes, last_position, count + newer))
    return count + newer


def _count(channel_id: int, literal: str, after: int) -> tuple[int, int, int]:
    rows = fetch_planned(COUNT, channel_id, literal, after, channel_id)
    return rows[0] if rows else (0, 0, 0)


def _recall(key: str) -> tuple[int, int, int] | None:
    try:
        known: tuple[int, int, int] | None = cache.get(key)
    except (RedisError, OSError):
        logger.warning("Valkey does not answer: counting all matches")
        return None
    return known


def _remember(key: str, state: tuple[int, int, int]) -> None:
    try:
        cache.set(key, state, KEPT)
    except (RedisError, OSError):
        logger.warning("Valkey does not answer: this count is not remembered")
