"""The Socket.IO addresses of the instance. Both lead into the same rooms: engine path `/socket` with namespace `/`, and
engine path `/socket.io` with namespace `/socket`.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from django.conf import settings

from accounts.tokens import Identity, identity_of
from projectvoice.kernel.errors import DomainError, Unavailable
from voice.dialects.base import Dialect
from voice.dialects.projectvoice import ProjectVoiceDialect
from voice.transports.consumer import SocketIOConsumer
from voice.transports.enforcement import Enforcement
from voice.transports.engine import EngineServer
from voice.transports.link import MESSAGE
from voice.transports.membership import Message
from voice.transports.pace import Pace
from voice.transports.switchboard import NO_DATABASE, Connection, switchboard
from voice.wire.client import EventCame
from voice.wire.engineio import Settings
from voice.wire.socketio import Kind, head

logger = logging.getLogger(__name__)

MAX_MESSAGE: Final = 256 * 1024
TOKEN_LENGTH: Final = 4096

enforcement = Enforcement(switchboard)


class CallConsumer(SocketIOConsumer):
    """A client on its way to the switchboard. Only what asks the database waits its turn in the consumer."""

    def __init__(self, dialect: Dialect, *, announce_delay: float, strict: bool) -> None:
        """`strict`: a handshake with a bad token is refused; else it counts as one without, and join-room asks again."""
        self._dialect, self._announce_delay, self._strict = dialect, announce_delay, strict

    async def socketio_connect(self, message: Message) -> None:
        try:
            token, identity = await self._sign_in(message["auth"])
        except DomainError as error:
            await self.refuse(str(error))
            raise StopConsumer from error
        except NO_DATABASE as error:
            logger.error("The database does not answer a handshake")
            await self.refuse(str(Unavailable()))
            raise StopConsumer from error
        await enforcement.ready()
        scope: Any = self.scope
        self._connection = Connection(
            id=self.membership.sid,
            dialect=self._dialect,
            language=_language(scope),
            announce_delay=self._announce_delay,
            head=MESSAGE + head(Kind.EVENT, scope["namespace"]),
            socket=self.membership,
            pace=Pace(asyncio.get_running_loop().time()) if settings.RATE_LIMITS else None,
            token=token,
            identity=identity,
        )
        if not self.membership.gone:
            switchboard.connect(self._connection)
            await self.accept()

    def at_once(self, event: EventCame) -> Message | None:
        join = switchboard.receive(self._connection, event.name, event.args)
        return None if join is None else {"type": "socketio.join", "join": join}

    async def socketio_event(self, message: Message) -> None:
        join = switchboard.receive(self._connection, message["name"], message["args"])
        if join is not None:
            await switchboard.join(self._connection, join)

    async def socketio_join(self, message: Message) -> None:
        await switchboard.join(self._connection, message["join"])

    async def socketio_disconnect(self, message: Message) -> None:
        switchboard.disconnect(self.membership.sid)
        raise StopConsumer

    async def _sign_in(self, auth: Mapping[str, Any]) -> tuple[str | None, Identity | None]:
        """The handshake's token, from `auth` or the query."""
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        token = auth.get("token") or query.get("token", [None])[0]
        if not token:
            return None, None
        try:
            if not isinstance(token, str) or len(token) > TOKEN_LENGTH:
                raise DomainError
            return token, await database_sync_to_async(identity_of, thread_sensitive=False)(token)
        except DomainError:
            if self._strict:
                raise
            return None, None


def _language(scope: Mapping[str, Any]) -> str:
    """Two letters; empty if the client has no wish."""
    wish: bytes = dict(scope["headers"]).get(b"accept-language", b"")
    return wish[:2].decode("latin-1").lower()


def engines() -> dict[str, EngineServer]:
    """By engine path."""
    timing = Settings(ping_interval=settings.PING_INTERVAL, ping_timeout=settings.PING_TIMEOUT, max_payload=MAX_MESSAGE)

    def engine(path: str, namespace: str, *, strict: bool) -> EngineServer:
        delay = settings.ANNOUNCE_DELAY[path]
        consumer: Any = CallConsumer.as_asgi(dialect=ProjectVoiceDialect(), announce_delay=delay, strict=strict)
        return EngineServer({namespace: consumer}, timing, settings.ALLOWED_ORIGINS)

    # Clients of the first open their sockets before they sign in, and authenticate at join-room.
    return {"/socket": engine("/socket", "/", strict=False), "/socket.io": engine("/socket.io", "/socket", strict=True)}
