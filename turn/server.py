"""What the relay does about each message: datagrams and the time in, effects out. Ten minutes pass in a microsecond. Pure.

Section numbers are those of RFC 8656, if no other RFC is named.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from turn.allocations import (
    CHANNEL_LIFETIME,
    PERMISSION_LIFETIME,
    RESERVATION_LIFETIME,
    Allocation,
    Allocations,
    Channel,
    Ports,
    Relay,
    Reservation,
)
from turn.authentication import Authentication
from turn.connections import Connections
from turn.errors import REASONS, Refused
from turn.policy import Policy, Strangers
from turn.protocol import attributes as a
from turn.protocol.integrity import Key
from turn.protocol.stun import BadAttribute, Kind, MalformedMessage, Message, Method, decode, encode
from turn.wishes import TCP, UDP, Wish, lifetime_of, read_wish
from turn.words import (
    Address,
    Bind,
    Client,
    Close,
    Effect,
    Family,
    Listen,
    Moment,
    Narrow,
    Open,
    Permit,
    Release,
    Reply,
    Transport,
)

CHANNELS = range(0x4000, 0x5000)
RFC5766_CHANNELS = range(0x4000, 0x8000)
ATTEMPTS = 8
"""Ports tried for one request, of those we took for free while another program has them."""
MOST_RESERVATIONS = 1000
"""Pairs that are half used; a user's count among his allocations, too."""
SOFTWARE = "ProjectVoice"

BANDWIDTH = 0x0010
"""Of drafts; some clients still send it, and no answer depends on it."""
UNDERSTOOD: Final = frozenset(
    {
        BANDWIDTH,
        *(
            attribute.number
            for attribute in (
                *(a.MAPPED_ADDRESS, a.USERNAME, a.MESSAGE_INTEGRITY, a.ERROR_CODE, a.UNKNOWN_ATTRIBUTES, a.REALM, a.NONCE),
                *(a.MESSAGE_INTEGRITY_SHA256, a.PASSWORD_ALGORITHM, a.USERHASH, a.XOR_MAPPED_ADDRESS),
                *(a.CHANNEL_NUMBER, a.LIFETIME, a.XOR_PEER_ADDRESS, a.DATA, a.XOR_RELAYED_ADDRESS, a.REQUESTED_ADDRESS_FAMILY),
                *(a.EVEN_PORT, a.REQUESTED_TRANSPORT, a.DONT_FRAGMENT, a.RESERVATION_TOKEN, a.CONNECTION_ID),
            )
        ),
    }
)

Attributes = list[tuple[a.Attribute[Any], Any]]


class Host(NamedTuple):
    """An address that we relay at: where sockets are bound, and what clients are told (another one behind a 1:1 NAT)."""

    bound: bytes
    told: bytes


@dataclass(slots=True)
class Request:
    message: Message
    client: Client
    now: Moment
    user: str = ""
    key: Key | None = None
    """Known once the sender has proved who it is."""


class Opening(NamedTuple):
    """An Open that may still fail."""

    allocation: Allocation
    reserved: Reservation | None
    request: Request
    wish: Wish
    attempts: int


