"""Carries out what the server decides: sockets, the plane's tables, timers. The control side of one relay process.

All of it belongs to one event loop; nothing here waits.
"""

import asyncio
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from turn.guests import Guest
from turn.halves import Carrier
from turn.journal import Journal
from turn.plane import sockets
from turn.plane.base import Datagram, HungUp, Plane
from turn.protocol import attributes
from turn.protocol.stun import BadAttribute, Kind, decode
from turn.server import Host, Server
from turn.tcp_peers import TcpPeers
from turn.words import (
    Address,
    Bind,
    Client,
    Close,
    Connect,
    Disconnect,
    Effect,
    Forbid,
    Listen,
    Moment,
    Narrow,
    Open,
    Permit,
    Release,
    Reply,
    Splice,
    Transport,
    Unbind,
    Usage,
)

CONTROL_TURN = 64
"""Control messages worked on before sockets, timers and signals have their turn."""
SOONEST = 0.05
"""Seconds: a lifetime ends at most so much too late, and timers never keep the loop busy."""
MOST_USERS = 10_000
"""Whose usage is kept while nobody takes it; that of more is put down to nobody."""
NOTHING = Usage()
CHALLENGES = frozenset({401, 438})

T = TypeVar("T")


@dataclass(slots=True)
class Live:
    """An allocation as the sockets see it."""

    user: str
    client: Client
    relays: dict[Address, socket.socket]
    since: float
    channels: dict[int, Address] = field(default_factory=dict)
    taken: Usage = NOTHING
    """What `carried` has counted of it."""


@dataclass(slots=True)
class Connection:
    client: Client
    carrier: Carrier
    guest: Guest
    heard: int = 0
    """Bytes of its messages that were worked on."""


