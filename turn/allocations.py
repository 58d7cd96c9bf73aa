"""Allocations with their permissions and channels, and the ports they take. Time comes as an argument. Pure."""

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from turn.words import Address, Client, Effect, Family, Forbid, Narrow, Unbind

PERMISSION_LIFETIME = 300.0
CHANNEL_LIFETIME = 600.0
RESERVATION_LIFETIME = 30.0
"""Seconds: RFC 8656 sections 9, 12 and 7.2."""

REST = 30.0
"""Seconds before a port is used again, so that late packets of one call do not fall into the next."""
TRIES = 16


@dataclass(slots=True)
class Channel:
    peer: Address
    expires: float


@dataclass(slots=True)
class Relay:
    """One relayed transport address: where its socket is bound, and what clients call it."""

    bound: Address
    told: Address
    expires: float


@dataclass(slots=True)
class Allocation:
    number: int
    user: str
    client: Client
    relays: dict[Family, Relay]
    transaction_id: bytes
    """Of the Allocate request. A retransmission of it hears the same `reply` again."""
    tcp: bool = False
    """Its peers speak TCP, and the plane does not know it."""
    reply: bytes = b""
    permissions: dict[bytes, float] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    due: float = 0.0
    """When it is looked at next."""

    def channel_of(self, peer: Address) -> int | None:
        return next((number for number, channel in self.channels.items() if channel.peer == peer), None)

    def earliest(self) -> float:
        """When the first of its parts expires."""
        return min(
            min(relay.expires for relay in self.relays.values()),
            min(self.permissions.values(), default=float("inf")),
            min((channel.expires for channel in self.channels.values()), default=float("inf")),
        )

    def expired(self, now: float) -> list[Effect]:
        """Takes off what is over. Its last relay is never taken: then the allocation as a whole is over."""
        effects: list[Effect] = []
        for family in [family for family, relay in self.relays.items() if relay.expires <= now]:
            if len(self.relays) > 1:
                effects.append(Narrow(self.number, self.relays.pop(family).bound))
        for number in [number for number, channel in self.channels.items() if channel.expires <= now]:
            del self.channels[number]
            effects.append(Unbind(self.number, number))
        for host in [host for host, expires in self.permissions.items() if expires <= now]:
            del self.permissions[host]
            if not self.tcp:
                effects.append(Forbid(self.number, host))
        return effects


class Ports:
    """The ports of one address of ours. `choose(n)` is a random number below n: they cannot be foretold."""

    def __init__(self, ports: range, choose: Callable[[int], int]) -> None:
        self._ports, self._choose = ports, choose
        self._busy: set[int] = set()
        self._resting: deque[tuple[float, int]] = deque()

    def take(self, now: float, *, even: bool = False, pair: bool = False) -> int | None:
        """A free port, an even one if asked, with the next one for a `pair`; None if there is none."""
        while self._resting and self._resting[0][0] <= now:
            self._busy.discard(self._resting.popleft()[1])
        for port in self._candidates():
            wanted = {port, port + 1} if pair else {port}
            if (even and port % 2) or not self._busy.isdisjoint(wanted) or (pair and port + 1 not in self._ports):
                continue
            self._busy |= wanted
            return port
        return None

    def rest(self, port: int, now: float) -> None:
        """Free from in a while on."""
        self._resting.append((now + REST, port))

    def _candidates(self) -> Iterator[int]:
        """Some at random, and when the range is nearly full every one."""
        for _ in range(TRIES):
            yield self._ports[self._choose(len(self._ports))]
        start = self._choose(len(self._ports))
        yield from self._ports[start:]
        yield from self._ports[:start]


@dataclass(frozen=True, slots=True)
class Reservation:
    bound: Address
    told: Address
    user: str
    expires: float


class Allocations:
    """All that live, found by client and by number, and in the order in which something of them expires."""

    def __init__(self) -> None:
        self._by_client: dict[Client, Allocation] = {}
        self._by_number: dict[int, Allocation] = {}
        self._by_user: dict[str, dict[int, Allocation]] = {}
        self._relayed: set[tuple[Address, bool]] = set()
        self._due: list[tuple[float, int]] = []
        self._latest = 0

    def __len__(self) -> int:
        return len(self._by_number)

    def __iter__(self) -> Iterator[Allocation]:
        return iter(self._by_number.values())

    def of_client(self, client: Client) -> Allocation | None:
        return self._by_client.get(client)

    def of_number(self, number: int) -> Allocation | None:
        return self._by_number.get(number)

    def of_user(self, user: str) -> list[Allocation]:
        return list(self._by_user.get(user, {}).values())

    def count_of(self, user: str) -> int:
        return len(self._by_user.get(user, {}))

    @property
    def users(self) -> list[str]:
        return list(self._by_user)

    def relayed(self, address: Address, *, tcp: bool = False) -> bool:
        """Whether clients know this as a relayed address of somebody here."""
        return (address, tcp) in self._relayed

    def add(
        self, user: str, client: Client, relays: dict[Family, Relay], transaction_id: bytes, *, tcp: bool = False
    ) -> Allocation:
        self._latest += 1
        allocation = Allocation(self._latest, user, client, relays, transaction_id, tcp)
        self._by_client[client] = self._by_number[allocation.number] = allocation
        self._by_user.setdefault(user, {})[allocation.number] = allocation
        self._relayed.update((relay.told, tcp) for relay in relays.values())
        self.schedule(allocation)
        return allocation

    def remove(self, allocation: Allocation) -> None:
        del self._by_client[allocation.client], self._by_number[allocation.number]
        mine = self._by_user[allocation.user]
        del mine[allocation.number]
        if not mine:
            del self._by_user[allocation.user]
        self.forget_relays(allocation, *allocation.relays.values())
        if len(self._due) > 2 * len(self._by_number) + 64:  # of the dead; those of the living are at most one too many
            self._due = [(allocation.due, number) for number, allocation in self._by_number.items()]
            heapq.heapify(self._due)

    def forget_relays(self, allocation: Allocation, *relays: Relay) -> None:
        self._relayed.difference_update((relay.told, allocation.tcp) for relay in relays)

    def schedule(self, allocation: Allocation) -> None:
        """To be called when something of it was added, or lives shorter than before; later is found out when it is due."""
        earliest = allocation.earliest()
        if not allocation.due or earliest < allocation.due:
            allocation.due = earliest
            heapq.heappush(self._due, (earliest, allocation.number))

    def deadline(self) -> float | None:
        while self._due and self._due[0][1] not in self._by_number:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def take_due(self, now: float) -> Iterator[Allocation]:
        """Each of which something may have expired, once; it must be scheduled again, or removed."""
        while self._due and self._due[0][0] <= now:
            due, number = heapq.heappop(self._due)
            allocation = self._by_number.get(number)
            if allocation is not None and allocation.due == due:
                allocation.due = 0.0
                yield allocation
