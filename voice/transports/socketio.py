"""The Socket.IO addresses of the instance. All lead into the same rooms: engine path `/socket` with namespace `/`, and
engine path `/socket.io` with namespaces `/socket` and, in another dialect, `/`.
"""

import logging
from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qs

from channels.exceptions import StopConsumer
from django.conf import settings

from accounts.scopes import EVENTS, VOICE
from accounts.tokens import Identity, identity_of
from projectvoice.kernel.errors import DomainError, Unavailable
from voice.dialects.base import Dialect
from voice.dialects.projectvoice import ProjectVoiceDialect
from voice.dialects.room_signaling import RoomSignalingDialect
from voice.transports import backstage
from voice.transports.asking import ask
from voice.transports.carriers import MAX_MESSAGE
from voice.transports.consumer import SocketIOConsumer
from voice.transports.engine import EngineServer
from voice.transports.link import MESSAGE
from voice.transports.membership import Message
from voice.transports.switchboard import Connection, Limits, language_of, switchboard
from voice.wire.client import EventCame
from voice.wire.engineio import Settings
from voice.wire.socketio import Kind, head

logger = logging.getLogger(__name__)

TOKEN_LENGTH: Final = 4096


class CallConsumer(SocketIOConsumer):
    """A client on its way to the switchboard. Only what asks the database waits its turn in the consumer."""

    def __init__(
        self,
        dialect: Dialect,
        *,
        announce_delay: float = 0.0,
        strict: bool = True,
        guests: bool = False,
        accompanied: bool = False,
    ) -> None:
        """`strict`: a handshake with a bad token is refused; else it counts as one without, and join-room asks again.

        `guests`: open rooms take also who has no token. `accompanied`: the switchboard's companion shares the socket.
        """
        self._dialect, self._announce_delay, self._strict, self._guests = dialect, announce_delay, strict, guests
        self._companion = switchboard.companion if accompanied else None

    async def socketio_connect(self, message: Message) -> None:
        try:
            token, identity = await self._sign_in(message["auth"])
        except DomainError as error:
            await self.refuse(str(error))
            raise StopConsumer from error
        await backstage.ready()
        scope: Any = self.scope
        self._connection = Connection(
            key=self.membership.sid,
            dialect=self._dialect,
            language=language_of(scope),
            socket=self.membership,
            head=MESSAGE + head(Kind.EVENT, scope["namespace"]),
            announce_delay=self._announce_delay,
            guests=self._guests,
            companion=self._companion,
            limits=Limits.from_settings(),
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
            return token, await ask(identity_of, token, VOICE, EVENTS)
        except DomainError as error:
            if self._strict or isinstance(error, Unavailable):
                raise
            return None, None


@cache
def engines() -> dict[str, EngineServer]:
    """Of this process, by engine path."""
    timing = Settings(ping_interval=settings.PING_INTERVAL, ping_timeout=settings.PING_TIMEOUT, max_payload=MAX_MESSAGE)

    def consumer(dialect: Dialect, **rules: Any) -> Any:
        return CallConsumer.as_asgi(dialect=dialect, **rules)

    def engine(namespaces: Mapping[str, Any]) -> EngineServer:
        return EngineServer(namespaces, timing, settings.ALLOWED_ORIGINS)

    projectvoice = ProjectVoiceDialect()
    return {
        # Its clients open their sockets before they sign in, and authenticate at join-room.
        "/socket": engine(
            {"/": consumer(projectvoice, announce_delay=settings.ANNOUNCE_DELAY, strict=False, accompanied=True)}
        ),
        "/socket.io": engine(
            {"/socket": consumer(projectvoice, accompanied=True), "/": consumer(RoomSignalingDialect(), guests=True)}
        ),
    }
