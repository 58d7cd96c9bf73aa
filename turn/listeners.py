"""Who knocks over TCP: accepted, looked at by the first byte, and led to the relay, straight or through TLS."""

import asyncio
import contextlib
import socket
from collections import Counter

from turn.doors import Door
from turn.guests import Guest, Guests
from turn.halves import Carrier, Plain
from turn.journal import Journal
from turn.plane import sockets
from turn.relay import Relay
from turn.tls import Certificate, bridge
from turn.words import Address, Transport

FIRST_BYTE = 5.0
"""Seconds: a client speaks first, and a lost segment is sent again within this time."""
MOST_HANDSHAKES = 256
"""At a time. Each costs a signature, and may stand still as long as tls.HANDSHAKE_TIMEOUT."""

TLS_HANDSHAKE = 0x16
LAST_STUN = 0x03
"""A connection begins with a request: its first two bits are zero, and our methods' next four, too (RFC 8489 section 5)."""
NO_HTTP = b"This port is for TURN and speaks no HTTP.\n"
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (
    len(NO_HTTP),
    NO_HTTP,
)


class TurnedAway(Exception):
    """Why, in a word."""


class Listeners:
    """The TCP ports of one relay. With a certificate each of them takes TLS, too."""

    def __init__(self, relay: Relay, guests: Guests, certificate: Certificate | None, journal: Journal) -> None:
        self.refused: Counter[str] = Counter()
        """Connections that did not come to the relay, by why."""
        self._relay, self._guests, self._certificate, self._journal = relay, guests, certificate, journal
        self._doors: list[Door] = []
        self._arrivals: set[asyncio.Task[None]] = set()
        self.handshakes = 0

    def listen(self, listener: socket.socket) -> None:
        """Takes it over."""
        self._doors.append(Door(listener, self._receive, self._journal))

    async def stop(self) -> None:
        """Accepts nobody any more. Connections that the relay has already are the relay's to end."""
        while self._doors:
            self._doors.pop().close()
        for arrival in self._arrivals:
            arrival.cancel()
        await asyncio.gather(*self._arrivals, return_exceptions=True)

    def _receive(self, stream: socket.socket, remote: Address) -> None:
        guest = self._guests.admit(remote)
        if guest is None:
            self.refused["too-many"] += 1
            stream.close()
            return
        arrival = asyncio.create_task(self._welcome(stream, remote, guest))
        guest.dismiss = arrival.cancel
        self._arrivals.add(arrival)
        arrival.add_done_callback(self._arrivals.discard)

    async def _welcome(self, stream: socket.socket, remote: Address, guest: Guest) -> None:
        """To the relay, which owns the stream from then on, or away."""
        with contextlib.ExitStack() as undo:
            undo.callback(stream.close)
            undo.callback(guest.leave)
            try:
                local = sockets.local_address(stream)
                if await _speaks_tls(stream):
                    self._relay.adopt(await self._through_tls(stream), remote, local, Transport.TLS, guest)
                else:
                    self._relay.adopt(Plain(stream), remote, local, Transport.TCP, guest)
            except TurnedAway as why:
                self.refused[str(why)] += 1
            except OSError:  # hung up
                self.refused["gone"] += 1
            except Exception as error:  # an edge: the next one is welcomed all the same
                self._journal.failed("an arrival", error)
            else:
                undo.pop_all()

    async def _through_tls(self, stream: socket.socket) -> Carrier:
        if self._certificate is None:
            raise TurnedAway("no-certificate")
        if self.handshakes >= MOST_HANDSHAKES:
            raise TurnedAway("too-many-handshakes")
        self.handshakes += 1
        try:
            return await bridge(stream, self._certificate.context)
        except OSError as error:
            raise TurnedAway("handshake") from error
        finally:
            self.handshakes -= 1


async def _speaks_tls(stream: socket.socket) -> bool:
    """Leaves what it has looked at where it is. Raises TurnedAway for what is neither TLS nor STUN."""
    loop = asyncio.get_running_loop()
    spoken = asyncio.Event()
    loop.add_reader(stream, spoken.set)
    try:
        await asyncio.wait_for(spoken.wait(), FIRST_BYTE)
    except TimeoutError:
        raise TurnedAway("silent") from None
    finally:
        loop.remove_reader(stream)
    first = stream.recv(1, socket.MSG_PEEK)
    if not first:
        raise TurnedAway("gone")
    if first[0] > LAST_STUN and first[0] != TLS_HANDSHAKE:
        stream.recv(65_536)  # left unread, it would turn our answer into a reset
        stream.send(BAD_REQUEST)
        stream.shutdown(socket.SHUT_WR)
        raise TurnedAway("no-turn")
    return first[0] == TLS_HANDSHAKE
