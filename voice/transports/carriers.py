"""What carries a client's messages: a WebSocket, by whatever server. A poll is a future that takes a Response."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

from voice.transports.outbox import CUT, Message, Outbox
from voice.wire.websocket import NORMAL, TOO_BIG

logger = logging.getLogger(__name__)

EXTENSION: Final = "voice.socket"
"""ASGI extension of a server whose WebSockets are a Socket themselves: `scope["extensions"][EXTENSION]["socket"]`."""
PRIVATE: Final = 4000  # close codes from here on mean what an application likes: 4008 what 1008 does
MAX_MESSAGE: Final = 256 * 1024  # bytes of what a client says at once (CONTRACT 5)
LAST_WORDS: Final = 1.0  # seconds a WebSocket that is to be closed has for what was said to it last

Hear = Callable[[bytes, bool], None]  # a message, and whether it is binary
Lost = Callable[[], None]


class Keepalive(NamedTuple):
    """Who says nothing for `timeout` seconds after a ping, and there is one each `interval` seconds, is gone."""

    interval: float
    timeout: float


class Socket(Protocol):
    """Nothing of it waits. Who does not read is cut, which the socket's owner hears as a loss."""

    @property
    def backlog(self) -> int:
        """Bytes that were sent and are still here."""
        ...

    def send(self, data: bytes, binary: bool = False) -> None: ...

    def hang_up(self, code: int = NORMAL, reason: str = "") -> None:
        """What was sent before still goes out, if it is read soon."""
        ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class CarryingSocket(Socket, Protocol):
    """Of a server with the extension: from `carry` on, messages come by call, and the ASGI application may return."""

    def carry(self, hear: Hear, lost: Lost, keepalive: Keepalive | None = None) -> None:
        """Without `keepalive` nobody pings: the owner has a heartbeat of his own. `lost` is called once, after the last message."""
        ...


class AsgiSocket:
    """A WebSocket of any ASGI server, where both ways wait: a task reads, another writes. It is the server that pings."""

    def __init__(self, receive: Any, send: Any, max_size: int) -> None:
        self._receive, self._send, self._max_size = receive, send, max_size
        self._outbox = Outbox(partial(_write, send))
        self._reading = asyncio.Event()
        self._reading.set()
        self._ending = asyncio.Event()
        self._code, self._reason = NORMAL, ""
        self._cut = False

    @property
    def backlog(self) -> int:
        return self._outbox.size

    def send(self, data: bytes, binary: bool = False) -> None:
        if not self._cut and not self._outbox.put(Message(data, binary)):
            logger.info("A WebSocket is not read, it is cut")
            CUT.labels("slow").inc()
            self._cut = True
            self._outbox.close()
            self._ending.set()

    def hang_up(self, code: int = NORMAL, reason: str = "") -> None:
        if not self._ending.is_set():
            self._code, self._reason = code, reason
            self._ending.set()

    def pause_reading(self) -> None:
        self._reading.clear()

    def resume_reading(self) -> None:
        self._reading.set()

    async def run(self, hear: Hear) -> None:
        """Until either side ends it."""
        reading = asyncio.create_task(self._read(hear))
        ending = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait({reading, ending}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                await reading  # a bug in hearing is the server's to log
            if not self._cut:
                await self._close()
        finally:
            reading.cancel()
            ending.cancel()
            self._outbox.close()

    async def _read(self, hear: Hear) -> None:
        while True:
            await self._reading.wait()
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return
            text = message.get("text")
            data = message["bytes"] if text is None else text.encode()
            if len(data) > self._max_size:  # not every server has a limit
                self._code = TOO_BIG
                return
            if not self._ending.is_set():
                hear(data, text is None)

    async def _close(self) -> None:
        await self._outbox.flush(LAST_WORDS)
        try:
            async with asyncio.timeout(LAST_WORDS):
                await self._send_close(self._code)
        except (OSError, RuntimeError, TimeoutError):
            pass  # it was closed already: servers say so in different ways
        except Exception:  # autobahn, under daphne, knows 1000 and private codes only, and has no name for its refusal
            if self._code == NORMAL:
                raise
            await self._send_close(PRIVATE + self._code - NORMAL)

    async def _send_close(self, code: int) -> None:
        await self._send({"type": "websocket.close", "code": code, "reason": self._reason})


async def _write(send: Any, message: Message) -> None:
    key, body = ("bytes", message.data) if message.binary else ("text", message.data.decode())
    await send({"type": "websocket.send", key: body})


def socket_of(scope: Mapping[str, Any], receive: Any, send: Any, max_size: int) -> AsgiSocket | CarryingSocket:
    """The WebSocket of this ASGI connection; `max_size` is the most bytes of a message where the server has no limit."""
    extension = (scope.get("extensions") or {}).get(EXTENSION)
    return extension["socket"] if extension else AsgiSocket(receive, send, max_size)


async def carry(socket: AsgiSocket | CarryingSocket, hear: Hear, lost: Lost, keepalive: Keepalive | None = None) -> None:
    """Once it is accepted. Returns when it is over, or at once where the server goes on by itself.

    On a server that is only ASGI it is the server that pings, and `keepalive` means nothing.
    """
    if not isinstance(socket, AsgiSocket):
        socket.carry(hear, lost, keepalive)
        return
    try:
        await socket.run(hear)
    finally:
        lost()
