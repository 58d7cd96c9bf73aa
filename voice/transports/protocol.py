"""WebSockets under uvicorn: its `ws=` class. Plain ASGI for every application, and a short way for whoever `carry`s.

The short way leads from `data_received` to the write of whoever is meant without a task, a queue or a future. What one
turn of the loop says to somebody is written at its end, together.
"""

import asyncio
import logging
from collections import deque
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import unquote

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected, get_local_addr, get_remote_addr, is_ssl
from uvicorn.server import ServerState

from voice.transports.carriers import EXTENSION, LAST_WORDS, Hear, Lost
from voice.transports.outbox import MAX_BYTES
from voice.wire.errors import ProtocolError
from voice.wire.handshake import HandshakeRefused, accept_key
from voice.wire.websocket import (
    BINARY,
    CLOSE,
    PING,
    TEXT,
    Decoder,
    binary_frame,
    close_frame,
    close_status,
    ping_frame,
    pong_frame,
    text_frame,
)

logger = logging.getLogger("uvicorn.error")

MANY: Final = 16  # messages that wait for an ASGI application: then no more are read
NORMAL: Final = 1000
ABNORMAL: Final = 1006
SERVER_ERROR: Final = 1011
RESTART: Final = 1012

Headers = list[tuple[bytes, bytes]]


# States of a connection; plain numbers, since they are asked for each message.
_HANDSHAKE: Final = 0
_OPEN: Final = 1
_CLOSING: Final = 2  # our close frame is on its way, or the refusal of a handshake
_CLOSED: Final = 3