class Server:
    """`hosts` are our relay addresses, one of a family at most. `random(n)` gives n bytes, `choose(n)` a number below n."""

    def __init__(
        self,
        policy: Policy,
        authentication: Authentication,
        hosts: Mapping[Family, Host],
        *,
        random: Callable[[int], bytes],
        choose: Callable[[int], int],
    ) -> None:
        self.policy = policy
        self.allocations = Allocations()
        self.refusals: Counter[int] = Counter()
        self.malformed = 0
        self.unanswered = 0
        """Strangers of whom there were too many."""
        self.draining = False
        self._authentication = authentication
        self._hosts = dict(hosts)
        self.random = random
        self._ports = {host.bound: Ports(policy.ports, choose) for host in hosts.values()}
        self._transports = (UDP, TCP) if policy.tcp_relay else (UDP,)
        self._strangers = Strangers(policy.strangers_rate, policy.strangers_burst)
        self._reservations: dict[bytes, Reservation] = {}
        self._opening: Opening | None = None
        self.connections = Connections(self)

    def receive(self, data: bytes, client: Client, now: Moment) -> list[Effect]:
        """What a STUN message leads to, and what expired before it came. Raises nothing, whatever it is."""
        try:
            message = decode(data)
        except MalformedMessage:
            self.malformed += 1
            return []
        return [*self.expire(now), *self._answer(message, client, now)]

    def unavailable(self, allocation: int, address: Address, now: Moment) -> list[Effect]:
        """The Open just given could not bind this address. Called before anything else is."""
        if self._opening is None or self._opening.allocation.number != allocation:
            return []
        failed, reserved, request, wish, attempts = self._opening
        self._close(failed, now)
        if reserved is not None:
            self._drop(reserved, now)
        try:
            if attempts == 1 or wish.reservation is not None:
                raise Refused(508)
            return self._open(request, wish, attempts - 1)
        except Refused as refusal:
            return self.refuse(request, refusal)

    def hung_up(self, client: Client, now: Moment) -> list[Effect]:
        """The connection is gone, and with it the allocation (section 3.1)."""
        allocation = self.allocations.of_client(client)
        return [] if allocation is None else self._close(allocation, now)

    def cut(self, user: str, now: Moment) -> list[Effect]:
        """Nothing is relayed for this user any longer, and credentials minted until now are refused."""
        self._authentication.cut(user, now.wall)
        return [effect for allocation in self.allocations.of_user(user) for effect in self._close(allocation, now)]

    def drain(self) -> None:
        """From here on nobody gets an allocation; those there are live on."""
        self.draining = True

    def deadline(self) -> float | None:
        """When, by the steady clock, something expires next."""
        first = self._first_reservation()
        reserved = None if first is None else first.expires
        deadlines = (self.allocations.deadline(), self.connections.deadline(), reserved)
        return min((when for when in deadlines if when is not None), default=None)

    def expire(self, now: Moment) -> list[Effect]:
        effects = self.connections.expire(now)
        for allocation in self.allocations.take_due(now.steady):
            if all(relay.expires <= now.steady for relay in allocation.relays.values()):
                effects += self._close(allocation, now)
                continue
            relays = dict(allocation.relays)
            effects += allocation.expired(now.steady)
            for family in relays.keys() - allocation.relays.keys():
                self._give_back(allocation, relays[family], now)
            self.allocations.schedule(allocation)
        while (first := self._first_reservation()) is not None and first.expires <= now.steady:
            self._drop(first, now)
            effects.append(Release(first.bound))
        return effects

    # Requests, one after another

    def _answer(self, message: Message, client: Client, now: Moment) -> list[Effect]:
        handler = HANDLERS.get(message.method)
        if handler is None or message.kind is not Kind.REQUEST:
            return []  # 8489 6.3: indications that the plane left are none of ours, and we asked nothing
        request = Request(message, client, now)
        try:
            if message.method != Method.BINDING:
                self._authenticate(request)
            unknown = message.unknown(UNDERSTOOD)
            if unknown:  # 8489 6.3.1
                raise Refused(420, (a.UNKNOWN_ATTRIBUTES, unknown))
            return handler(self, request)
        except BadAttribute:
            return self.refuse(request, Refused(400))
        except Refused as refusal:
            return self.refuse(request, refusal)

    def _binding(self, request: Request) -> list[Effect]:
        return [self.success(request, [(a.XOR_MAPPED_ADDRESS, request.client.remote)])]

    def _allocate(self, request: Request) -> list[Effect]:
        """Section 7.2. Its step 1, authentication, is done."""
        message = request.message
        present = self.allocations.of_client(request.client)
        if present is not None:  # step 2
            if present.transaction_id == message.transaction_id:
                return [Reply(request.client, present.reply)]
            raise Refused(437)
        if message.get(a.MOBILITY_TICKET) is not None:  # RFC 8016 3.1.1: not offered here
            raise Refused(405)
        wish = read_wish(message, self._hosts, self._reserved_for(request), self._transports)  # steps 3 to 9
        if wish.tcp and request.client.transport is Transport.UDP:  # RFC 6062 5.1
            raise Refused(400)
        if self.draining or len(self.allocations) >= self.policy.allocations:
            raise self._elsewhere(request.client)
        if self._count(request.user) >= self.policy.allocations_per_user + (wish.reservation is not None):  # step 10
            raise Refused(486)
        if wish.pair and len(self._reservations) >= MOST_RESERVATIONS:
            raise Refused(508)
        if wish.reservation is not None:
            self._forget(wish.reservation)
        return self._open(request, wish, ATTEMPTS)

    def _open(self, request: Request, wish: Wish, attempts: int) -> list[Effect]:
        steady = request.now.steady
        relays, failures = self._relays(wish, steady)
        if not relays:
            raise Refused(508)
        allocation = self.allocations.add(request.user, request.client, relays, request.message.transaction_id, tcp=wish.tcp)
        answer: Attributes = [(a.XOR_RELAYED_ADDRESS, relay.told) for relay in relays.values()]
        answer += [(a.XOR_MAPPED_ADDRESS, request.client.remote), (a.LIFETIME, wish.lifetime), (a.SOFTWARE, SOFTWARE)]
        reserved: Reservation | None = None
        if wish.pair:
            (relay,) = relays.values()
            reserved = Reservation(_next(relay.bound), _next(relay.told), request.user, steady + RESERVATION_LIFETIME)
            token = self.random(8)
            self._reservations[token] = reserved
            answer.append((a.RESERVATION_TOKEN, token))
        allocation.reply = self.success(request, answer + failures).data
        self._opening = Opening(allocation, reserved, request, wish, attempts)
        bound = tuple(relay.bound for relay in relays.values())
        if wish.tcp:
            return [Listen(allocation.number, request.client, bound, allocation.reply)]
        held = None if reserved is None else reserved.bound
        return [Open(allocation.number, request.client, bound, held, allocation.reply)]

    def _relays(self, wish: Wish, steady: float) -> tuple[dict[Family, Relay], Attributes]:
        """One of each family that was asked for, and why there is none of a family where one alone would do."""
        expires = steady + wish.lifetime
        if wish.reservation is not None:
            return {wish.families[0]: Relay(wish.reservation.bound, wish.reservation.told, expires)}, []
        relays: dict[Family, Relay] = {}
        failures: Attributes = []
        for family in wish.families:
            host = self._hosts.get(family)
            port = None if host is None else self._ports[host.bound].take(steady, even=wish.even, pair=wish.pair)
            if host is None or port is None:
                code = 440 if host is None else 508
                failures.append((a.ADDRESS_ERROR_CODE, (family, code, REASONS[code])))
            else:
                relays[family] = Relay(Address(host.bound, port), Address(host.told, port), expires)
        return relays, failures

    def _refresh(self, request: Request) -> list[Effect]:
        """Section 8.3."""
        allocation = self.allocation_of(request)
        family = request.message.get(a.REQUESTED_ADDRESS_FAMILY)
        wanted = request.message.get(a.LIFETIME)
        lifetime = 0 if wanted == 0 else lifetime_of(wanted)
        if family is not None and family not in allocation.relays:
            raise Refused(443)
        concerned = [*allocation.relays] if family is None else [Family(family)]
        answer = self.success(request, [(a.LIFETIME, lifetime)])
        if lifetime:
            for each in concerned:
                allocation.relays[each].expires = request.now.steady + lifetime
            self.allocations.schedule(allocation)
            return [answer]
        if len(concerned) == len(allocation.relays):
            return [*self._close(allocation, request.now), answer]
        relay = allocation.relays.pop(concerned[0])
        self._give_back(allocation, relay, request.now)
        return [Narrow(allocation.number, relay.bound), answer]

    def _create_permission(self, request: Request) -> list[Effect]:
        """Section 10.2: all of them, or none."""
        allocation = self.allocation_of(request)
        peers = request.message.all(a.XOR_PEER_ADDRESS)
        if not peers:
            raise Refused(400)
        hosts = dict.fromkeys(peer.host for peer in peers)
        for peer in peers:
            self.check_peer(allocation, peer)
        if len(allocation.permissions.keys() | hosts.keys()) > self.policy.permissions:
            raise Refused(508)
        effects = [effect for host in hosts for effect in self._permit(allocation, host, request.now)]
        return [*effects, self.success(request)]

    def _channel_bind(self, request: Request) -> list[Effect]:
        """Section 12.2."""
        allocation = self.allocation_of(request)
        if allocation.tcp:  # RFC 6062 5.1: no channels
            raise Refused(400)
        number, peer = request.message.get(a.CHANNEL_NUMBER), request.message.get(a.XOR_PEER_ADDRESS)
        channels = RFC5766_CHANNELS if self.policy.rfc5766_channels else CHANNELS
        if number is None or peer is None or number not in channels:
            raise Refused(400)
        present, other = allocation.channels.get(number), allocation.channel_of(peer)
        if (present is not None and present.peer != peer) or other not in {None, number}:
            raise Refused(400)
        self.check_peer(allocation, peer)
        if self.policy.peers.guards(peer.host) and not self.allocations.relayed(peer):
            raise Refused(403)
        if present is None and len(allocation.channels) >= self.policy.channels:
            raise Refused(508)
        if peer.host not in allocation.permissions and len(allocation.permissions) >= self.policy.permissions:
            raise Refused(508)
        effects = self._permit(allocation, peer.host, request.now)
        allocation.channels[number] = Channel(peer, request.now.steady + CHANNEL_LIFETIME)
        self.allocations.schedule(allocation)
        if present is None:
            effects.append(Bind(allocation.number, number, peer))
        return [*effects, self.success(request)]

    # What several of them need

    def _authenticate(self, request: Request) -> None:
        served, control = self.allocations.of_client(request.client), self.connections.control_of(request)
        proof = self._authentication.check(
            request.message, request.client, request.now, None if served is None else served.user, control
        )
        request.user, request.key = proof.user, proof.key

    def allocation_of(self, request: Request) -> Allocation:
        """The client's, if it is his who asks (sections 5 and 8.3)."""
        allocation = self.allocations.of_client(request.client)
        if allocation is None:
            raise Refused(437)
        if allocation.user != request.user:
            raise Refused(441)
        return allocation

    def check_peer(self, allocation: Allocation, peer: Address) -> None:
        if peer.family not in allocation.relays:
            raise Refused(443)
        if not self.policy.peers.allows(peer.host):
            raise Refused(403)

    def _permit(self, allocation: Allocation, host: bytes, now: Moment) -> list[Effect]:
        new = host not in allocation.permissions
        allocation.permissions[host] = now.steady + PERMISSION_LIFETIME
        self.allocations.schedule(allocation)
        return [Permit(allocation.number, host)] if new and not allocation.tcp else []

    def _close(self, allocation: Allocation, now: Moment) -> list[Effect]:
        self.allocations.remove(allocation)
        for relay in allocation.relays.values():
            self._rest(relay.bound, now)
        return [*self.connections.close(allocation), Close(allocation.number)]

    def _give_back(self, allocation: Allocation, relay: Relay, now: Moment) -> None:
        self.allocations.forget_relays(allocation, relay)
        self._rest(relay.bound, now)

    def _elsewhere(self, client: Client) -> Refused:
        """8489 10: the family of the client's own address is one that he can reach."""
        alternates = [address for address in self.policy.alternates if address.family is client.remote.family]
        return Refused(300, (a.ALTERNATE_SERVER, alternates[0])) if alternates else Refused(508)

    def _count(self, user: str) -> int:
        """Allocations of a user, and the ports that are held for more."""
        return self.allocations.count_of(user) + sum(kept.user == user for kept in self._reservations.values())

    def _reserved_for(self, request: Request) -> Reservation | None:
        token = request.message.get(a.RESERVATION_TOKEN)
        kept = None if token is None else self._reservations.get(token)
        return kept if kept is not None and kept.user == request.user else None

    def _first_reservation(self) -> Reservation | None:
        """The first to expire: all live equally long, and stand in the order in which they came."""
        return next(iter(self._reservations.values()), None)

    def _forget(self, reservation: Reservation) -> None:
        self._reservations = {token: kept for token, kept in self._reservations.items() if kept is not reservation}

    def _drop(self, reservation: Reservation, now: Moment) -> None:
        self._forget(reservation)
        self._rest(reservation.bound, now)

    def _rest(self, bound: Address, now: Moment) -> None:
        self._ports[bound.host].rest(bound.port, now.steady)

    def success(self, request: Request, attributes: Attributes | None = None) -> Reply:
        return self._reply(request, Kind.SUCCESS, attributes or [])

    def refuse(self, request: Request, refusal: Refused) -> list[Effect]:
        self.refusals[refusal.code] += 1
        client, now = request.client, request.now
        stranger = request.key is None and client.transport is Transport.UDP  # whose address may be another's
        if stranger and not self._strangers.admit(client.remote.host, now.steady):
            self.unanswered += 1
            return []
        code = (a.ERROR_CODE, (refusal.code, REASONS[refusal.code]))
        return [self._reply(request, Kind.ERROR, [code, *refusal.attributes])]

    def _reply(self, request: Request, kind: Kind, attributes: Attributes) -> Reply:
        message = request.message
        fingerprint = any(number == a.FINGERPRINT.number for number, _ in message.attributes)
        data = encode(message.method, kind, message.transaction_id, attributes, integrity=request.key, fingerprint=fingerprint)
        return Reply(request.client, data)


def _next(address: Address) -> Address:
    return Address(address.host, address.port + 1)


HANDLERS: Final[dict[int, Callable[[Server, Request], list[Effect]]]] = {
    Method.BINDING: Server._binding,
    Method.ALLOCATE: Server._allocate,
    Method.REFRESH: Server._refresh,
    Method.CREATE_PERMISSION: Server._create_permission,
    Method.CHANNEL_BIND: Server._channel_bind,
    Method.CONNECT: lambda server, request: server.connections.connect(request),
    Method.CONNECTION_BIND: lambda server, request: server.connections.bind(request),
}
