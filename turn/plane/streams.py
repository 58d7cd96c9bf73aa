"""A client's stream: frames cut out of its bytes, and a bounded rest of what its reader has not taken yet."""

import socket
from collections.abc import Iterator
from contextlib import suppress

from turn.plane import indications
from turn.plane.base import LONGEST_CONTROL, Limits
from turn.words import Address

PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")
"""By the size modulo 4."""
AT_ONCE = 65_536
"""Bytes read from a stream before others have their turn."""
NOWHERE = Address(b"", 0)
ENOUGH = 16_384
"""Bytes that do not wait for the end of the turn."""


class Garbage(Exception):
    """No STUN message and no ChannelData begins here, or one longer than we take."""


class Stream:
    """`allocated` (it has an allocation) and `waits_for_room` (somebody will `flush` when its socket can be written) are set by
    whoever has it.
    """

    __slots__ = (
        *("_begun", "_limits", "_received", "_stalled", "_waiting", "allocated", "descriptor", "link", "ready", "remote"),
        *("socket", "taken", "waits_for_room"),
    )

    def __init__(self, link: int, stream: socket.socket, limits: Limits) -> None:
        self.link, self.socket, self.descriptor, self._limits = link, stream, stream.fileno(), limits
        self.remote = _remote(stream)
        self.allocated = self.waits_for_room = False
        self.ready = True
        """Its socket took all so far."""
        self.taken = 0
        """Bytes read."""
        self._received = bytearray()
        self._begun: float | None = None  # when the frame began that is not whole yet
        self._waiting = bytearray()
        self._stalled = 0.0  # since when its reader stands still, if anything waits

    def read(self, scratch: memoryview, now: float) -> Iterator[memoryview]:
        """The frames that have come, without the padding of ChannelData, each valid until the next.

        Raises EOFError when the client hung up, Garbage, and OSError; BlockingIOError if nothing came.
        """
        size = self.socket.recv_into(scratch)
        if not size:
            raise EOFError
        self.taken += size
        received = self._received
        if received:
            received += scratch[:size]
            data = memoryview(bytes(received))
            received.clear()
        else:
            data = scratch[:size]
        at, whole = 0, False
        while (frame := _frame_at(data, at)) is not None:
            size, padded = frame
            yield data[at : at + size]
            at += padded
            whole = True
        received += data[at:]
        if not received:
            self._begun = None
        elif whole or self._begun is None:
            self._begun = now

    def write_media(self, now: float, *parts: bytes | bytearray | memoryview) -> bool:
        """False, and nothing is sent, if the reader is too far behind."""
        size = sum(map(len, parts))
        waiting = self._waiting
        if not self.ready and len(waiting) + size > self._limits.stream_buffer - LONGEST_CONTROL:
            return False
        for part in parts:
            waiting += part
        waiting += PADDING[size & 3]
        if self.ready and len(waiting) > ENOUGH:
            self.flush(now)
        return True

    def write_control(self, data: bytes, now: float) -> bool:
        """False if even that does not fit any more: the stream is to be ended."""
        if not self.ready and len(self._waiting) + len(data) > self._limits.stream_buffer:
            return False
        self._waiting += data
        if self.ready:
            self.flush(now)
        return True

    def flush(self, now: float) -> None:
        """Write what waits, as far as it goes at once. An error shows when the stream is read."""
        if not self._waiting:
            return
        sent = 0
        with suppress(OSError):
            sent = self.socket.send(self._waiting)
        if sent or self.ready:
            self._stalled = now
        del self._waiting[:sent]
        self.ready = not self._waiting

    def is_late(self, now: float) -> bool:
        """Has a frame been half sent, or the reader stood still, for longer than we wait?"""
        patience = self._limits.stream_patience
        if not self.ready and now - self._stalled >= patience:
            return True
        return self._begun is not None and now - self._begun >= (patience if self.allocated else self._limits.first_patience)


def _frame_at(data: memoryview, at: int) -> tuple[int, int] | None:
    """Its size without and with padding, or None if it is not whole. Raises Garbage as soon as it shows."""
    left = len(data) - at
    if left < 4:
        if left and data[at] & 0x80:
            raise Garbage
        return None
    first, size = data[at], data[at + 2] << 8 | data[at + 3]
    if first & 0xC0 == 0x40:
        size += 4
        padded = size + (-size & 3)
    else:
        kind = first << 8 | data[at + 1]
        size += indications.HEADER
        padded = size
        cookie = data[at + 4 : at + 8]
        if first & 0xC0 or size & 3 or cookie != indications.COOKIE[: len(cookie)]:
            raise Garbage
        if size > LONGEST_CONTROL and kind != indications.SEND:
            raise Garbage
    return (size, padded) if padded <= left else None


def _remote(stream: socket.socket) -> Address:
    if stream.family not in (socket.AF_INET, socket.AF_INET6):
        return NOWHERE  # the inner end of a TLS connection
    with suppress(OSError):
        host, port, *_ = stream.getpeername()
        return Address.of(host, port)
    return NOWHERE