class WireProtocol(asyncio.Protocol):
    """One connection. `send`, `hang_up`, `pause_reading` and `resume_reading` are those of a Socket."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._config, self._server, self._app_state = config, server_state, app_state
        self._loop = _loop or asyncio.get_running_loop()
        self._decoder = Decoder(config.ws_max_size)
        self._state = _HANDSHAKE
        self._accept = ""
        self._hear: Hear | None = None
        self._lost: Lost | None = None
        self._denial: tuple[int, Headers] | None = None
        self._messages: deque[dict[str, Any]] = deque()  # for the ASGI application
        self._waiter: asyncio.Future[None] | None = None
        self._unsent: list[bytes] = []  # frames of this turn of the loop: they leave together
        self._unsent_size = 0
        self._writable = asyncio.Event()
        self._writable.set()
        self._deadline: asyncio.TimerHandle | None = None
        self._keepalive: asyncio.TimerHandle | None = None
        self._silent = False  # since the last ping
        self._ended = False  # who listens was told

    # Called by the loop and by uvicorn

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server.connections.add(cast("Any", self))

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(cast("Any", self))
        self._state = _CLOSED
        self._unsent.clear()
        self._over(ABNORMAL)
        for timer in (self._deadline, self._keepalive):
            if timer is not None:
                timer.cancel()
        self._writable.set()  # who waits to write finds it closed

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def shutdown(self) -> None:
        """uvicorn ends."""
        if self._state == _HANDSHAKE:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, [], b"")
        else:
            self._close(RESTART)
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._silent = False
        if self._state == _HANDSHAKE and not self._accept:
            data = self._shake_hands(data)
        try:
            for opcode, payload in self._decoder.receive(data):
                if opcode == TEXT:
                    if self._hear is not None and self._state == _OPEN:
                        self._hear(payload, False)
                    else:
                        self._pass_on(payload, False)
                elif opcode == BINARY:
                    self._pass_on(payload, True)
                elif opcode == PING:
                    self._write(pong_frame(payload))
                elif opcode == CLOSE:
                    self._closed_by_peer(payload)
        except ProtocolError as error:
            self._close(error.code, error.reason)
            self._over(error.code)

    # Socket: nothing of it waits

    def carry(self, hear: Hear, lost: Lost) -> None:
        self._hear, self._lost = hear, lost
        if self._keepalive is not None:  # who carries looks after this himself
            self._keepalive.cancel()
        self.resume_reading()
        while self._messages:
            message = self._messages.popleft()
            if message["type"] == "websocket.receive":
                text = message.get("text")
                hear(message["bytes"] if text is None else text.encode(), text is None)
        if self._ended:
            lost()

    def send(self, data: bytes, binary: bool = False) -> None:
        self._write(binary_frame(data) if binary else text_frame(data))

    def hang_up(self, code: int = NORMAL) -> None:
        self._refuse(HTTPStatus.FORBIDDEN, [], b"")
        self._close(code)

    def pause_reading(self) -> None:
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    # ASGI

    async def _run(self, scope: dict[str, Any]) -> None:
        try:
            await self._config.loaded_app(cast("Any", scope), cast("Any", self._receive), cast("Any", self._send))
        except ClientDisconnected:
            pass
        except Exception:
            logger.exception("Exception in ASGI application")
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, [], b"")
            self._close(SERVER_ERROR)
        else:
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, [], b"")
            if self._hear is None:
                self._close(NORMAL)

    async def _receive(self) -> dict[str, Any]:
        while not self._messages:
            self.resume_reading()
            self._waiter = self._loop.create_future()
            await self._waiter
        return self._messages.popleft()

    async def _send(self, message: dict[str, Any]) -> None:
        await self._writable.wait()
        kind = message["type"]
        if kind == "websocket.http.response.start" and self._state == _HANDSHAKE:
            self._denial = message["status"], list(message["headers"])
        elif kind == "websocket.http.response.body" and self._denial is not None:
            self._refuse(*self._denial, message["body"])
        elif kind == "websocket.accept" and self._state == _HANDSHAKE:
            self._open(list(message.get("headers", [])))
        elif kind == "websocket.send" and self._state == _OPEN:
            text = message.get("text")
            self.send(message["bytes"] if text is None else text.encode(), text is None)
        elif kind == "websocket.close" and self._state == _HANDSHAKE:
            self._refuse(HTTPStatus.FORBIDDEN, [], b"")
        elif kind == "websocket.close" and self._state == _OPEN:
            self._close(message.get("code", NORMAL), message.get("reason") or "")
        elif self._state in {_CLOSING, _CLOSED}:
            raise ClientDisconnected
        else:
            raise RuntimeError(f"{kind} does not belong here")

    def _put(self, message: dict[str, Any]) -> None:
        self._messages.append(message)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        if len(self._messages) >= MANY:
            self.pause_reading()

    # The opening handshake

    def _shake_hands(self, data: bytes) -> bytes:
        """uvicorn hands on the whole head of the request. Answers what follows it."""
        head, _, rest = data.partition(b"\r\n\r\n")
        line, *fields = head.split(b"\r\n")
        method, target, _ = line.split(b" ", 2)
        headers = [(name.lower(), value.strip()) for name, _, value in (field.partition(b":") for field in fields)]
        try:
            self._accept = accept_key(method.decode("latin-1"), headers)
        except HandshakeRefused as why:
            given = [(name.encode(), value.encode()) for name, value in why.headers.items()]
            self._refuse(why.status, given, why.reason.encode())
            return b""
        path, _, query = target.partition(b"?")
        root = self._config.root_path
        scope = {
            "type": "websocket",
            "asgi": {"version": self._config.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "wss" if is_ssl(self._transport) else "ws",
            "server": get_local_addr(self._transport),
            "client": get_remote_addr(self._transport),
            "root_path": root,
            "path": root + unquote(path.decode("latin-1")),
            "raw_path": root.encode() + path,
            "query_string": query,
            "headers": headers,
            "subprotocols": [],
            "state": self._app_state.copy(),
            "extensions": {"websocket.http.response": {}, EXTENSION: {"socket": self}},
        }
        self._put({"type": "websocket.connect"})
        task = self._loop.create_task(self._run(scope))
        self._server.tasks.add(task)
        task.add_done_callback(self._server.tasks.discard)
        return rest

    def _open(self, headers: Headers) -> None:
        upgrade = [(b"upgrade", b"websocket"), (b"connection", b"Upgrade"), (b"sec-websocket-accept", self._accept.encode())]
        self._state = _OPEN
        self._respond(HTTPStatus.SWITCHING_PROTOCOLS, [*upgrade, *headers])
        if self._config.ws_ping_interval:
            self._keepalive = self._loop.call_later(
                self._config.ws_ping_interval, self._keep_alive, self._config.ws_ping_interval
            )

    def _refuse(self, status: int, headers: Headers, body: bytes) -> None:
        """Instead of opening it; nothing, if it was answered already."""
        if self._state == _HANDSHAKE:
            self._state = _CLOSING
            size = [(b"content-length", b"%d" % len(body)), (b"connection", b"close")]
            self._respond(status, [*(pair for pair in headers if pair[0].lower() != b"content-length"), *size], body)
            self._transport.close()

    def _respond(self, status: int, headers: Headers, body: bytes = b"") -> None:
        lines = [b"HTTP/1.1 %d %s" % (status, HTTPStatus(status).phrase.encode())]
        lines += [name + b": " + value for name, value in [*self._server.default_headers, *headers]]
        self._transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)

    # Frames

    def _pass_on(self, data: bytes, binary: bool) -> None:
        if self._state == _OPEN and self._hear is not None:
            self._hear(data, binary)
        elif self._state in {_HANDSHAKE, _OPEN}:
            self._put({"type": "websocket.receive", **({"bytes": data} if binary else {"text": data.decode()})})

    def _write(self, data: bytes) -> None:
        if self._state != _OPEN:
            return
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(data)
        self._unsent_size += len(data)
        if self._unsent_size > MAX_BYTES:
            self._flush()

    def _flush(self) -> None:
        """One system call for many frames: it costs more than making them."""
        if not self._unsent:
            return
        self._transport.write(self._unsent[0] if len(self._unsent) == 1 else b"".join(self._unsent))
        self._unsent.clear()
        self._unsent_size = 0
        if not self._writable.is_set() and self._transport.get_write_buffer_size() > MAX_BYTES:
            logger.info("A WebSocket is not read, it is cut")
            self._state = _CLOSED
            self._transport.abort()

    def _closed_by_peer(self, payload: bytes) -> None:
        """RFC 6455 section 5.5.1: it is answered, if it is no answer itself."""
        code, _ = close_status(payload)
        self._close(code)
        self._transport.close()
        self._over(code)

    def _close(self, code: int, reason: str = "") -> None:
        """What was written before still goes out, if it is read soon; then the peer may answer."""
        if self._state == _OPEN:
            self._write(close_frame(code, reason))
            self._flush()
        if self._state == _OPEN:
            self._state = _CLOSING
            self.resume_reading()  # the peer's answer
            self._deadline = self._loop.call_later(LAST_WORDS, self._transport.abort)

    def _over(self, code: int) -> None:
        """Nothing more will come: whoever listens hears it once."""
        if self._ended:
            return
        self._ended = True
        if self._lost is not None:
            self._lost()
        else:
            self._put({"type": "websocket.disconnect", "code": code})

    def _keep_alive(self, interval: float) -> None:
        """A peer from whom nothing came since the last ping is gone."""
        if self._silent:
            self._transport.abort()
            return
        self._silent = True
        self._write(ping_frame())
        self._keepalive = self._loop.call_later(interval, self._keep_alive, interval)
