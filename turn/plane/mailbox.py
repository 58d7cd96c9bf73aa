"""What waits for the control side: bounded, and no address can fill it alone. Whoever calls holds the plane's lock."""

import os
import weakref
from collections import deque

from turn.plane.base import Datagram, HungUp, Limits

AT_ONCE = 256
PRUNED_AT = 4096
"""Addresses remembered before those that fell silent are forgotten."""


class Mailbox:
    def __init__(self, limits: Limits) -> None:
        self._messages: deque[Datagram | HungUp] = deque()
        self._most = limits.control_queue
        self._apart = 1 / limits.control_rate
        self._due: dict[bytes | int, float] = {}
        """By address, when it will have been silent long enough for its messages so far."""
        self._pruned_at = PRUNED_AT
        self._event = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        weakref.finalize(self, os.close, self._event)
        self.flooded = 0

    def fileno(self) -> int:
        return self._event

    def put(self, message: Datagram, sender: bytes | int, now: float) -> None:
        """Dropped and counted if it is too many of one sender, or too many."""
        due = max(self._due.get(sender, now), now) + self._apart
        if due - now > 1 + self._apart / 2 or len(self._messages) >= self._most:
            self.flooded += 1
            return
        self._due[sender] = due
        if len(self._due) > self._pruned_at:
            self._due = {name: due for name, due in self._due.items() if due > now}
            self._pruned_at = max(PRUNED_AT, 2 * len(self._due))
        self._append(message)

    def put_hung_up(self, link: int) -> None:
        """Never dropped: there is one of each stream at most."""
        self._append(HungUp(link))

    def forget(self, link: int) -> None:
        """Nobody wants to hear of it any more."""
        waited = bool(self._messages)
        self._messages = deque(message for message in self._messages if message.link != link)
        self._calm(waited)

    def take(self) -> list[Datagram | HungUp]:
        taken = [self._messages.popleft() for _ in range(min(AT_ONCE, len(self._messages)))]
        self._calm(bool(taken))
        return taken

    def _calm(self, waited: bool) -> None:
        if waited and not self._messages:
            os.eventfd_read(self._event)

    def _append(self, message: Datagram | HungUp) -> None:
        if not self._messages:
            os.eventfd_write(self._event, 1)
        self._messages.append(message)
