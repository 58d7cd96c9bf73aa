"""Socket.IO by python-socketio, kept behind this file until our own engine takes its place.

Both addresses lead into the same rooms: engine path `/socket` with namespace `/`, and engine path `/socket.io` with
namespace `/socket`. A client's event can neither be named like one of the library's own nor carry binary.
"""

import asyncio
import logging
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import socketio
from channels.db import database_sync_to_async
from django.conf import settings
from socketio.packet import CONNECT_ERROR

from accounts.tokens import Identity, identity_of
from projectvoice.body_limit import BodyLimit
from projectvoice.kernel.errors import DomainError
from voice.dialects.base import Dialect, Frame
from voice.dialects.projectvoice import ProjectVoiceDialect
from voice.transports.enforcement import Enforcement
from voice.transports.engine import Answered, Engine
from voice.transports.outbox import Outbox
from voice.transports.pace import Pace
from voice.transports.switchboard import Connection, switchboard

logger = logging.getLogger(__name__)

MAX_MESSAGE = 256 * 1024
TOKEN_LENGTH = 4096

# (engine path, namespace) → what is spoken there
DIALECTS: dict[tuple[str, str], Dialect] = {
    ("/socket", "/"): ProjectVoiceDialect(),
    ("/socket.io", "/socket"): ProjectVoiceDialect(),
}
NAMESPACES = sorted({namespace for _, namespace in DIALECTS})


class _Json:
    """orjson where python-socketio expects the standard library's module: strict, and no NaN comes in."""

    JSONDecodeError = orjson.JSONDecodeError

    @staticmethod
    def dumps(data: Any, **_: Any) -> str:
        return orjson.dumps(data).decode()

    @staticmethod
    def loads(data: str, **_: Any) -> Any:
        return orjson.loads(data)


class _Server(socketio.AsyncServer):
    def __init__(self) -> None:
        super().__init__(
            async_mode="asgi",
            async_handlers=False,  # a candidate must not overtake its offer
            namespaces=NAMESPACES,
            json=_Json,
            ping_interval=settings.PING_INTERVAL,
            ping_timeout=settings.PING_TIMEOUT,
            max_http_buffer_size=MAX_MESSAGE,
            cors_allowed_origins=_origin_allowed,
            cors_credentials=False,
            logger=False,
            engineio_logger=logging.getLogger("engineio"),
        )
        self.enforcement: Enforcement | None = None

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        try:
            if not isinstance(data, str) or data[:1] in {"5", "6"}:
                raise ValueError("binary is not spoken here")
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            logger.info("A packet that is no Socket.IO: %s", type(error).__name__)
            for namespace in NAMESPACES:  # taken for an event without a name: its sender is told, and it counts
                await switchboard.receive(self.manager.sid_from_eio_sid(eio_sid, namespace), "", ())

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        if (namespace or "/") not in NAMESPACES:
            refusal = {"message": "Invalid namespace"}
            await self._send_packet(eio_sid, self.packet_class(CONNECT_ERROR, data=refusal, namespace=namespace))
            return
        if self.manager.sid_from_eio_sid(eio_sid, namespace or "/"):
            raise ValueError("connected already")
        await super()._handle_connect(eio_sid, namespace, data)

    async def _handle_event(self, eio_sid: str, namespace: str | None, id: int | None, data: Any) -> None:
        if not (isinstance(data, list) and data and isinstance(data[0], str)):
            raise ValueError("an event has a name")
        orjson.dumps(data)  # raises TypeError for what is nested too deeply to be said again
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace or "/")
        await switchboard.receive(sid, data[0], tuple(data[1:]))

    async def _trigger_event(self, event: str, namespace: str, *args: Any) -> Any:
        """Only the library itself calls this: a client's events went to the switchboard."""
        if event == "connect":
            return await self._open(namespace, *args)
        if event == "disconnect":
            switchboard.disconnect(args[0])
        return None

    async def _open(self, namespace: str, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        path = environ["PATH_INFO"].rstrip("/")
        dialect = DIALECTS.get((path, namespace))
        if dialect is None:
            raise socketio.exceptions.ConnectionRefusedError("Invalid namespace")
        token, identity = await self._sign_in(namespace, environ, auth)
        self.enforcement = self.enforcement or Enforcement(switchboard)
        await self.enforcement.ready()
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        if eio_sid not in self.eio.sockets:  # it left while it was asked who it is
            raise socketio.exceptions.ConnectionRefusedError("Disconnected")
        prefix = "2" if namespace == "/" else f"2{namespace},"
        switchboard.connect(
            Connection(
                id=sid,
                dialect=dialect,
                language=environ.get("HTTP_ACCEPT_LANGUAGE", "")[:2].lower(),
                announce_delay=settings.ANNOUNCE_DELAY[path],
                encode=partial(_encode, prefix),
                outbox=Outbox(partial(self.eio.send, eio_sid)),
                hang_up=partial(self.eio.disconnect, eio_sid),
                pace=Pace(asyncio.get_running_loop().time()),
                token=token,
                identity=identity,
            )
        )

    async def _sign_in(self, namespace: str, environ: dict[str, Any], auth: Any) -> tuple[str | None, Identity | None]:
        """The handshake's token, from `auth` or the query. On path `/socket` a bad one counts as none: clients open
        their sockets before they sign in, and authenticate at join-room."""
        token = auth.get("token") if isinstance(auth, dict) else None
        token = token or parse_qs(environ.get("QUERY_STRING", "")).get("token", [None])[0]
        if not token:
            return None, None
        try:
            if not isinstance(token, str) or len(token) > TOKEN_LENGTH:
                raise DomainError
            return token, await database_sync_to_async(identity_of, thread_sensitive=False)(token)
        except DomainError as error:
            if namespace == "/":
                return None, None
            raise socketio.exceptions.ConnectionRefusedError(str(error)) from error


def _encode(prefix: str, frame: Frame) -> str:
    return prefix + orjson.dumps(frame).decode()


def _origin_allowed(origin: str, environ: dict[str, Any]) -> bool:
    """The one list of origins that REST follows too, and the instance's own page."""
    allowed = settings.ALLOWED_ORIGINS
    return "*" in allowed or origin in allowed or urlsplit(origin).netloc == environ.get("HTTP_HOST")


def socketio_app() -> Any:
    """One ASGI application for both engine paths."""
    server = _Server()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await server.handle_request(scope, receive, send)

    answered = Answered(app)
    bounded = BodyLimit(answered, MAX_MESSAGE)

    async def by_type(scope: Any, receive: Any, send: Any) -> None:
        await (bounded if scope["type"] == "http" else answered)(scope, receive, send)

    return by_type
