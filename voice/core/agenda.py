"""What is due when, for a core that has no clock."""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from voice.core.words import Outgoing

Deed = Callable[[float], list[Outgoing]]


class Agenda:
    """Deeds are not cancelled: each looks, when its time comes, whether it is still wanted."""

    def __init__(self) -> None:
        self.next_due: float | None = None
        self._deeds: list[tuple[float, int, Deed]] = []
        self._order = count()

    def at(self, due: float, deed: Deed) -> None:
        heappush(self._deeds, (due, next(self._order), deed))
        self.next_due = self._deeds[0][0]

    def run(self, now: float) -> list[Outgoing]:
        """Do all that is due, in the order of its time."""
        done: list[Outgoing] = []
        while self._deeds and self._deeds[0][0] <= now:
            done += heappop(self._deeds)[2](now)
        self.next_due = self._deeds[0][0] if self._deeds else None
        return done
