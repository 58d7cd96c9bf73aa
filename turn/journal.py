"""What the relay tells its operator: one line per event, `key=value`, at most so many a second. Never credentials."""

import json
import logging
import re
import time

RATE, BURST = 20.0, 200.0
PLAIN = re.compile(r"[\w.:@\[\],+-]+", re.ASCII)
LONGEST = 100


class Journal:
    """Lines beyond the rate are left out; the next one says how many. A failure is told whole once, and counted always."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._tokens, self._since = BURST, time.monotonic()
        self._left_out = 0
        self._told: set[tuple[str, str, int]] = set()
        self.failures = 0

    def event(self, name: str, /, **fields: object) -> None:
        self._line(logging.INFO, name, fields)

    def warn(self, name: str, /, **fields: object) -> None:
        self._line(logging.WARNING, name, fields)

    def failed(self, doing: str, error: Exception) -> None:
        """A bug of ours, which must not end the loop."""
        self.failures += 1
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = (place.tb_frame.f_code.co_filename, place.tb_lineno) if place else ("", 0)
        if (doing, *where) not in self._told:
            self._told.add((doing, *where))
            self._logger.error("failed doing=%s (told once, then only counted)", shown(doing), exc_info=error)

    def _line(self, level: int, name: str, fields: dict[str, object]) -> None:
        now = time.monotonic()
        self._tokens = min(BURST, self._tokens + (now - self._since) * RATE)
        self._since = now
        if self._tokens < 1:
            self._left_out += 1
            return
        self._tokens -= 1
        if self._left_out:
            fields = {**fields, "lines_left_out": self._left_out}
            self._left_out = 0
        line = " ".join([name, *(f"{key}={shown(value)}" for key, value in fields.items())])
        self._logger.log(level, "%s", line, extra={"fields": {"event": name, **_renamed(fields)}})


def _renamed(fields: dict[str, object]) -> dict[str, object]:
    """For programs that read the log: a user's account under the name that it has everywhere."""
    return {"userId" if key == "user" else key: value for key, value in fields.items()}


def shown(value: object) -> str:
    """As one word: what strangers chose may hold spaces, line ends or whatever."""
    text = str(value)
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return text if PLAIN.fullmatch(text) else json.dumps(text)
