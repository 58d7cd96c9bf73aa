"""Two transports whose bytes go into each other with little waiting in between, and how a client's stream becomes one."""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from enum import Flag, auto
from typing import Protocol, TypeVar, cast

BUFFER = 65_536
"""Bytes that wait for a slow side, before the other is read no further."""
FAREWELL = 30.0
"""Seconds that a side has to read what is left when the other is gone."""
RESET = struct.pack("ii", 1, 0)


class Held(Flag):
    """Why a side is not read."""

    NOT = 0
    FULL = auto()
    """The other side is behind."""
    FAST = auto()
    """It is ahead of its bandwidth."""


class Half(asyncio.Protocol):
    """One side. What comes is written to the other side, which stops the reading while it is full.

    When it ends, the other ends with it. It is not read before it is joined to another.
    """

    other: "Half"
    transport: asyncio.Transport

    def __init__(self) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended = False
        """It has said all, but may still listen."""
        self._early = bytearray()
        """uvloop begins to read before anybody can ask it not to."""
        self._full = False
        self._held = Held.NOT
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def join(self, other: "Half") -> None:
        """What comes of either goes to the other from now on."""
        self.other, other.other = other, self
        for one in (self, other):
            if one._early:
                one.other.write(bytes(one._early))
            if one.ended:
                one.pass_end_on()
            if one.transport.is_closing():
                one.other.transport.close()
            elif one._full:
                one.other.hold(Held.FULL)
            else:
                one.other.go_on(Held.FULL)

    def hold(self, why: Held) -> None:
        self._held |= why
        self.transport.pause_reading()

    def go_on(self, why: Held) -> None:
        self._held &= ~why
        if not (self._held or self.ended or self.transport.is_closing()):
            self.transport.resume_reading()

    def rest(self, seconds: float) -> None:
        """Is read no further for so long."""
        self.hold(Held.FAST)
        self._later("rest", seconds, lambda: self.go_on(Held.FAST))

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def pass_end_on(self) -> None:
        self.other.finish()
        if self.other.ended:
            self.transport.close()
            self.other.transport.close()

    def finish(self) -> None:
        """The other side has said all. TLS has no word for that but an end."""
        if self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()
        else:
            self.transport.close()

    def leave(self, error: Exception | None) -> None:
        """The other side is gone."""
        if error is not None:
            self.abort()
        elif not self.closed.done():
            self.transport.close()
            self._later("farewell", FAREWELL, self.abort)

    def abort(self) -> None:
        if not self.closed.done():
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=BUFFER)
        self.transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        if self._joined:
            self.other.write(data)
        else:
            self._early += data
            self.transport.pause_reading()

    def pause_writing(self) -> None:
        self._full = True
        self.other.hold(Held.FULL)

    def resume_writing(self) -> None:
        self._full = False
        self.other.go_on(Held.FULL)

    def connection_lost(self, error: Exception | None) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self.closed.set_result(None)
        if self._joined:
            self.other.leave(error)

    @property
    def _joined(self) -> bool:
        return hasattr(self, "other")

    def _later(self, name: str, seconds: float, do: Callable[[], None]) -> None:
        if name in self._timers:
            self._timers[name].cancel()
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, do)


class PlainHalf(Half):
    """Over TCP, where one may have said all and still listen."""

    def __init__(self, stream: socket.socket) -> None:
        super().__init__()
        self._stream = stream

    def abort(self) -> None:
        """So that nobody takes it for an end."""
        with suppress(OSError):
            self._stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        super().abort()

    def eof_received(self) -> bool:
        self.ended = True
        if self._joined:
            self.pass_end_on()
        return True


H = TypeVar("H", bound=PlainHalf)


async def half_of(stream: socket.socket, half: H) -> H:
    """Takes the stream over. Raises OSError, then it is closed."""
    try:
        await asyncio.get_running_loop().connect_accepted_socket(lambda: half, stream)
    except BaseException:
        stream.close()
        raise
    return half


class Carrier(Protocol):
    """A client's connection: a stream for the plane to serve, until it is taken for the bytes of a peer."""

    stream: socket.socket
    """Closing it ends the connection, unless that was taken."""

    def heard(self, read: int) -> int:
        """How many bytes of the client nobody will hear again, when so many of `stream` were read."""
        ...

    async def take(self) -> Half:
        """The client's side, in which what was written to `stream` comes first. Closes that, in every case. Raises OSError."""
        ...


class Plain:
    """A TCP connection, which is its own stream."""

    def __init__(self, stream: socket.socket) -> None:
        self.stream = stream

    def heard(self, read: int) -> int:
        return read

    async def take(self) -> Half:
        return await half_of(self.stream, PlainHalf(self.stream))
