"""What the portable data path looks up for each packet. The control side fills it under the plane's lock."""

import socket
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

from turn.plane.batches import SWAPPED, Name, to_raw
from turn.plane.indications import DataHeader
from turn.plane.sockets import to_sockaddr
from turn.plane.streams import Stream
from turn.words import Address, Family, Usage

ONE_PACKET = 1 << 48
"""Packets and bytes are counted in one integer: bytes below this, packets above. One addition is half as long as two."""
Key = int | tuple[int, ...]
"""A client's address and the first two bytes of what he sent, as `batches.Incoming.keys` shows them."""
MOST_REMEMBERED = 256
"""Peers of an allocation whose addresses need not be read again."""


def packets_and_bytes(tally: int) -> tuple[int, int]:
    return tally >> 48, tally & (ONE_PACKET - 1)


class Budget:
    """So many bytes a second; a second's worth may pass at once."""

    __slots__ = ("_left", "_rate", "_since")

    def __init__(self, bytes_per_second: int, now: float) -> None:
        self._rate, self._left, self._since = bytes_per_second, float(bytes_per_second), now

    def take(self, size: int, now: float) -> bool:
        left = min(self._rate, self._left + (now - self._since) * self._rate)
        self._since = now
        passes = size <= left
        self._left = left - size if passes else left
        return passes


class Listener:
    """A socket that UDP clients speak to."""

    __slots__ = ("allocations", "channels", "descriptor", "family", "link", "socket")

    def __init__(self, link: int, listener: socket.socket) -> None:
        self.link, self.socket, self.descriptor = link, listener, listener.fileno()
        self.family = Family.IPV4 if listener.family == socket.AF_INET else Family.IPV6
        self.channels: dict[Key, Channel] = {}
        self.allocations: dict[Key, Allocation] = {}
        """Behind those keys a Send indication begins."""


class Allocation:
    """`relays` and `sources` are by address family, and by a sender as the kernel names him."""

    __slots__ = (
        *("by_peer", "channels", "down", "down_budget", "listener", "name", "permitted", "receivers", "relays", "remote"),
        *("sources", "stream", "up", "up_budget"),
    )

    def __init__(self, client: Listener | Stream | None, remote: Address, bytes_per_second: int, now: float) -> None:
        self.listener = client if isinstance(client, Listener) else None
        self.stream = client if isinstance(client, Stream) else None
        self.remote = remote
        self.name = Name(remote)
        self.relays: dict[Family, socket.socket] = {}
        self.permitted: set[bytes] = set()
        self.channels: dict[int, Channel] = {}
        self.by_peer: dict[Address, Channel] = {}
        self.sources: dict[bytes, Source] = {}
        self.receivers: dict[int, tuple[Any, socket.socket]] = {}
        """Of Send indications: the socket's address and the relay that sends there."""
        self.up = self.down = 0
        """Of what went by no channel, and by those that are unbound."""
        self.up_budget = Budget(bytes_per_second, now) if bytes_per_second else None
        self.down_budget = Budget(bytes_per_second, now) if bytes_per_second else None

    def usage(self) -> Usage:
        channels = self.channels.values()
        up = self.up + sum(channel.up for channel in channels)
        down = self.down + sum(channel.down for channel in channels)
        return Usage(*packets_and_bytes(up), *packets_and_bytes(down))

    def forget_peers(self) -> None:
        """Something changed that the remembered peers follow from."""
        self.sources.clear()
        self.receivers.clear()


class Channel:
    """`open`: its packets pass. `plain`: and nothing else is to be asked, so the short way is open to them."""

    __slots__ = (
        *(
            "allocation",
            "down",
            "head",
            "listener",
            "name",
            "open",
            "peer",
            "plain",
            "receive",
            "send",
            "sibling",
            "up",
            "wire",
        ),
    )

    def __init__(self, allocation: Allocation, number: int, peer: Address) -> None:
        self.allocation, self.peer = allocation, peer
        self.listener, self.name = allocation.listener, allocation.name.pointer
        self.wire = SWAPPED[number]
        self.head = number.to_bytes(2, "big")
        self.sibling: socket.socket | None = None
        self.send: Callable[[memoryview], int] = _closed
        self.receive: Callable[[memoryview], int] = _closed
        self.open = self.plain = False
        self.up = self.down = 0

    def settle(self, target: Address | None) -> None:
        """Its packets pass to this address, or not at all."""
        relay = self.allocation.relays.get(self.peer.family)
        self.open = target is not None and relay is not None and self.peer.host in self.allocation.permitted
        self.plain = self.open and self.allocation.up_budget is None
        if self.sibling is not None:
            self.send, self.receive = self.sibling.send, self.sibling.recv_into
        elif target is not None and relay is not None:
            self.send = partial(_send_to, relay, to_sockaddr(target))


class Source:
    """Who sends to a relay: a peer with permission. His data goes by a channel, or as Data indications."""

    __slots__ = ("channel", "header")

    def __init__(self, peer: Address, channel: Channel | None) -> None:
        self.channel = channel
        self.header = DataHeader(peer)


def _send_to(relay: socket.socket, target: tuple[str, int], data: memoryview) -> int:
    return relay.sendto(data, target)


def _closed(_: memoryview) -> int:
    raise AssertionError("asked of a channel that is not open")


def key_of(remote: Address, first: int) -> Key:
    """How `batches.Incoming.keys` shows a datagram from there that begins with these 16 bits."""
    raw = to_raw(remote) + first.to_bytes(2, "big")
    key = struct.unpack(f"={len(raw) // 8}Q", raw)
    return key[0] if len(key) == 1 else key
