"""The vocabulary of the relay: addresses, clients, and what the server wants done. Pure."""

from enum import Enum, IntEnum
from ipaddress import ip_address
from typing import NamedTuple


class Family(IntEnum):
    """As STUN's address attributes number them (RFC 8489 section 14.1)."""

    IPV4 = 1
    IPV6 = 2


class Address(NamedTuple):
    """An IP address, 4 or 16 bytes in network order, and a port."""

    host: bytes
    port: int

    @property
    def family(self) -> Family:
        return Family.IPV4 if len(self.host) == 4 else Family.IPV6

    @classmethod
    def of(cls, host: str, port: int) -> "Address":
        """Raises ValueError for what is no IP address."""
        return cls(ip_address(host).packed, port)

    def __str__(self) -> str:
        host = ip_address(self.host)
        return f"[{host}]:{self.port}" if host.version == 6 else f"{host}:{self.port}"


class Transport(Enum):
    """What a client speaks to us over. The server needs it, since some requests are refused by transport."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class Client(NamedTuple):
    """The five-tuple that an allocation belongs to (RFC 8656 section 3.2)."""

    remote: Address
    local: Address
    transport: Transport
    link: int
    """The plane's number for the listening socket, or for the connection, that it came by and is answered by."""


class Moment(NamedTuple):
    """Lifetimes run by the steady clock, which nobody sets; credentials and nonces name seconds since 1970."""

    steady: float
    wall: float


class Usage(NamedTuple):
    """Application data relayed, headers not counted; up is from the client to its peers."""

    packets_up: int = 0
    bytes_up: int = 0
    packets_down: int = 0
    bytes_down: int = 0

    def __add__(self, other: tuple[int, ...]) -> "Usage":  # type: ignore[override]  # a sum, not a longer tuple
        return Usage(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))


class Reply(NamedTuple):
    """Send these bytes to the client."""

    client: Client
    data: bytes


class Open(NamedTuple):
    """Bind UDP sockets at `relays` and relay for `client`; hold `reserved`, too. Only if all of it was done, send `reply`.

    Addresses are those to bind, not those that were told to the client. One that was reserved before is bound already.
    If one cannot be bound, nothing is kept and the server hears `unavailable`.
    """

    allocation: int
    client: Client
    relays: tuple[Address, ...]
    reserved: Address | None
    reply: bytes


class Listen(NamedTuple):
    """As Open, but the peers speak TCP (RFC 6062): listen at `relays` for them. The plane has no part in it."""

    allocation: int
    client: Client
    relays: tuple[Address, ...]
    reply: bytes


class Connect(NamedTuple):
    """Open a TCP connection to this peer from the relayed address; the server hears `connected` or `unreachable`."""

    allocation: int
    connection: int
    peer: Address


class Splice(NamedTuple):
    """Send `reply`; behind it the client's stream carries the bytes of this connection, both ways.

    What he says once he has it is the peer's already, and not ours to read.
    """

    connection: int
    client: Client
    reply: bytes


class Disconnect(NamedTuple):
    """Close the connection, or give up opening it; and the client's stream, if they were joined."""

    connection: int


class Permit(NamedTuple):
    """Let packets of this IP address pass."""

    allocation: int
    host: bytes


class Forbid(NamedTuple):
    allocation: int
    host: bytes


class Bind(NamedTuple):
    """Data from and to this peer travels as ChannelData of this number."""

    allocation: int
    channel: int
    peer: Address


class Unbind(NamedTuple):
    allocation: int
    channel: int


class Narrow(NamedTuple):
    """Close the relay socket at this address; the other one of the allocation goes on."""

    allocation: int
    relay: Address


class Close(NamedTuple):
    """The allocation is gone: its sockets, permissions and channels with it."""

    allocation: int


class Release(NamedTuple):
    """Nobody came for this reserved address: close its socket."""

    address: Address


Effect = Reply | Open | Listen | Connect | Splice | Disconnect | Permit | Forbid | Bind | Unbind | Narrow | Close | Release
