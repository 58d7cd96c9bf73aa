"""How fast a connection may talk: a token bucket."""


class Pace:
    """`burst` messages at once, `rate` a second in the long run. A mesh of fifty sends some 1 000 candidates at its start."""

    def __init__(self, now: float, *, rate: float = 200.0, burst: float = 2000.0) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = burst, now

    def take(self, now: float) -> bool:
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
