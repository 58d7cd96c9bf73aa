"""The connections of all dialects around one hub."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

from accounts.tokens import Identity
from projectvoice.kernel.errors import DomainError, Unavailable
from voice import access
from voice.access import Claim, Refusal
from voice.core.hub import Hub
from voice.core.words import Join, Outgoing, Peer, PeerLeft
from voice.dialects.base import Dialect, Frame
from voice.errors import TooFast
from voice.transports.outbox import Outbox
from voice.transports.pace import Pace

logger = logging.getLogger(__name__)

LAST_WORDS = 1.0  # seconds a connection that is to be closed has for what was said to it last


@dataclass(eq=False)
class Connection:
    """`encode` turns a dialect's frame into what `outbox` writes; `hang_up` closes the socket."""

    id: str
    dialect: Dialect
    language: str
    announce_delay: float
    encode: Callable[[Frame], str]
    outbox: Outbox
    hang_up: Callable[[], Awaitable[None]]
    pace: Pace
    token: str | None = None
    identity: Identity | None = None
    server_id: int | None = None
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)  # commands of one connection are done in their order


class Switchboard:
    """Decode, ask the door, hand to the hub, put the events into the outboxes of whom they concern."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.changes = 0  # counts news of changed rights
        self.suspects: set[str] = set()  # connections whose rights are to be asked again
        self.doubt = asyncio.Event()
        self._connections: dict[str, Connection] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> Iterable[Connection]:
        return self._connections.values()

    def connect(self, connection: Connection) -> None:
        self._connections[connection.id] = connection

    def disconnect(self, connection_id: str) -> None:
        """The socket is gone. Twice is once."""
        connection = self._connections.pop(connection_id, None)
        if connection is not None:
            connection.outbox.close()
            self.deliver(self.hub.leave(connection_id))

    async def receive(self, connection_id: str, name: str, args: tuple[Any, ...]) -> None:
        """One event of one client. Whatever it holds, it hurts nobody but its sender."""
        connection = self._connections.get(connection_id)
        if connection is None:
            return
        if settings.RATE_LIMITS and not connection.pace.take(_now()):
            self.close(connection, TooFast())
            return
        async with connection.busy:
            try:
                await self._obey(connection, name, args)
            except DomainError as error:
                self._say(connection, error)
            except (OperationalError, InterfaceError, PoolTimeout):
                logger.error("The database does not answer a socket")
                self._say(connection, Unavailable())
            except Exception:
                logger.exception("A bug in handling %r", name)
                self._say(connection, DomainError())

    async def _obey(self, connection: Connection, name: str, args: tuple[Any, ...]) -> None:
        command = connection.dialect.decode(name, args)
        if isinstance(command, Join):
            await self._join(connection, command)
        else:
            self.deliver(self.hub.handle(Peer(connection.id, {}), command, _now()))

    async def _join(self, connection: Connection, join: Join) -> None:
        token, changes = join.token or connection.token, self.changes
        entry = await database_sync_to_async(access.enter, thread_sensitive=False)(token, join.room)
        if connection.id not in self._connections:  # it went while the door was asked
            return
        if connection.identity is not None and connection.identity.user != entry.identity.user:
            self.deliver(self.hub.leave(connection.id))  # somebody else goes on with this socket
        peer = Peer(connection.id, access.profile_of(entry.identity.user), connection.announce_delay)
        outgoing = self.hub.handle(peer, join, _now())  # refused by a full room, he stays who and where he was
        connection.token, connection.identity, connection.server_id = token, entry.identity, entry.server_id
        self.deliver(outgoing)
        if changes != self.changes:  # the door's answer may have been overtaken
            self.suspect([connection.id])

    def deliver(self, outgoing: Iterable[Outgoing]) -> None:
        full = []
        for to, event in outgoing:
            connection = self._connections.get(to)
            if connection is not None and not connection.outbox.put(connection.encode(connection.dialect.encode(event))):
                full.append(connection)
        for connection in full:
            logger.info("Connection %s does not read, it is cut", connection.id)
            self._drop(connection, patience=0)
        self._set_timer()

    def suspect(self, connection_ids: Iterable[str]) -> None:
        """Have the doors asked again for these, soon (transports/enforcement.py)."""
        self.suspects.update(connection_ids)
        self.doubt.set()

    def take_suspects(self) -> list[Claim]:
        """What those under suspicion, if signed in, lay claim to. Much news at once becomes one question."""
        suspects, self.suspects = self.suspects, set()
        self.doubt.clear()
        return [
            Claim(connection.id, connection.identity.user.pk, connection.identity.session_id, self.hub.room_of(connection.id))
            for connection in map(self._connections.get, suspects)
            if connection is not None and connection.identity is not None
        ]

    def enforce(self, refused: Iterable[Refusal]) -> None:
        """Out of the room, with the reason; out of the house too, where the session itself has ended."""
        for peer_id, room, reason, signed_out in refused:
            connection = self._connections.get(peer_id)
            if connection is None:
                continue
            if signed_out:
                self.close(connection, reason)
            elif self.hub.room_of(peer_id) == room:  # else he went on meanwhile, through another door
                self.deliver([*self.hub.leave(peer_id), Outgoing(peer_id, PeerLeft(peer_id))])
                self._say(connection, reason)

    def close(self, connection: Connection, reason: DomainError) -> None:
        self._say(connection, reason)
        self._drop(connection, LAST_WORDS)

    def _drop(self, connection: Connection, patience: float) -> None:
        """The others hear at once; the socket gets `patience` seconds to read what is left for it."""
        if self._connections.pop(connection.id, None) is None:
            return
        self.deliver(self.hub.leave(connection.id))
        task = asyncio.create_task(_hang_up(connection, patience))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _say(self, connection: Connection, error: DomainError) -> None:
        if not connection.outbox.put(connection.encode(connection.dialect.encode_error(error, connection.language))):
            self._drop(connection, patience=0)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self.hub.next_due
        self._timer = None if due is None else asyncio.get_running_loop().call_at(due, self._tick)

    def _tick(self) -> None:
        self.deliver(self.hub.tick(_now()))


async def _hang_up(connection: Connection, patience: float) -> None:
    with suppress(TimeoutError):
        await connection.outbox.flush(patience)
    connection.outbox.close()
    await connection.hang_up()


def _now() -> float:
    return asyncio.get_running_loop().time()


switchboard = Switchboard()
