"""Client connections from accept to end. Without an allocation they are strangers: so many, from so many places, so long."""

import asyncio
from collections import Counter
from collections.abc import Callable

from turn.words import Address

MOST = 1024
MOST_OF_HOST = 64
PATIENCE = 30.0
"""Seconds without an allocation, before its first one or after its last."""


class Guest:
    """One connection. `dismiss` ends it, whatever it has come to: set by who has taken it on."""

    dismiss: Callable[[], object]

    def __init__(self, guests: "Guests", host: bytes) -> None:
        self._guests, self._host = guests, host
        self._timer: asyncio.TimerHandle | None = None

    def settle(self) -> None:
        """It has an allocation, and is bounded by its user's quota from now on."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._guests.forget(self, self._host)

    def unsettle(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._guests.patience, lambda: self.dismiss())
            self._guests.remember(self, self._host)

    leave = settle
    """It is over."""


class Guests:
    """Bounds strangers. Where there are too many in all, who has waited longest makes room; of one host, nobody else enters."""

    def __init__(self, most: int = MOST, most_of_host: int = MOST_OF_HOST, patience: float = PATIENCE) -> None:
        self._most, self._most_of_host, self.patience = most, most_of_host, patience
        self._strangers: dict[Guest, None] = {}
        self._by_host: Counter[bytes] = Counter()

    def __len__(self) -> int:
        return len(self._strangers)

    def admit(self, remote: Address) -> Guest | None:
        """None: too many of this host wait already."""
        host = remote.host if len(remote.host) == 4 else remote.host[:8]  # of IPv6 one customer has a whole /64
        if self._by_host[host] >= self._most_of_host:
            return None
        if len(self._strangers) >= self._most:
            longest = next(iter(self._strangers))
            longest.leave()
            longest.dismiss()
        guest = Guest(self, host)
        guest.unsettle()
        return guest

    def remember(self, guest: Guest, host: bytes) -> None:
        self._strangers[guest] = None
        self._by_host[host] += 1

    def forget(self, guest: Guest, host: bytes) -> None:
        del self._strangers[guest]
        self._by_host[host] -= 1
        if not self._by_host[host]:
            del self._by_host[host]
