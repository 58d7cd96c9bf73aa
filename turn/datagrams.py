"""The relay's UDP listeners, one set of sockets at each address."""

import asyncio
import errno
from ipaddress import ip_address

from turn import machine
from turn.configuration import UNSPECIFIED
from turn.journal import Journal
from turn.plane import sockets
from turn.relay import Relay
from turn.words import Address, Family

LOOK = 10.0
"""Seconds between two looks for new addresses of the machine."""
MOST = 256
"""Addresses; a machine of containers has one for each of their networks."""
ABSENT = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class Datagrams:
    """At an unspecified address (0.0.0.0, ::) every address of the machine has sockets of its own.

    One socket for all would answer from where the route leads out, and clients take no answer from an address they did not ask.
    """

    def __init__(self, relay: Relay, port: int, journal: Journal) -> None:
        self._relay, self._port, self._journal = relay, port, journal
        self._families: set[Family] = set()
        self._hosts: set[bytes] = set()

    def listen(self, host: bytes) -> None:
        """Raises OSError."""
        if host in UNSPECIFIED:
            self._families.add(Address(host, 0).family)
            self._catch_up()
        else:
            self._open(host)

    async def follow(self) -> None:
        """For ever: where the machine gets a new address, it is listened to."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                self._catch_up()
            except OSError as error:
                self._journal.warn("not-listening", because=error.strerror)

    def _catch_up(self) -> None:
        for host in machine.addresses() - self._hosts:
            if Address(host, 0).family in self._families and not ip_address(host).is_link_local and len(self._hosts) < MOST:
                try:
                    self._open(host)
                except OSError as error:
                    if error.errno not in ABSENT:  # such an address is not ready yet, or this machine has no IPv6
                        raise

    def _open(self, host: bytes) -> None:
        for worker, listener in enumerate(sockets.listen_datagrams(Address(host, self._port), self._relay.plane.workers)):
            self._relay.listen(worker, listener)
        self._hosts.add(host)