class Relay:
    """`bandwidth`: bytes a second of one allocation, each way; 0: as fast as it goes."""

    def __init__(self, server: Server, plane: Plane, journal: Journal, *, hosts: Iterable[Host], bandwidth: int = 0) -> None:
        self.server, self.plane, self.journal = server, plane, journal
        self.opened = 0
        self.control_messages = 0
        self._bandwidth = bandwidth
        self._listeners: dict[int, tuple[Address, socket.socket]] = {}
        self._connections: dict[int, Connection] = {}
        self._live: dict[int, Live] = {}
        self._reserved: dict[Address, socket.socket] = {}
        self._backlog: deque[Datagram] = deque()
        self._closed = NOTHING
        self._untaken: dict[str, Usage] = {}
        self._planned: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._empty = asyncio.Event()
        self._empty.set()
        self._guarded: dict[bytes, Host] = {}
        for host in hosts:
            if host.bound != host.told or server.policy.peers.guards(host.told):
                plane.own(host.bound, host.told)
                self._guarded.update(dict.fromkeys(host, host))
        self.tcp_peers = TcpPeers(server, self._carry, journal, own=self._guarded, bandwidth=bandwidth)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.plane.start()
        self._loop.add_reader(self.plane.fileno(), self._readable)

    def stop(self) -> None:
        """Every allocation ends, unannounced; their usage can still be taken."""
        self._loop.remove_reader(self.plane.fileno())
        self._backlog.clear()
        for link in list(self._connections):
            self.hang_up(link)
        for number in list(self._live):
            self._close(number)
        self._plan(None)
        self.plane.stop()
        for _, listener in self._listeners.values():
            listener.close()
        for reserved in self._reserved.values():
            reserved.close()

    def listen(self, worker: int, listener: socket.socket) -> None:
        """The UDP clients of this socket are ours from now on, and so is the socket."""
        self._listeners[self.plane.listen(worker, listener)] = (sockets.local_address(listener), listener)

    def adopt(self, carrier: Carrier, remote: Address, local: Address, transport: Transport, guest: Guest) -> None:
        """The client of this stream is ours from now on, and so is the stream. Raises OSError, then it is closed."""
        try:
            link = self.plane.adopt(carrier.stream)
        except OSError:
            carrier.stream.close()
            raise
        self._connections[link] = Connection(Client(remote, local, transport, link), carrier, guest)
        guest.dismiss = lambda: self.hang_up(link)

    def hang_up(self, link: int) -> None:
        """The connection is over, by whomever, and its allocation with it."""
        connection = self._connections.pop(link, None)
        if connection is None:
            return
        try:
            self._carry(self.server.hung_up(connection.client, _now()))
        finally:
            self.plane.hang_up(link)
            connection.carrier.stream.close()
            connection.guest.leave()

    def cut(self, user: str) -> None:
        """Nothing is relayed for this user any longer, and credentials minted until now are refused."""
        self._carry(self.server.cut(user, _now()))

    def drain(self) -> None:
        """Nobody gets an allocation any more; those there are live on."""
        self.server.drain()
        self.journal.event("draining", allocations=len(self._live))

    @property
    def listening(self) -> bool:
        """Over UDP."""
        return bool(self._listeners)

    async def emptied(self) -> None:
        """Returns when no allocation is left."""
        await self._empty.wait()

    @property
    def allocations(self) -> Counter[Transport]:
        """Those that live, by what their clients speak."""
        return Counter(live.client.transport for live in self._live.values())

    @property
    def connections(self) -> Counter[Transport]:
        return Counter(connection.client.transport for connection in self._connections.values())

    @property
    def usage(self) -> Usage:
        """Since the start."""
        return sum(map(self._usage, self._live), self._closed)

    def users(self) -> set[str]:
        """Who has live allocations."""
        return {live.user for live in self._live.values()}

    def carried(self) -> dict[str, Usage]:
        """By user, since this was asked last. Under the empty name: of more users than can be kept apart."""
        for number, live in self._live.items():
            self._count(live, self._usage(number))
        taken, self._untaken = self._untaken, {}
        return taken

    def _readable(self) -> None:
        if self._backlog:
            return
        for message in self.plane.receive():
            if isinstance(message, HungUp):  # first, since what it said before can be answered no more
                self._attempt("a hang-up", self.hang_up, message.link)
            else:
                self._backlog.append(message)
        self._work()

    def _work(self) -> None:
        """Bounded, so that a flood of control messages lets the rest have its turn."""
        for _ in range(min(len(self._backlog), CONTROL_TURN)):
            self._attempt("a control message", self._handle, self._backlog.popleft())
        if self._backlog:
            self._loop.call_soon(self._work)

    def _attempt(self, what: str, do: Callable[[T], None], with_: T) -> None:
        """An edge: what comes of one client must not end the others."""
        try:
            do(with_)
        except Exception as error:
            self.journal.failed(what, error)

    def _handle(self, message: Datagram) -> None:
        self.control_messages += 1
        client = self._client(message)
        if client is None:
            return
        if client.link in self._connections:
            self._connections[client.link].heard += len(message.data)
        effects = self.server.receive(message.data, client, _now())
        self._carry(effects)
        for effect in effects:
            if isinstance(effect, Reply) and _is_refusal(effect.data):
                self._tell_refusal(message.data, effect)

    def _client(self, message: Datagram) -> Client | None:
        connection = self._connections.get(message.link)
        if connection is not None:
            return connection.client
        listener = self._listeners.get(message.link)
        return None if listener is None else Client(message.remote, listener[0], Transport.UDP, message.link)

    def _carry(self, effects: Iterable[Effect]) -> None:
        """In order. Where an address cannot be had, the server thinks of something else, before anything else is done."""
        pending = deque(effects)
        while pending:
            pending.extendleft(reversed(self._carry_one(pending.popleft())))
        self._plan(self.server.deadline())

    def _carry_one(self, effect: Effect) -> list[Effect]:
        match effect:
            case Reply(client, data):
                self.plane.send(client.link, client.remote, data)
            case Open():
                return self._open(effect)
            case Listen():
                return self._listen(effect)
            case Connect():
                return self.tcp_peers.connect(effect)
            case Splice():
                return self._splice(effect)
            case Disconnect(number):
                self.tcp_peers.disconnect(number)
            case Permit(allocation, host):
                self.plane.permit(allocation, host)
            case Forbid(allocation, host):
                self.plane.forbid(allocation, host)
            case Bind():
                self._bind(effect)
            case Unbind(allocation, channel):
                self._unbind(allocation, channel)
            case Narrow(allocation, address):
                self._narrow(allocation, address)
            case Close(allocation):
                self._close(allocation)
            case Release(address):
                self._reserved.pop(address).close()
        return []

    def _open(self, effect: Open) -> list[Effect]:
        """All of its sockets, or none."""
        bound: dict[Address, socket.socket] = {}
        client, address = effect.client, effect.relays[0]
        try:
            for address in filter(None, (*effect.relays, effect.reserved)):
                if address not in self._reserved:
                    bound[address] = sockets.bind_relay(address)
            relays = {address: bound.get(address) or self._reserved[address] for address in effect.relays}
            self.plane.open(effect.allocation, client.link, client.remote, list(relays.values()), self._bandwidth)
        except OSError:
            for made in bound.values():
                made.close()
            return self.server.unavailable(effect.allocation, address, _now())
        for address in effect.relays:
            self._reserved.pop(address, None)
        if effect.reserved is not None:
            self._reserved[effect.reserved] = bound[effect.reserved]
        self._opened(effect, Live(self._user(effect.allocation), client, relays, time.monotonic()))
        return []

    def _listen(self, effect: Listen) -> list[Effect]:
        """At all of its addresses, or none."""
        user = self._user(effect.allocation)
        taken = self.tcp_peers.listen(effect.allocation, user, effect.relays)
        if taken is not None:
            return self.server.unavailable(effect.allocation, taken, _now())
        self._opened(effect, Live(user, effect.client, {}, time.monotonic()))
        return []

    def _user(self, allocation: int) -> str:
        known = self.server.allocations.of_number(allocation)
        return known.user if known else ""

    def _opened(self, effect: Open | Listen, live: Live) -> None:
        client, relays = effect.client, ",".join(map(str, effect.relays))
        self._live[effect.allocation] = live
        self._empty.clear()
        self.opened += 1
        if client.link in self._connections:
            self._connections[client.link].guest.settle()
        self.plane.send(client.link, client.remote, effect.reply)
        self.journal.event("allocation-opened", number=effect.allocation, **_who(live), relays=relays)

    def _splice(self, effect: Splice) -> list[Effect]:
        """First the plane lets go: what comes behind the answer is not for it to read."""
        number, client, reply = effect
        connection = self._connections.pop(client.link)
        connection.guest.leave()
        carrier = connection.carrier
        # Who did not wait for the answer (RFC 6062 4.3) has said something that would be missing.
        hasty = carrier.heard(self.plane.hang_up(client.link)) != connection.heard
        if not hasty and _sent(carrier.stream, reply):
            self.tcp_peers.splice(number, carrier)
            return []
        carrier.stream.close()
        self.tcp_peers.disconnect(number)
        return self.server.connections.over(number)

    def _bind(self, effect: Bind) -> None:
        live, peer = self._live[effect.allocation], effect.peer
        sibling = None
        # To addresses that the plane guards it looks at each packet; a connected socket would go past it.
        if peer.host not in self._guarded:
            relay = next(relay for address, relay in live.relays.items() if address.family is peer.family)
            try:
                sibling = sockets.sibling_of(relay, peer)
            except OSError:  # no descriptor, no route now: the relay socket serves
                sibling = None
        try:
            self.plane.bind(effect.allocation, effect.channel, peer, sibling)
        except OSError:
            if sibling is not None:
                sibling.close()
            raise
        live.channels[effect.channel] = peer

    def _unbind(self, allocation: int, channel: int) -> None:
        if self._live[allocation].channels.pop(channel, None) is None:
            return  # it went with its address family
        sibling = self.plane.unbind(allocation, channel)
        if sibling is not None:
            sibling.close()

    def _narrow(self, allocation: int, address: Address) -> None:
        """Channels of its family go along: a sibling would keep the port."""
        if allocation in self.tcp_peers:
            self.tcp_peers.narrow(allocation, address)
            return
        live = self._live[allocation]
        for channel in [channel for channel, peer in live.channels.items() if peer.family is address.family]:
            self._unbind(allocation, channel)
        relay = live.relays.pop(address)
        self.plane.narrow(allocation, relay)
        relay.close()

    def _close(self, allocation: int) -> None:
        live = self._live.pop(allocation)
        if allocation in self.tcp_peers:
            usage = self.tcp_peers.close(allocation)
        else:
            usage, held = self.plane.close(allocation)
            for each in held:
                each.close()
        self._count(live, usage)
        self._closed += usage
        if live.client.link in self._connections:
            self._connections[live.client.link].guest.unsettle()
        if not self._live:
            self._empty.set()
        seconds = round(time.monotonic() - live.since, 1)
        self.journal.event("allocation-closed", number=allocation, **_who(live), seconds=seconds, **usage._asdict())

    def _usage(self, allocation: int) -> Usage:
        relays = self.tcp_peers if allocation in self.tcp_peers else self.plane
        return relays.usage(allocation)

    def _count(self, live: Live, usage: Usage) -> None:
        new, live.taken = usage - live.taken, usage
        if any(new):
            user = live.user if live.user in self._untaken or len(self._untaken) < MOST_USERS else ""
            self._untaken[user] = self._untaken.get(user, NOTHING) + new

    def _plan(self, deadline: float | None) -> None:
        if deadline == self._planned:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._planned = deadline
        wait = None if deadline is None else max(SOONEST, deadline - time.monotonic())
        self._timer = None if wait is None else self._loop.call_later(wait, self._expire)

    def _expire(self) -> None:
        self._planned = self._timer = None
        self._attempt("an expiry", lambda now: self._carry(self.server.expire(now)), _now())
        self._plan(self.server.deadline())

    def _tell_refusal(self, request: bytes, refusal: Reply) -> None:
        code = decode(refusal.data).get(attributes.ERROR_CODE)
        try:
            username = decode(request).get(attributes.USERNAME)
        except BadAttribute:
            username = None
        if code is None or (username is None and code.code in CHALLENGES):
            return  # every client's first request is answered so
        client = refusal.client
        before, colon, behind = (username or "").partition(":")
        user = behind if colon else before  # of time-limited ones the first part says until when
        self.journal.event("refused", code=code.code, user=user, client=client.remote, transport=client.transport.value)


def _now() -> Moment:
    return Moment(time.monotonic(), time.time())


def _sent(stream: socket.socket, data: bytes) -> bool:
    """Not, if so much waits for its reader already, or he is gone."""
    try:
        return stream.send(data) == len(data)
    except OSError:
        return False


def _is_refusal(reply: bytes) -> bool:
    return int.from_bytes(reply[:2], "big") & Kind.ERROR == Kind.ERROR


def _who(live: Live) -> dict[str, object]:
    return {"user": live.user, "client": live.client.remote, "transport": live.client.transport.value}
