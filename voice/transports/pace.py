"""How fast a connection may talk: a token bucket."""


class Pace:
    """`burst` messages at once, `rate` a second in the long run. A mesh of fifty sends some 1 000 candidates at its start."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, now: float, *, rate: float = 200.0, burst: float = 2000.0) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = burst, now

    def take(self, now: float) -> bool:
        left = self._left + (now - self._at) * self._rate
        if left > self._burst:
            left = self._burst
        self._at, self._left = now, left - 1 if left >= 1 else left
        return left >= 1
