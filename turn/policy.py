"""What the operator allows: peers, quotas, how often strangers are answered. Pure."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from turn.words import Address

Network = IPv4Network | IPv6Network
Host = IPv4Address | IPv6Address


def _networks(*names: str) -> tuple[Network, ...]:
    return tuple(ip_network(name) for name in names)


NEVER = _networks(
    "0.0.0.0/8",  # Linux takes 0.0.0.0 for itself
    "169.254.0.0/16",  # link-local: cloud machines tell their secrets at 169.254.169.254
    "224.0.0.0/4",
    "240.0.0.0/4",  # with broadcast
    "::/128",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
)
"""No switch opens these, only an operator who names them."""
LOOPBACK = _networks("127.0.0.0/8", "::1/128")
PRIVATE = _networks(
    "10.0.0.0/8",
    "100.64.0.0/10",  # carriers' NAT (RFC 6598)
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",  # benchmarks in closed networks
    "fc00::/7",
)
COMPATIBLE, MAPPED, NAT64, LOCAL_NAT64, SIX_TO_FOUR, TEREDO = _networks(
    "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"
)


def _within(host: Host, networks: Iterable[Network]) -> bool:
    return any(host in network for network in networks)


def _hidden(host: IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that a packet to this one may end at."""
    bits = int(host)
    if host in MAPPED or host in NAT64 or host in COMPATIBLE:
        return [IPv4Address(bits & 0xFFFF_FFFF)]
    if host in LOCAL_NAT64:  # where in it the address stands, its network decides (RFC 6052 section 2.2, RFC 8215)
        return [IPv4Address(0)]
    if host in SIX_TO_FOUR:
        return [IPv4Address(bits >> 80 & 0xFFFF_FFFF)]
    if host in TEREDO:
        return [IPv4Address(bits >> 64 & 0xFFFF_FFFF), IPv4Address(~bits & 0xFFFF_FFFF)]
    return []


class Peers:
    """Which addresses clients may send to. What a list allows is allowed; what it denies is denied before that.

    `own` are the addresses we relay at, by the names clients know: whoever relays here may reach another who does. Other
    addresses of this `machine` are refused, public ones too.
    """

    def __init__(
        self,
        *,
        private: bool = False,
        loopback: bool = False,
        allowed: Iterable[Network] = (),
        denied: Iterable[Network] = (),
        own: Iterable[bytes] = (),
        machine: Iterable[bytes] = (),
    ) -> None:
        self._switched = (*(PRIVATE if private else ()), *(LOOPBACK if loopback else ()))
        self._allowed, self._denied = tuple(allowed), tuple(denied)
        self._own, self._machine = frozenset(own), frozenset(machine)

    def allows(self, host: bytes) -> bool:
        address = ip_address(host)
        if _within(address, self._denied):
            return False
        return host in self._own or self._open(address) or (host not in self._machine and _public(address))

    def guards(self, host: bytes) -> bool:
        """Only relayed addresses of ours may be reached at it: no other program, and not our listeners."""
        return host in self._own and not self._open(ip_address(host))

    def _open(self, address: Host) -> bool:
        """Loopback and private addresses are opened by what they are called; a disguise stays shut."""
        return _within(address, self._switched) or _within(address, self._allowed)


def _public(address: Host) -> bool:
    if _within(address, (*NEVER, *LOOPBACK, *PRIVATE)):
        return False
    return all(_public(hidden) for hidden in _hidden(address)) if isinstance(address, IPv6Address) else True


@dataclass(frozen=True)
class Policy:
    """Numbers of 0 mean no bound only where it is said."""

    peers: Peers
    ports: range = range(49152, 65536)
    allocations: int = 4000
    allocations_per_user: int = 100
    """For each link of a mesh a browser takes one by each transport from each of its addresses: of eight people, some fifty."""
    alternates: tuple[Address, ...] = ()
    """Relays that clients are sent to while this one drains or is full."""
    permissions: int = 64
    """Of one allocation; the plane searches them one by one."""
    channels: int = 64
    strangers_rate: float = 50.0
    """Answers a second to one IP address over UDP, before it has proved who it is ..."""
    strangers_burst: float = 200.0
    """... and at once. Those behind one carrier's NAT join a call together; what is not answered is asked again."""
    tcp_relay: bool = False
    """RFC 6062. Who may use it may reach any TCP port of the world in our name."""
    connections: int = 16
    """Of one allocation that relays TCP."""
    rfc5766_channels: bool = False
    """Channel numbers up to 0x7FFF, as clients of RFC 5766 choose them."""


class Strangers:
    """Bounds what unproved senders are answered: a token bucket for each of the addresses seen last."""

    MOST = 10_000

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def admit(self, host: bytes, now: float) -> bool:
        tokens, since = self._buckets.pop(host, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._rate)
        admitted = tokens >= 1
        self._buckets[host] = (tokens - 1 if admitted else tokens, now)
        if len(self._buckets) > self.MOST:
            self._buckets.popitem(last=False)
        return admitted
