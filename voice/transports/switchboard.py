"""The connections of all dialects around one hub."""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError

from accounts.tokens import Identity
from projectvoice.kernel.errors import DomainError, InvalidSession, Unavailable
from voice import access
from voice.access import Claim, Granted, Refusal
from voice.core.errors import MalformedFrame
from voice.core.hub import Hub
from voice.core.words import Join, Outgoing, Peer, PeerLeft, Signal
from voice.dialects.base import Dialect, Frame
from voice.errors import TooFast
from voice.transports.pace import Pace

logger = logging.getLogger(__name__)
NO_DATABASE = (OperationalError, InterfaceError)
_now = time.monotonic  # the clock of event loops


class Socket(Protocol):
    """Whoever does not read what is written is cut; the switchboard hears of it by `disconnect`."""

    @property
    def gone(self) -> bool: ...

    def write(self, text: bytes) -> None: ...

    def hang_up(self) -> None:
        """What was written before still goes out, if it is read soon."""
        ...


@dataclass(eq=False)
class Connection:
    """`head` is what stands before each frame's JSON on this socket."""

    id: str
    dialect: Dialect
    language: str
    announce_delay: float
    head: bytes
    socket: Socket
    pace: Pace | None = None
    """None: as fast as it likes."""
    token: str | None = None
    identity: Identity | None = None
    server_id: int | None = None
    peer: Peer = field(init=False)  # who commands; a join makes one with a profile

    def __post_init__(self) -> None:
        self.peer = Peer(self.id, {})

    def say(self, frame: Frame) -> None:
        """Raises TypeError for what can be read but not written: JSON nested too deeply."""
        self.socket.write(self.head + orjson.dumps(frame))


class Switchboard:
    """Decode, ask the door, hand to the hub, put the events into the outboxes of whom they concern."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.changes = 0  # counts news of changed rights
        self.suspects: set[str] = set()  # connections whose rights are to be asked again
        self.doubt = asyncio.Event()
        self._connections: dict[str, Connection] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due: float | None = None

    @property
    def connections(self) -> Iterable[Connection]:
        return self._connections.values()

    def connect(self, connection: Connection) -> None:
        self._connections[connection.id] = connection

    def disconnect(self, connection_id: str) -> None:
        """The socket is gone. Twice is once."""
        if self._connections.pop(connection_id, None) is not None:
            self.deliver(self.hub.leave(connection_id))

    def receive(self, connection: Connection, name: str, args: Sequence[Any]) -> Join | None:
        """One event of one client. Whatever it holds, it hurts nobody but its sender.

        All is done at once but a join, which is handed back: it wants to be awaited, in its turn.
        """
        if connection.id not in self._connections:
            return None
        now = _now()
        if connection.pace is not None and not connection.pace.take(now):
            self.close(connection, TooFast())
            return None
        try:
            command = connection.dialect.decode(name, args)
            if isinstance(command, Join):
                return command
            self.deliver(self.hub.handle(connection.peer, command, now))
        except DomainError as error:
            self._say(connection, error)
        except Exception:
            logger.exception("A bug in handling %r", name)
            self._say(connection, DomainError())
        return None

    async def join(self, connection: Connection, join: Join) -> None:
        """The door first, then the hub."""
        try:
            await self._join(connection, join)
        except DomainError as error:
            self._say(connection, error)
        except NO_DATABASE:
            logger.error("The database does not answer a socket")
            self._say(connection, Unavailable())
        except Exception:
            logger.exception("A bug in joining")
            self._say(connection, DomainError())

    async def _join(self, connection: Connection, join: Join) -> None:
        token, changes = join.token or connection.token, self.changes
        identity, standing = await database_sync_to_async(access.enter, thread_sensitive=False)(token, join.room, guests=False)
        if identity is None:
            raise InvalidSession
        if connection.id not in self._connections or connection.socket.gone:  # it went while the door was asked
            return
        if connection.identity is not None and connection.identity.user != identity.user:
            self.deliver(self.hub.leave(connection.id))  # somebody else goes on with this socket
        peer = Peer(connection.id, access.profile_of(identity.user), connection.announce_delay)
        outgoing = self.hub.handle(peer, join, _now())  # refused by a full room, he stays who and where he was
        connection.token, connection.identity, connection.server_id = token, identity, standing.server_id
        self.deliver(outgoing)
        if changes != self.changes:  # the door's answer may have been overtaken
            self.suspect([connection.id])

    def deliver(self, outgoing: Iterable[Outgoing]) -> None:
        for to, event in outgoing:
            connection = self._connections.get(to)
            if connection is None:
                continue
            try:
                connection.say(connection.dialect.encode(event))
            except TypeError:
                if not isinstance(event, Signal):  # nothing else holds what a client sent
                    raise
                self._blame(event.sender)
        self._set_timer()

    def _blame(self, sender: str) -> None:
        """What he sent cannot be said again."""
        if sender in self._connections:
            self._say(self._connections[sender], MalformedFrame())

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

    def enforce(self, answers: Iterable[Refusal | Granted]) -> None:
        """Out of the room, with the reason; out of the house too, where the session itself has ended."""
        for answer in answers:
            if isinstance(answer, Granted):
                continue
            peer_id, room, reason, signed_out = answer
            connection = self._connections.get(peer_id)
            if connection is None:
                continue
            if signed_out:
                self.close(connection, reason)
            elif self.hub.room_of(peer_id) == room:  # else he went on meanwhile, through another door
                self.deliver([*self.hub.leave(peer_id), Outgoing(peer_id, PeerLeft(peer_id))])
                self._say(connection, reason)

    def close(self, connection: Connection, reason: DomainError) -> None:
        """The others hear at once; the socket may read what is left for it."""
        self._say(connection, reason)
        connection.socket.hang_up()
        self.disconnect(connection.id)

    def _say(self, connection: Connection, error: DomainError) -> None:
        connection.say(connection.dialect.encode_error(error, connection.language))

    def _set_timer(self) -> None:
        due = self.hub.next_due
        if due == self._timer_due:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_due = None if due is None else asyncio.get_running_loop().call_at(due, self._tick), due

    def _tick(self) -> None:
        self._timer = self._timer_due = None
        self.deliver(self.hub.tick(_now()))


switchboard = Switchboard()
