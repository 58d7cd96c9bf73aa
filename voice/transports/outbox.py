"""What waits to be written to one connection: ordered and bounded, so that a slow reader hurts only himself."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

MAX_FRAMES = 1024
MAX_BYTES = 4 * 1024 * 1024


class Outbox:
    def __init__(self, write: Callable[[str], Awaitable[None]]) -> None:
        self._write = write
        self._frames: deque[str] = deque()
        self._size = 0
        self._filled = asyncio.Event()
        self._empty = asyncio.Event()
        self._writer = asyncio.create_task(self._drain())

    def put(self, frame: str) -> bool:
        """False: it is full, and the connection should be cut."""
        if len(self._frames) >= MAX_FRAMES or self._size + len(frame) > MAX_BYTES:
            return False
        self._frames.append(frame)
        self._size += len(frame)
        self._empty.clear()
        self._filled.set()
        return True

    async def flush(self, patience: float) -> None:
        """Let the last words out before a connection is closed."""
        async with asyncio.timeout(patience):
            await self._empty.wait()

    def close(self) -> None:
        self._frames.clear()
        self._writer.cancel()

    async def _drain(self) -> None:
        while True:
            while self._frames:
                frame = self._frames[0]  # counted until it is written
                await self._write(frame)
                self._frames.popleft()
                self._size -= len(frame)
            self._empty.set()
            self._filled.clear()
            await self._filled.wait()
