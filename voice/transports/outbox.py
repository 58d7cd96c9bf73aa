"""What waits to be written to one WebSocket: ordered and bounded, so that a slow reader hurts only himself."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, NamedTuple

from prometheus_client import Counter

from telemetry.registry import OWN

MAX_BYTES: Final = 4 * 1024 * 1024
CUT: Final = Counter(
    "projectvoice_sockets_cut_total",
    "WebSockets cut without a word: `slow`, what waited to be read was too much and is dropped; `silent`, a ping was not answered.",
    ["reason"],
    registry=OWN,
)


class Message(NamedTuple):
    data: bytes
    binary: bool


class Outbox:
    """For carriers that make their writer wait; a task drains it, and ends when writing fails."""

    def __init__(self, write: Callable[[Message], Awaitable[None]]) -> None:
        self._write = write
        self._messages: deque[Message] = deque()
        self.size = 0
        self._filled = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._writer: asyncio.Task[None] | None = None

    def put(self, message: Message) -> bool:
        """False: it is full, and the connection should be cut."""
        if self.size + len(message.data) > MAX_BYTES:
            return False
        self._messages.append(message)
        self.size += len(message.data)
        self._empty.clear()
        self._filled.set()
        self._writer = self._writer or asyncio.create_task(self._drain())
        return True

    async def flush(self, patience: float) -> None:
        """Let the last words out before a connection is closed, but wait no longer than `patience` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._empty.wait()

    def close(self) -> None:
        self._messages.clear()
        if self._writer is not None:
            self._writer.cancel()

    async def _drain(self) -> None:
        # The connection went, of which its reader hears, or it was closed. The task would keep an exception, and that this frame, and so us.
        with suppress(OSError, asyncio.CancelledError):
            while True:
                while self._messages:
                    message = self._messages[0]  # counted until it is written
                    await self._write(message)
                    self._messages.popleft()
                    self.size -= len(message.data)
                self._empty.set()
                self._filled.clear()
                await self._filled.wait()
