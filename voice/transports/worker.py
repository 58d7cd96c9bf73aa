"""uvicorn for one worker among several: each request reaches the worker that keeps its session."""

import asyncio
import logging
import os
import socket
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from uvicorn.config import Config
from uvicorn.server import ServerState

from voice.transports.draining import DrainingServer
from voice.transports.handover import PATIENCE, Inbox, hand_over
from voice.transports.sids import keeper_for
from voice.transports.upgrading import UpgradingHttp

logger = logging.getLogger("uvicorn.error")

BLANK_LINE: Final = b"\r\n\r\n"
LONGEST_HEAD: Final = 1 << 16


class WorkerHttp(UpgradingHttp):
    """A connection whose requests may each be another worker's: then it goes there, and is none of ours any more.

    The parser gets what came in parts that end where a head or a body ends, so that every request is seen when it begins.
    What follows a request waits until that is answered.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        received: bytes = b"",
    ) -> None:
        """`received` is what another worker has read of it."""
        super().__init__(config, server_state, app_state, _loop)
        self._unread = bytearray(received)
        self._stays = bool(received)  # the next request: it was handed to us, or nobody else took it
        self._in_body = False
        self._body_left: int | None = None  # unknown of a chunked one

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._read()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unread.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._unread += data
        self._read()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._in_body = True
        self._body_left = next((int(value) for name, value in self.headers if name == b"content-length"), None)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_body = False

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._read()

    def _read(self) -> None:
        while self._unread and not self.transport.is_closing():
            size = self._size_of_body() if self._in_body else self._size_of_head()
            if not size:
                return
            self._feed(size)

    def _take(self, size: int) -> bytes:
        part = bytes(self._unread[:size])
        del self._unread[:size]
        return part

    def _feed(self, size: int) -> None:
        super().data_received(self._take(size))
        successor = self.transport.get_protocol()
        if successor is not self and self._unread:  # a WebSocket whose client did not wait for our word
            successor.data_received(self._take(len(self._unread)))  # type: ignore[attr-defined]

    def _size_of_body(self) -> int:
        """Of what has come of it, and of nothing behind it. A chunked one ends with an empty line, but may hold others."""
        if self._body_left is None:
            size = self._unread.find(BLANK_LINE) + len(BLANK_LINE)
            return size if size >= len(BLANK_LINE) else len(self._unread) - self._begun_blank_line()
        size = min(self._body_left, len(self._unread))
        self._body_left -= size
        return size or len(self._unread)

    def _begun_blank_line(self) -> int:
        """The length of what may be the first part of one."""
        return next((size for size in (3, 2, 1) if self._unread.endswith(BLANK_LINE[:size])), 0)

    def _size_of_head(self) -> int:
        """Nothing, unless it has come whole, everything before it is answered, and it is for us."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.flow.pause_reading()
            return 0
        size = self._unread.find(BLANK_LINE) + len(BLANK_LINE)
        if size < len(BLANK_LINE):
            if len(self._unread) > LONGEST_HEAD:
                self.send_400_response("The head of the request is too long.")
            return 0
        words = bytes(self._unread[:size]).split(None, 2)
        keeper = None if self._stays or len(words) < 3 else keeper_for(words[1])
        self._stays = False
        if keeper is None:
            return size
        self._unset_keepalive_if_required()
        self.flow.pause_reading()
        task = self.loop.create_task(self._hand_to(keeper))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return 0

    async def _hand_to(self, keeper: int) -> None:
        """If he does not take it, we answer as to a session that nobody knows."""
        try:
            async with asyncio.timeout(PATIENCE):
                self.transport.set_write_buffer_limits(0)
                await self.flow.drain()  # the answer before it
        except TimeoutError:
            self.transport.abort()
        if self.transport.is_closing():
            return
        if await self._taken_by(keeper):
            self.transport.abort()  # our end of it: only the kernel sees that
        elif not self.transport.is_closing():
            self.transport.set_write_buffer_limits()
            self.flow.resume_reading()
            self._stays = True
            self._read()

    async def _taken_by(self, keeper: int) -> bool:
        try:
            connection = os.dup(self.transport.get_extra_info("socket").fileno())
        except OSError as error:
            logger.warning("A connection cannot be handed over: %s", error)
            return False
        try:
            return await hand_over(connection, bytes(self._unread), inbox_of(keeper))
        finally:
            os.close(connection)


class WorkerServer(DrainingServer):
    """Takes the connections that other workers hand over as if it had accepted them."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._inbox = Inbox(inbox_of(settings.VOICE_WORKER), self._welcome)
        await super().startup(sockets)

    async def _stop_accepting(self) -> None:
        await self._inbox.close()
        await super()._stop_accepting()

    async def _welcome(self, connection: socket.socket, received: bytes) -> None:
        protocol = partial(WorkerHttp, self.config, self.server_state, self.lifespan.state, received=received)
        await asyncio.get_running_loop().connect_accepted_socket(protocol, connection)


def inbox_of(worker: int) -> Path:
    return Path(settings.VOICE_SOCKETS) / f"{worker}.sock"
