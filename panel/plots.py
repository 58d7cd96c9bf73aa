"""Daily figures of the last weeks. Shared by all who look, for some minutes: nobody's view costs a scan."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from django.core.cache import cache
from redis.exceptions import RedisError

from accounts.models import User
from figures.counting import CALLS, ERRORS
from figures.selectors import figures_since
from messaging.models import Message
from moderation.selectors import made_per_day, relay_per_day

DAYS = 30
KEPT_FOR = 300  # seconds
KEY = "panel-plots"


class Plots(NamedTuple):
    """One value a day, oldest first, today last (UTC). Users and messages are those there still are, by the day they were made."""

    days: list[date]
    users: list[int]
    messages: list[int]
    calls: list[int]
    relayed: list[int]  # bytes
    errors: list[int]


def plots() -> Plots:
    today = datetime.now(UTC).date()
    key = f"{KEY}:{today}"
    try:
        kept = cache.get(key)
    except (RedisError, OSError):
        return plots_now(today)
    if kept is None:
        kept = tuple(plots_now(today))
        with suppress(RedisError, OSError):  # the next who looks counts again
            cache.set(key, kept, KEPT_FOR)
    return Plots(*kept)


def plots_now(today: date) -> Plots:
    first = today - timedelta(days=DAYS - 1)
    since = datetime.combine(first, time.min, UTC)
    days = [first + timedelta(days=number) for number in range(DAYS)]

    def series(found: Mapping[date, int]) -> list[int]:
        return [int(found.get(day, 0)) for day in days]

    return Plots(
        days,
        users=series(made_per_day(User, since)),
        messages=series(made_per_day(Message, since)),
        calls=series(figures_since(CALLS, first)),
        relayed=series(relay_per_day(first)),
        errors=series(figures_since(ERRORS, first)),
    )
