"""Counts in memory, whatever thread it happens in. Imported before Django is set up: knows no tables.

Nobody who counts waits for anything; what was counted is written down beside (figures/keeping.py).
"""

import logging
import time
from collections import Counter
from datetime import UTC, date, datetime
from threading import Lock
from typing import Final

CALLS: Final = "calls"
ERRORS: Final = "errors"
DAY: Final = 86_400  # seconds

Counted = dict[tuple[str, date], int]

_counted: Counter[tuple[str, int]] = Counter()
_lock = Lock()


def count(name: str) -> None:
    """One more of it, today."""
    today = int(time.time()) // DAY
    with _lock:
        _counted[name, today] += 1


def take() -> Counted:
    """What was counted since the last time, for the caller to keep."""
    with _lock:
        taken = dict(_counted)
        _counted.clear()
    return {(name, datetime.fromtimestamp(day * DAY, UTC).date()): total for (name, day), total in taken.items()}


def give_back(counted: Counted) -> None:
    """It could not be kept: the next who takes gets it too."""
    with _lock:
        for (name, day), total in counted.items():
            _counted[name, (day - date(1970, 1, 1)).days] += total


class ErrorCounter(logging.Handler):
    """Each line of the log that says ERROR, answers of 5xx among them, is one error."""

    def emit(self, record: logging.LogRecord) -> None:
        count(ERRORS)
