"""WebSockets under uvicorn: its `ws=` class. Plain ASGI for every application, and a short way for whoever `carry`s.

The short way leads from `data_received` to the write of whoever is meant without a task, a queue or a future. What one
turn of the loop says to somebody is written at its end, together.
"""

import asyncio
import logging
from collections import deque
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import unquote

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected, get_local_addr, get_remote_addr, is_ssl
from uvicorn.server import ServerState

from voice.transports.carriers import EXTENSION, LAST_WORDS, Hear, Keepalive, Lost
from voice.transports.outbox import CUT, MAX_BYTES
from voice.wire.errors import ProtocolError
from voice.wire.handshake import HandshakeRefused, accept_key
from voice.wire.websocket import (
    BINARY,
    CLOSE,
    NORMAL,
    PING,
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
MUCH: Final = 64 * 1024  # bytes an ASGI application said: then they leave, so that it learns to wait for whoever listens
MANY_FRAMES: Final = 64  # of one turn of the loop: then they leave before its end
ABNORMAL: Final = 1006
SERVER_ERROR: Final = 1011
RESTART: Final = 1012

Headers = list[tuple[bytes, bytes]]


# States of a connection; plain numbers, since they are asked for each message.
_HANDSHAKE: Final = 0
_OPEN: Final = 1
_CLOSING: Final = 2  # our close frame is on its way, or the refusal of a handshake
_CLOSED: Final = 3


# Headers that thousands of clients send alike: a scope lives as long as its connection, so each is kept once.
_COMMON: Final = frozenset(
    b"accept-encoding accept-language cache-control connection host origin pragma sec-websocket-extensions "
    b"sec-websocket-version upgrade user-agent".split()
)
_LONGEST_COMMON: Final = 256


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    field = name.lower(), value.strip()
    return _kept(field) if len(line) <= _LONGEST_COMMON and field[0] in _COMMON else field


@lru_cache(maxsize=512)
def _kept(field: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    return field


class WireProtocol(asyncio.Protocol):
    """One connection; for whoever carries it, a CarryingSocket."""

    __slots__ = (
        "_accept",
        "_app_state",
        "_config",
        "_decoder",
        "_denial",
        "_ended",
        "_hear",
        "_loop",
        "_lost",
        "_messages",
        "_paused",
        "_server",
        "_silent",
        "_state",
        "_timer",
        "_transport",
        "_unsent",
        "_waiter",
        "_writable",
    )

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
        self._hear: Hear | None = None  # there while it is carried and open
        self._lost: Lost | None = None
        self._denial: tuple[int, Headers] | None = None
        self._messages: deque[dict[str, Any]] | None = None  # for the ASGI application
        self._waiter: asyncio.Future[None] | None = None
        self._unsent: list[bytes] = []  # frames of this turn of the loop: they leave together
        self._writable: asyncio.Event | None = None  # there while the peer reads too slowly
        self._timer: asyncio.TimerHandle | None = None  # the next ping, the verdict on the last one, or the end
        self._silent = False  # since the last ping
        self._paused = False
        self._ended = False  # who listens was told

    # Called by the loop and by uvicorn

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server.connections.add(cast("Any", self))

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(cast("Any", self))
        self._leave_open(_CLOSED)
        self._unsent.clear()
        self._over(ABNORMAL)
        self._lost = None  # whoever carries us has let go, and so do we: he knows us, too
        self.resume_writing()  # who waits to write finds it closed

    def pause_writing(self) -> None:
        self._writable = asyncio.Event()

    def resume_writing(self) -> None:
        if self._writable is not None:
            self._writable.set()
            self._writable = None

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
                if opcode <= BINARY:
                    if self._hear is not None:
                        self._hear(payload, opcode == BINARY)
                    elif self._state <= _OPEN:
                        self._put_message(payload, opcode == BINARY)
                elif opcode == PING:
                    self._write(pong_frame(payload))
                elif opcode == CLOSE:
                    self._closed_by_peer(payload)
        except ProtocolError as error:
            self._close(error.code, error.reason)
            self._over(error.code)

    # CarryingSocket: nothing of it waits

    def carry(self, hear: Hear, lost: Lost, keepalive: Keepalive | None = None) -> None:
        self._lost = lost
        messages, self._messages = self._messages or (), None
        if self._state == _OPEN:
            self._hear = hear
            self._keep_alive(keepalive)
            self.resume_reading()
        for message in messages:
            if message["type"] == "websocket.receive":
                text = message.get("text")
                hear(message["bytes"] if text is None else text.encode(), text is None)
        if self._ended:
            lost()

    @property
    def backlog(self) -> int:
        return self._transport.get_write_buffer_size() + sum(map(len, self._unsent))

    def send(self, data: bytes, binary: bool = False) -> None:
        self._write(binary_frame(data) if binary else text_frame(data))

    def hang_up(self, code: int = NORMAL, reason: str = "") -> None:
        self._refuse(HTTPStatus.FORBIDDEN, [], b"")
        self._close(code, reason)

    def pause_reading(self) -> None:
        self._paused = True
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self._paused and not self._transport.is_closing():
            self._transport.resume_reading()
            self._silent = False  # what it said while we did not listen is still to be read
        self._paused = False

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
            if self._lost is None:
                self._close(NORMAL)

    async def _receive(self) -> dict[str, Any]:
        while not self._messages:
            self._messages = None
            self.resume_reading()
            self._waiter = self._loop.create_future()
            await self._waiter
        return self._messages.popleft()

    async def _send(self, message: dict[str, Any]) -> None:
        if self._writable is not None:
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
            if self.backlog > MUCH:
                self._flush()
        elif kind == "websocket.close" and self._state == _HANDSHAKE:
            self._refuse(HTTPStatus.FORBIDDEN, [], b"")
        elif kind == "websocket.close" and self._state == _OPEN:
            self._close(message.get("code", NORMAL), message.get("reason") or "")
        elif self._state in {_CLOSING, _CLOSED}:
            raise ClientDisconnected
        else:
            raise RuntimeError(f"{kind} does not belong here")

    def _put(self, message: dict[str, Any]) -> None:
        if self._messages is None:
            self._messages = deque()
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
        headers = [_field(field) for field in fields]
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
        interval, timeout = self._config.ws_ping_interval, self._config.ws_ping_timeout
        self._keep_alive(Keepalive(interval, timeout or interval) if interval else None)

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

    def _put_message(self, data: bytes, binary: bool) -> None:
        self._put({"type": "websocket.receive", **({"bytes": data} if binary else {"text": data.decode()})})

    def _write(self, frame: bytes) -> None:
        if self._state != _OPEN:
            return
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(frame)
        if len(self._unsent) == MANY_FRAMES:
            self._flush()

    def _flush(self) -> None:
        """One system call for many frames: it costs more than making them."""
        if not self._unsent:
            return
        self._transport.write(self._unsent[0] if len(self._unsent) == 1 else b"".join(self._unsent))
        self._unsent.clear()
        if self._writable is not None and self._transport.get_write_buffer_size() > MAX_BYTES:
            logger.info("A WebSocket is not read, it is cut")
            self._cut("slow")

    def _cut(self, why: str) -> None:
        CUT.labels(why).inc()
        self._leave_open(_CLOSED)
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
            self._leave_open(_CLOSING)
            self.resume_reading()  # the peer's answer
            self._timer = self._loop.call_later(LAST_WORDS, self._transport.abort)

    def _leave_open(self, state: int) -> None:
        self._state = state
        self._hear = None
        self._keep_alive(None)

    def _over(self, code: int) -> None:
        """Nothing more will come: whoever listens hears it once."""
        if self._ended:
            return
        self._ended = True
        if self._lost is not None:
            self._lost()
        else:
            self._put({"type": "websocket.disconnect", "code": code})

    # Keepalive

    def _keep_alive(self, keepalive: Keepalive | None) -> None:
        """By these times from now on; None: whoever carries it looks after this himself, or it is over."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = keepalive and self._loop.call_later(keepalive.interval, self._ping, keepalive)

    def _ping(self, keepalive: Keepalive) -> None:
        self._silent = True
        self._write(ping_frame())
        due = self._loop.time() + keepalive.timeout
        self._timer = self._loop.call_at(due, self._judge, keepalive, due)

    def _judge(self, keepalive: Keepalive, due: float) -> None:
        """A peer from whom nothing came since the last ping is gone; but not if it is us who did not listen or slept."""
        if self._silent and not self._paused and self._loop.time() < due + keepalive.timeout / 2:
            logger.info("A WebSocket is silent, it is cut")
            self._cut("silent")
        else:
            wait = max(0, keepalive.interval - keepalive.timeout)
            self._timer = self._loop.call_later(wait, self._ping, keepalive)
