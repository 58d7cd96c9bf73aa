"""Peers that speak TCP (RFC 6062): listens for them and connects to them, and joins each with a client's stream.

The server decides, this carries out; all of it belongs to the relay's loop. The plane has no part in it.
"""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from turn.doors import Door
from turn.halves import Carrier, PlainHalf, half_of
from turn.journal import Journal
from turn.plane import sockets
from turn.server import Host, Server
from turn.words import Address, Connect, Effect, Moment, Usage

BACKLOG = 16
"""Peers of one allocation that may wait to be accepted."""
BURST = 1.0
"""Seconds' worth of bytes that may pass at once."""


class Pace:
    """So many bytes a second on average; 0: as fast as it goes."""

    def __init__(self, bytes_per_second: int) -> None:
        self._rate = bytes_per_second
        self._due = 0.0

    def spend(self, size: int) -> float:
        """Seconds until more may be read."""
        if not self._rate:
            return 0.0
        now = time.monotonic()
        self._due = max(self._due, now - BURST) + size / self._rate
        return max(0.0, self._due - now)


class Traffic:
    """Of one allocation."""

    def __init__(self, bytes_per_second: int) -> None:
        self.up = self.down = 0
        """Bytes."""
        self.up_pace, self.down_pace = Pace(bytes_per_second), Pace(bytes_per_second)


class PeerHalf(PlainHalf):
    """A peer's side, which counts what goes to him and comes from him. Who is too fast waits, nothing is dropped."""

    def __init__(self, stream: socket.socket, traffic: Traffic) -> None:
        super().__init__(stream)
        self._traffic = traffic

    def write(self, data: bytes) -> None:
        super().write(data)
        self._traffic.up += len(data)
        if wait := self._traffic.up_pace.spend(len(data)):
            self.other.rest(wait)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._traffic.down += len(data)
        if wait := self._traffic.down_pace.spend(len(data)):
            self.rest(wait)


@dataclass(eq=False)
class Listening:
    """An allocation, as seen from here."""

    number: int
    user: str
    traffic: Traffic
    doors: dict[Address, Door] = field(default_factory=dict)
    connections: dict[int, "Connection"] = field(default_factory=dict)


@dataclass(eq=False)
class Connection:
    allocation: Listening
    number: int
    peer: Address
    """As the client knows him."""
    relay: Address
    """Where it is bound."""
    stream: socket.socket
    bound: asyncio.Future[Carrier]
    """The client's stream, once he has bound one."""
    state: str
    task: asyncio.Task[None] | None = None


