"""What a data path promises. It decides nothing: no credentials, no lifetimes, no policy."""

import socket
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from turn.words import Address, Usage

LONGEST_CONTROL = 4096
"""Bytes of a STUN message that is no Send indication; a longer one is dropped, or ends the connection it came by."""


class Datagram(NamedTuple):
    """A whole STUN message that is not the plane's business, from a UDP client or framed out of a stream."""

    link: int
    remote: Address
    data: bytes


class HungUp(NamedTuple):
    """This stream is over, and nothing more comes of it: the client closed it, was too slow, or spoke no STUN."""

    link: int


class Counters(NamedTuple):
    """Since the start. What was dropped, by why."""

    malformed: int
    """No STUN message and no ChannelData, or one longer than what carried it."""
    unknown: int
    """ChannelData without its channel, an indication without its allocation."""
    forbidden: int
    """To or from a peer without permission, or to our own address where no relay of ours is."""
    over_bandwidth: int
    flooded: int
    """Control messages dropped: too many of one address, or the queue was full."""
    slow: int
    """To a stream whose reader is behind."""
    unsent: int
    """The kernel refused: buffers full, too long, no route."""


class Limits(NamedTuple):
    """Of the plane as a whole; what is counted per allocation comes with `open`."""

    control_queue: int = 1024
    """Control messages of one worker that wait for the control side."""
    control_rate: int = 1000
    """Control messages a second of one client IP address; as many at once."""
    stream_buffer: int = 65_536
    """Bytes that wait for a slow reader of a stream. Media beyond is dropped; control messages beyond end the stream."""
    stream_patience: float = 10.0
    """Seconds that a reader may stand still, or a frame remain half sent."""
    first_patience: float = 1.0
    """Seconds that a frame may remain half sent while the stream has no allocation."""
    coalesce: float = 0.000_250
    """Seconds that a busy worker waits for more packets before it wakes; it does so only while more than one comes in
    such a time. 0: never."""


class Plane(Protocol):
    """One control thread calls all of this; only `run` belongs to the plane's own threads, which never call back.

    Sockets given to it are non-blocking, stay open until it is told to let go of them, and are closed by who opened them.
    The number of an allocation is the server's; that of a link is the plane's.
    """

    name: str
    workers: int

    def start(self) -> None: ...

    def stop(self) -> None:
        """No packet is touched afterwards; returns when the threads have ended."""
        ...

    def listen(self, worker: int, listener: socket.socket) -> int:
        """Serve the UDP clients of this socket. Returns its link."""
        ...

    def adopt(self, stream: socket.socket) -> int:
        """Serve the one client of this connected stream (TCP, or the inner end of a TLS connection). Returns its link."""
        ...

    def hang_up(self, link: int) -> int:
        """Let go of a stream. What was queued for it is written if it can be without waiting. No HungUp follows.

        Returns how many bytes were read of it: what the client says behind them can still be read by others.
        """
        ...

    def own(self, host: bytes, told: bytes) -> None:
        """`host` is an address of ours, which clients know as `told` (the same, or the outer one of a 1:1 NAT).

        What is sent to `told` goes to `host`, and what comes from `host` comes from `told`; and only where a relay socket of
        ours is bound: never to another program's port.
        """
        ...

    def open(self, allocation: int, link: int, remote: Address, relays: Sequence[socket.socket], bytes_per_second: int) -> None:
        """Relay for this client through these bound UDP sockets, at most one of each family. 0: as fast as it goes.

        `bytes_per_second` bounds each direction by itself; a second's worth may pass at once.
        """
        ...

    def narrow(self, allocation: int, relay: socket.socket) -> None: ...

    def permit(self, allocation: int, host: bytes) -> None: ...

    def forbid(self, allocation: int, host: bytes) -> None: ...

    def bind(self, allocation: int, channel: int, peer: Address, sibling: socket.socket | None) -> None:
        """`sibling` is bound where the relay is and connected to the peer, which spares a look at the route for each packet.

        Without one (no descriptors left) the relay socket serves. It implies no permission. Bound again, it is renewed.
        """
        ...

    def unbind(self, allocation: int, channel: int) -> socket.socket | None:
        """Returns the sibling, to be closed."""
        ...

    def usage(self, allocation: int) -> Usage: ...

    def close(self, allocation: int) -> tuple[Usage, list[socket.socket]]:
        """Returns what was relayed in all, and the relays and siblings, to be closed."""
        ...

    def send(self, link: int, remote: Address, data: bytes) -> None:
        """A control message to a client. `remote` is not looked at for a stream."""
        ...

    def fileno(self) -> int:
        """Readable while there is something to `receive`."""
        ...

    def receive(self) -> list[Datagram | HungUp]:
        """At most a few hundred, in the order of each link."""
        ...

    def counters(self) -> Counters: ...
