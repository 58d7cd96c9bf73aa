"""Allocations whose peers speak TCP (RFC 6062): connections to peers and from them, and the client's streams for each. Pure."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from turn.allocations import Allocation
from turn.errors import Refused
from turn.protocol import attributes as a
from turn.protocol.stun import Kind, Method, encode
from turn.words import Address, Client, Connect, Disconnect, Effect, Moment, Reply, Splice, Transport

if TYPE_CHECKING:
    from turn.server import Request, Server

PATIENCE = 30.0
"""Seconds: for a peer to take our connection, and for the client to bind its own to it (sections 5.2 and 5.3)."""


@dataclass(slots=True)
class Connection:
    number: int
    """CONNECTION-ID: random, since who knows it may take the connection, if he is of the same user."""
    allocation: int
    client: Client
    user: str
    peer: Address
    asked: "Request | None"
    """The Connect request that waits for the peer. None: the connection stands."""
    expires: float


class Connections:
    """Of all allocations of `server` that relay TCP."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._by_number: dict[int, Connection] = {}
        self._by_allocation: dict[int, dict[int, Connection]] = {}
        self._unbound: OrderedDict[int, Connection] = OrderedDict()
        """Each has 30 s from when it came in, so the first is the first to expire."""

    def connect(self, request: "Request") -> list[Effect]:
        """Section 5.2."""
        allocation = self._server.allocation_of(request)
        peer = request.message.get(a.XOR_PEER_ADDRESS)
        if not allocation.tcp:
            raise Refused(437)
        if peer is None:
            raise Refused(400)
        self._server.check_peer(allocation, peer)
        if self._server.policy.peers.guards(peer.host) and not self._server.allocations.relayed(peer, tcp=True):
            raise Refused(403)
        mine = self._by_allocation.get(allocation.number, {})
        present = next((connection for connection in mine.values() if connection.peer == peer), None)
        if present is not None:
            if present.asked is not None and present.asked.message.transaction_id == request.message.transaction_id:
                return []  # asked again while the peer has not answered
            raise Refused(446)
        if len(mine) >= self._server.policy.connections:
            raise Refused(508)
        connection = self._begin(allocation, peer, request, request.now)
        return [Connect(allocation.number, connection.number, peer)]

    def connected(self, number: int, now: Moment) -> list[Effect]:
        """The peer took our connection."""
        connection = self._by_number.get(number)
        if connection is None or connection.asked is None:
            return [Disconnect(number)]
        request, connection.asked = connection.asked, None
        self._wait(connection, now)
        return [self._server.success(request, [(a.CONNECTION_ID, number)])]

    def attempted(self, allocation_number: int, peer: Address, now: Moment) -> tuple[int | None, list[Effect]]:
        """A peer connected to a relayed address (section 5.3). Its number, and None if it is to be closed."""
        allocation = self._server.allocations.of_number(allocation_number)
        if allocation is None or peer.host not in allocation.permissions:
            return None, []
        if len(self._by_allocation.get(allocation.number, ())) >= self._server.policy.connections:
            return None, []
        connection = self._begin(allocation, peer, None, now)
        told: list[tuple[a.Attribute[Any], Any]] = [(a.CONNECTION_ID, connection.number), (a.XOR_PEER_ADDRESS, peer)]
        data = encode(Method.CONNECTION_ATTEMPT, Kind.INDICATION, self._server.random(12), told)
        return connection.number, [Reply(allocation.client, data)]

    def control_of(self, request: "Request") -> Client | None:
        """Who has the connection that a stream is to be bound to. The nonce he was given is good there, too: some clients
        never ask for another.
        """
        if request.message.method != Method.CONNECTION_BIND:
            return None
        number = request.message.get(a.CONNECTION_ID)
        connection = None if number is None else self._unbound.get(number)
        return None if connection is None else connection.client

    def bind(self, request: "Request") -> list[Effect]:
        """ConnectionBind, section 5.4: on a stream of its own, by the same user."""
        number = request.message.get(a.CONNECTION_ID)
        if number is None or request.client.transport is Transport.UDP:
            raise Refused(400)
        if self._server.allocations.of_client(request.client) is not None:
            raise Refused(400)
        connection = self._unbound.get(number)
        if connection is None or connection.asked is not None or connection.user != request.user:
            raise Refused(400)
        del self._unbound[number]
        return [Splice(number, request.client, self._server.success(request).data)]

    def over(self, number: int) -> list[Effect]:
        """Either side closed it, or the peer could not be reached."""
        connection = self._forget(number)
        if connection is None or connection.asked is None:
            return []
        return self._server.refuse(connection.asked, Refused(447))

    def close(self, allocation: Allocation) -> list[Effect]:
        """With its allocation each connection ends."""
        numbers = list(self._by_allocation.get(allocation.number, ()))
        for number in numbers:
            self._forget(number)
        return [Disconnect(number) for number in numbers]

    def deadline(self) -> float | None:
        return next((connection.expires for connection in self._unbound.values()), None)

    def expire(self, now: Moment) -> list[Effect]:
        effects: list[Effect] = []
        while (deadline := self.deadline()) is not None and deadline <= now.steady:
            number = next(iter(self._unbound))
            effects += [*self.over(number), Disconnect(number)]
        return effects

    def _begin(self, allocation: Allocation, peer: Address, asked: "Request | None", now: Moment) -> Connection:
        number = int.from_bytes(self._server.random(4), "big")
        while number in self._by_number:
            number = (number + 1) % 2**32
        connection = Connection(number, allocation.number, allocation.client, allocation.user, peer, asked, 0.0)
        self._by_number[number] = connection
        self._by_allocation.setdefault(allocation.number, {})[number] = connection
        self._wait(connection, now)
        return connection

    def _wait(self, connection: Connection, now: Moment) -> None:
        connection.expires = now.steady + PATIENCE
        self._unbound[connection.number] = connection
        self._unbound.move_to_end(connection.number)

    def _forget(self, number: int) -> Connection | None:
        self._unbound.pop(number, None)
        connection = self._by_number.pop(number, None)
        if connection is not None:
            mine = self._by_allocation[connection.allocation]
            del mine[number]
            if not mine:
                del self._by_allocation[connection.allocation]
        return connection