class TcpPeers:
    """`own`: our relay addresses, by both of their names, where only relayed ports of ours may be reached.

    `carry` carries out what the server answers. `bandwidth`: bytes a second of one allocation, each way; 0: no bound.
    """

    def __init__(
        self,
        server: Server,
        carry: Callable[[Iterable[Effect]], None],
        journal: Journal,
        *,
        own: Mapping[bytes, Host],
        bandwidth: int = 0,
    ) -> None:
        self.refused = 0
        """Connections of peers that nobody wanted."""
        self._server, self._carry, self._journal, self._own, self._bandwidth = server, carry, journal, own, bandwidth
        self._allocations: dict[int, Listening] = {}
        self._connections: dict[int, Connection] = {}
        self._relays: set[Address] = set()

    def __contains__(self, allocation: int) -> bool:
        return allocation in self._allocations

    @property
    def connections(self) -> Counter[str]:
        """By state: those that a peer has not taken yet, those that no client has bound yet, and those that carry bytes."""
        return Counter(connection.state for connection in self._connections.values())

    def listen(self, allocation: int, user: str, relays: Iterable[Address]) -> Address | None:
        """At all of them or none; returns the one that cannot be had."""
        made = Listening(allocation, user, Traffic(self._bandwidth))
        for relay in relays:
            try:
                listener = sockets.listen_for_peers(relay, BACKLOG)
            except OSError:
                self._end(made)
                return relay
            made.doors[relay] = Door(listener, partial(self._accept, made, relay), self._journal)
        self._allocations[allocation] = made
        self._relays.update(made.doors)
        return None

    def narrow(self, allocation: int, relay: Address) -> None:
        """Closes this address of the two, and what goes through it."""
        it = self._allocations[allocation]
        self._relays.discard(relay)
        it.doors.pop(relay).close()
        for connection in [each for each in it.connections.values() if each.relay == relay]:
            self.disconnect(connection.number)
            self._carry(self._server.connections.over(connection.number))

    def close(self, allocation: int) -> Usage:
        """Returns what was relayed in all."""
        usage = self.usage(allocation)
        self._end(self._allocations.pop(allocation))
        return usage

    def usage(self, allocation: int) -> Usage:
        """Bytes only: TCP shows nobody its packets."""
        traffic = self._allocations[allocation].traffic
        return Usage(bytes_up=traffic.up, bytes_down=traffic.down)

    def connect(self, effect: Connect) -> list[Effect]:
        it = self._allocations[effect.allocation]
        target = self._target(effect.peer)
        relay = next((relay for relay in it.doors if relay.family is effect.peer.family), None)
        try:
            if target is None or relay is None:
                raise ConnectionRefusedError
            stream = sockets.stream_from(relay)
        except OSError:
            return self._server.connections.over(effect.connection)
        self._begin(it, effect.connection, effect.peer, relay, stream, target)
        return []

    def splice(self, number: int, carrier: Carrier) -> None:
        """The client's connection is ours from now on."""
        self._connections[number].bound.set_result(carrier)

    def disconnect(self, number: int) -> None:
        """Ends it now, if it has not ended yet. The server does not hear of it."""
        connection = self._connections.pop(number, None)
        if connection is not None:
            del connection.allocation.connections[number]
            if connection.task is not None:
                connection.task.cancel()

    def _end(self, it: Listening) -> None:
        for relay, door in it.doors.items():
            self._relays.discard(relay)
            door.close()
        for number in list(it.connections):
            self.disconnect(number)

    def _target(self, peer: Address) -> Address | None:
        """Where this peer is reached. None: at our own address, where no relay of ours is."""
        own = self._own.get(peer.host)
        target = peer if own is None else Address(own.bound, peer.port)
        return target if own is None or target in self._relays else None

    def _source(self, remote: Address) -> Address | None:
        """Who this is to clients. None: another program on this machine."""
        own = self._own.get(remote.host)
        if own is None:
            return remote
        return Address(own.told, remote.port) if remote in self._relays else None

    def _accept(self, it: Listening, relay: Address, stream: socket.socket, remote: Address) -> None:
        """Section 5.3."""
        try:
            peer = self._source(remote)
            number, effects = (None, []) if peer is None else self._server.connections.attempted(it.number, peer, _now())
            if peer is None or number is None:
                self.refused += 1
                stream.close()
                return
            self._begin(it, number, peer, relay, stream, None)
            self._carry(effects)
        except Exception as error:  # an edge: the next one is accepted all the same
            stream.close()
            self._journal.failed("a peer's arrival", error)

    def _begin(
        self, it: Listening, number: int, peer: Address, relay: Address, stream: socket.socket, target: Address | None
    ) -> None:
        loop = asyncio.get_running_loop()
        state = "waiting" if target is None else "connecting"
        connection = Connection(it, number, peer, relay, stream, loop.create_future(), state)
        self._connections[number] = it.connections[number] = connection
        connection.task = loop.create_task(self._serve(connection, target))

    async def _serve(self, connection: Connection, target: Address | None) -> None:
        """From its beginning to its end. To be cancelled when the server knows of the end already."""
        number, started = connection.number, time.monotonic()
        allocation, peer = connection.allocation, connection.peer
        about = {"allocation": allocation.number, "user": allocation.user, "peer": peer, "by": "client" if target else "peer"}
        try:
            if target is not None:
                await asyncio.get_running_loop().sock_connect(connection.stream, sockets.to_sockaddr(target))
                connection.state = "waiting"
                self._carry(self._server.connections.connected(number, _now()))
            carrier = await connection.bound
            connection.state = "joined"
            self._journal.event("peer-joined", **about)
            await _join(connection.stream, allocation.traffic, carrier)
        except OSError:
            pass
        except Exception as error:  # an edge
            self._journal.failed("a peer", error)
        finally:
            connection.stream.close()
            if connection.bound.done() and not connection.bound.cancelled():
                connection.bound.result().stream.close()
            if connection.state == "joined":
                self._journal.event("peer-left", **about, seconds=round(time.monotonic() - started, 1))
            if self._connections.get(number) is connection:
                connection.task = None
                self.disconnect(number)
                self._carry(self._server.connections.over(number))


async def _join(stream: socket.socket, traffic: Traffic, carrier: Carrier) -> None:
    """Until both sides have closed. Raises OSError."""
    with ExitStack() as undo:
        peer = await half_of(stream, PeerHalf(stream, traffic))
        undo.callback(peer.abort)
        client = await carrier.take()
        undo.callback(client.abort)
        peer.join(client)
        await asyncio.wait([peer.closed, client.closed])


def _now() -> Moment:
    return Moment(time.monotonic(), time.time())
