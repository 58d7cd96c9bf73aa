"""WebSockets that carry bare JSON, each bound to the one room that it asks for when it opens."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import parse_qs

import orjson
from channels.consumer import AsyncConsumer
from django.conf import settings

from projectvoice.kernel.errors import DomainError, NotFound
from voice.core.errors import MalformedFrame
from voice.dialects.addresses import dialect_of
from voice.dialects.base import Opening
from voice.errors import Crowded, ForeignOrigin, TooFast
from voice.transports import backstage
from voice.transports.carriers import MAX_MESSAGE, AsgiSocket, CarryingSocket, Keepalive, carry, socket_of
from voice.transports.crowd import crowd
from voice.transports.engine import deny
from voice.transports.origins import Origins
from voice.transports.switchboard import POLICY_VIOLATION, Connection, Limits, language_of, switchboard
from voice.wire.engineio import Response

ORIGINS: Final = Origins(settings.ALLOWED_ORIGINS)
MANY: Final = 256  # frames that wait until their sender is seated
FIRST_WORD: Final = 1.0  # seconds that a client has for the frame that says who it is
ID_BYTES: Final = 15

Frame = Mapping[str, Any]


class _Line:
    """A socket as the switchboard knows it, from before it is open: what is said to it until then goes out first."""

    def __init__(self) -> None:
        self.gone = False
        self._early: list[bytes] = []
        self.write: Callable[[bytes], None] = self._early.append
        self._socket: AsgiSocket | CarryingSocket | None = None
        self._code: int | None = None

    @property
    def backlog(self) -> int:
        return 0 if self._socket is None else self._socket.backlog

    def open(self, socket: AsgiSocket | CarryingSocket) -> None:
        self._socket, self.write = socket, socket.send
        for text in self._early:
            socket.send(text)
        if self._code is not None:
            socket.hang_up(self._code)

    def hang_up(self, code: int) -> None:
        if self._socket is None:
            self._code = code
        else:
            self._socket.hang_up(code)


class CallSocket(AsyncConsumer):
    """One client. Until it is seated its frames wait here; from then on they reach the switchboard in the moment they come.
    If its address says who it is, it is seated before its socket opens: whom a client sees open, others reach.

    Not by Channels' own loop: that makes a task for each message, and its end is not the end of a socket that is carried.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()  # that it wants to connect
        self._language = language_of(scope)
        try:
            self._come(scope)
        except DomainError as error:
            await self._deny(scope, send, error)
            return
        self._waiting: deque[Frame] = deque()
        self._heard = asyncio.Event()
        self._connection: Connection | None = None
        self._line = _Line()
        self._seated: Connection | None = None
        try:
            await backstage.ready()
            self._known = await self._introduce(None)
            await send({"type": "websocket.accept"})
        except BaseException:
            self._lost()
            raise
        socket = socket_of(scope, receive, send, MAX_MESSAGE)
        self._line.open(socket)
        introduction = asyncio.create_task(self._hear_who())
        await carry(socket, self._hear, self._lost, Keepalive(settings.PING_INTERVAL, settings.PING_TIMEOUT))
        await introduction

    def _come(self, scope: Any) -> None:
        """To an address of a dialect, from a page that may, and not as one too many."""
        query = {
            name: values[-1]
            for name, values in parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).items()
        }
        address = dialect_of(scope["path"], query)
        if address is None:
            raise NotFound
        if not ORIGINS.may_speak(scope):
            raise ForeignOrigin
        self._dialect, self._query = address
        self._house = crowd.enter(scope)  # the name under which its address is counted
        if self._house is None:
            raise Crowded

    async def _deny(self, scope: Any, send: Any, error: DomainError) -> None:
        """Before it opens, over HTTP."""
        body = orjson.dumps({"error": error.text.to(self._language), "code": error.status})
        await deny(scope, send, Response(error.status, body, "application/json"))

    async def _hear_who(self) -> None:
        if not self._known and not await self._introduce(await self._first_word()):
            self._refuse(MalformedFrame())

    async def _introduce(self, first: Frame | None) -> bool:
        """Seat it or refuse it. False: that its address does not say who it is, nor this first frame."""
        try:
            opening = self._dialect.open(self._query, first)
        except MalformedFrame as error:
            self._refuse(error)
            return True
        if opening is not None and not self._line.gone:
            await self._seat(opening)
        return opening is not None

    async def _seat(self, opening: Opening) -> None:
        """What it said meanwhile is heard then."""
        self._connection = connection = Connection(
            key=token_urlsafe(ID_BYTES),
            dialect=opening.dialect,
            language=self._language,
            socket=self._line,
            peer_id=opening.peer_id,
            linger=opening.linger,
            naming=opening.naming,
            guests=True,
            bound=True,
            limits=Limits.from_settings(),
        )
        switchboard.connect(connection)
        if await switchboard.join(connection, opening.join):
            while self._waiting:
                frame = self._waiting.popleft()
                switchboard.receive(connection, frame.get("type"), (frame,))
            self._seated = connection
        else:
            self._line.hang_up(POLICY_VIOLATION)

    async def _first_word(self) -> Frame:
        """The first frame, which stays to be heard in its turn; an empty one if none comes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_WORD):
                await self._heard.wait()
        return self._waiting[0] if self._waiting else {}

    def _hear(self, data: bytes, binary: bool) -> None:
        frame, connection = {} if binary else _frame_of(data), self._seated
        if connection is not None:
            switchboard.receive(connection, frame.get("type"), (frame,))
        elif len(self._waiting) < MANY:
            self._waiting.append(frame)
            self._heard.set()
        else:
            self._refuse(TooFast())

    def _lost(self) -> None:
        """Twice is once."""
        self._line.gone = True
        if self._house is not None:
            crowd.leave(self._house)
            self._house = None
        if self._connection is not None:
            switchboard.disconnect(self._connection.key)

    def _refuse(self, error: DomainError) -> None:
        if not self._line.gone:
            self._line.write(orjson.dumps(self._dialect.encode_error(error, self._language)))
            self._line.hang_up(POLICY_VIOLATION)


def _frame_of(data: bytes) -> Frame:
    """What is no JSON object says as little as an empty one."""
    try:
        frame = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return frame if isinstance(frame, dict) else {}
