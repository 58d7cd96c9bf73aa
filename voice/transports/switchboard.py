"""The connections of all dialects around one hub."""

import asyncio
import logging
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from django.conf import settings
from orjson import dumps

from accounts.models import User
from accounts.tokens import Identity
from figures.counting import CALLS, count
from projectvoice.kernel.errors import DomainError
from projectvoice.kernel.events import MemberMoved
from telemetry import tracing
from telemetry.context import note, within
from voice import access
from voice.access import Claim, Entry, Granted, Refusal, Standing
from voice.core.errors import IdTaken, MalformedFrame
from voice.core.hub import Absent, Hub, Roster
from voice.core.words import Forward, Join, Leave, Outgoing, Peer, PeerLeft, PutOut, Room, Signal, Terms, Voice
from voice.dialects.base import Dialect, Frame
from voice.errors import Dismissed, Moved, TooFast, TooManyJoins, TooManyRooms
from voice.transports import lines, metrics
from voice.transports.asking import ask
from voice.transports.cluster import Cluster
from voice.transports.companion import Companion
from voice.transports.pace import Pace
from voice.transports.witness import Witness

logger = logging.getLogger(__name__)
_now = time.monotonic  # the clock of event loops
POLICY_VIOLATION: Final = 1008
GOING: Final = 1000
ANOTHER_USER: Final = "another-user"


class Socket(Protocol):
    """Whoever does not read what is written is cut; the switchboard hears of it by `disconnect`."""

    @property
    def gone(self) -> bool: ...

    @property
    def backlog(self) -> int:
        """Bytes that were written and not read, about; whoever would write much waits while they are many."""
        ...

    def write(self, text: bytes) -> None: ...

    def hang_up(self, code: int) -> None:
        """A WebSocket's close code. What was written before still goes out, if it is read soon."""
        ...


@dataclass(eq=False)
class Limits:
    """What one connection may do in time."""

    signals: Pace
    joins: Pace

    @classmethod
    def from_settings(cls) -> "Limits | None":
        """None: as fast as it likes."""
        if not settings.RATE_LIMITS:
            return None
        signals = Pace(_now(), rate=settings.SIGNAL_RATE, burst=settings.SIGNAL_BURST)
        return cls(signals, Pace(_now(), rate=settings.JOINS_PER_MINUTE / 60, burst=settings.JOINS_PER_MINUTE))


@dataclass(eq=False, slots=True)
class Connection:
    """`head` is what stands before each frame's JSON on this socket."""

    key: str
    dialect: Dialect
    language: str
    socket: Socket
    head: bytes = b""
    peer_id: str = ""  # what a room knows it by; empty: its key
    announce_delay: float = 0.0
    linger: float = 0.0
    naming: float = 0.0
    """The announce delay of a guest that has not said yet how it is called."""
    guests: bool = False
    """Whether it may sit in an open room without a token."""
    bound: bool = False
    """To its one room: put out of it, there is nothing left for it to do."""
    companion: Companion | None = None
    limits: Limits | None = None
    token: str | None = None
    identity: Identity | None = None
    standing: Standing | None = None
    heard: int = 0
    said: int = 0
    """Frames."""
    peer: Peer = field(init=False)  # who commands; a join makes one with a profile

    def __post_init__(self) -> None:
        self.peer = Peer(self.peer_id or self.key, {}, key=self.key)

    def say(self, frame: Frame | None) -> None:
        """Nothing, if there are no words for it. Raises TypeError for what can be read but not written: JSON nested too deeply."""
        if frame is not None:
            self.said += 1
            self.socket.write(self.head + dumps(frame))


class Switchboard:
    """Decode, ask the door, hand to the hub, put the events into the outboxes of whom they concern."""

    def __init__(self) -> None:
        self.hub = Hub(settings.ROOM_SIZE)
        self.others = Cluster(settings.REDIS_URL, self.hub, self.deliver, self.dismiss)
        self.changes = 0  # counts news of changed rights
        self.suspects: set[str] = set()  # connections whose rights are to be asked again
        self.doubt = asyncio.Event()
        self.companion: Companion | None = None
        self.witness: Witness | None = None
        self._connections: dict[str, Connection] = {}
        self._users: dict[int, set[Connection]] = {}  # who is signed in
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due: float | None = None
        self.frames = metrics.Frames()

    @property
    def connections(self) -> Iterable[Connection]:
        return self._connections.values()

    @property
    def user_count(self) -> int:
        return len(self._users)

    def connections_of(self, user_id: int) -> Iterable[Connection]:
        return self._users.get(user_id, ())

    def connect(self, connection: Connection) -> None:
        self._connections[connection.key] = connection
        self._sign_in(connection, connection.identity)
        metrics.OPENED.labels(metrics.name_of(type(connection.dialect))).inc()

    def disconnect(self, key: str, why: str = "gone") -> None:
        """The socket is gone. Twice is once."""
        connection = self._connections.pop(key, None)
        if connection is not None:
            metrics.CLOSED.labels(metrics.name_of(type(connection.dialect)), why).inc()
            self.frames.keep(connection)
            if connection.companion is not None:
                connection.companion.lose(connection)
            self._sign_in(connection, None)
            self._stood_up(connection, "disconnected")
            self.deliver(self.hub.leave(key, now=_now()))

    def sign_in(self, connection: Connection, token: str, identity: Identity) -> None:
        """Without a seat. Whoever sat here as somebody else has left."""
        if connection.identity is not None and connection.identity.user != identity.user:
            self._stood_up(connection, ANOTHER_USER)
            self.deliver(self.hub.leave(connection.key))
        self._sign_in(connection, identity)
        connection.token = token

    def _sign_in(self, connection: Connection, identity: Identity | None) -> None:
        if connection.identity is not None:
            sockets = self._users.get(connection.identity.user.pk, set())
            sockets.discard(connection)
            if not sockets:
                self._users.pop(connection.identity.user.pk, None)
            if connection.companion is not None and (identity is None or identity.user != connection.identity.user):
                connection.companion.lose(connection)
        connection.identity = identity
        if identity is not None:
            self._users.setdefault(identity.user.pk, set()).add(connection)

    def receive(self, connection: Connection, name: Any, args: Sequence[Any]) -> Join | None:
        """One event of one client. Whatever it holds, it hurts nobody but its sender.

        All is done at once but a join, which is handed back: it wants to be awaited, in its turn.
        """
        if connection.key not in self._connections:
            return None
        connection.heard += 1
        now = _now()
        limits = connection.limits
        if limits is not None and not limits.signals.take(now):
            self.close(connection, TooFast(), POLICY_VIOLATION)
            return None
        try:
            if connection.companion is not None and name in connection.companion.words:
                connection.companion.hear(connection, name, args)
                return None
            command = connection.dialect.decode(name, args)
            if isinstance(command, Join):
                return command
            self.deliver(self.hub.handle(connection.peer, command, now))
            if self.witness is not None:
                self.witness.heard(connection, command)
                if isinstance(command, Leave) and self.hub.room_of(connection.key) is None:
                    self.witness.stood_up(connection, "left")
        except DomainError as error:
            self.refuse(connection, error)
        except Exception:
            logger.exception(
                "A bug in handling %r", name, extra={"fields": lines.ids_of(connection, self.hub.room_of(connection.key))}
            )
            self.refuse(connection, DomainError())
        return None

    async def join(self, connection: Connection, join: Join, *, moved: bool = False) -> bool:
        """The door first, then the hub. False: refused, and it was told why. `moved` by somebody else, it finds a full room open."""
        begun, ids = _now(), lines.ids_of(connection, join.room)
        with within(**ids), tracing.span("join", **ids):
            outcome = await self._try(connection, join, moved)
        metrics.JOINS.labels(ids["dialect"], outcome).inc()
        metrics.JOIN_SECONDS.observe(_now() - begun)
        return outcome == metrics.SEATED

    async def _try(self, connection: Connection, join: Join, moved: bool) -> str:
        """What came of it, in a word."""
        try:
            return await self._join(connection, join, moved)
        except DomainError as error:
            self.refuse(connection, error)
            return type(error).__name__
        except Exception:
            logger.exception("A bug in joining")
            self.refuse(connection, DomainError())
            return DomainError.__name__

    async def _join(self, connection: Connection, join: Join, moved: bool) -> str:
        if connection.limits is not None and not moved and not connection.limits.joins.take(_now()):
            self.close(connection, TooManyJoins(), POLICY_VIOLATION)
            return TooManyJoins.__name__
        token, changes = join.token or connection.token, self.changes
        entry = await ask(access.enter, token, join.room, guests=connection.guests)
        note(serverId=entry.standing.server_id)
        async with self.others.attending(join.room):
            if connection.key not in self._connections or connection.socket.gone:  # it went meanwhile
                return "gone"
            self._sit_down(connection, join, entry, token, moved)
        if changes != self.changes:  # the door's answer may have been overtaken
            self.suspect([connection.key])
        lines.seated()
        return metrics.SEATED

    def _sit_down(self, connection: Connection, join: Join, entry: Entry, token: str | None, moved: bool) -> None:
        identity, standing = entry
        if identity is not None:
            self._check_rooms(connection, identity.user, join.room)
        former = connection.identity
        if former is not None and (identity is None or former.user != identity.user):
            self._stood_up(connection, ANOTHER_USER)
            self.deliver(self.hub.leave(connection.key))  # somebody else goes on with this socket
        peer = self._as_shown(connection, join, None if identity is None else identity.user)
        terms = Terms(
            None if identity is None else identity.user.pk,
            settings.SEATS_PER_USER if join.room.channel else 0,
            0 if moved else standing.limit,
            _voice(standing),
        )
        partings = self._partings(connection) if moved else []
        begins = not join.room.is_lobby and not self.hub.is_occupied(join.room)
        outgoing = self.hub.join(peer, join, terms, _now(), time.time())  # refused, he stays who and where he was
        if begins:
            count(CALLS)
        self._sign_in(connection, identity)
        connection.token, connection.standing = token, standing
        if moved:
            self._stood_up(connection, "moved")
        self.deliver(partings)
        if self.witness is not None:
            self.witness.sat_down(connection, join.room)
        self.deliver(outgoing)

    def _as_shown(self, connection: Connection, join: Join, user: User | None) -> Peer:
        """Who has a place waiting for him keeps the name it was given to. A user's place in a channel is his alone, and his
        name is so everywhere. Raises IdTaken.
        """
        peer_id, delay = connection.peer.id, connection.announce_delay
        expected = self.hub.expected(join.room, peer_id, _now())
        if expected is not None and expected.profile["id"] not in {None, user and user.pk}:
            if join.room.channel:
                raise IdTaken
            expected = None
        if user is not None:
            profile = access.profile_of(user)
        elif expected is not None:
            profile = expected.profile
        else:
            profile = access.guest(join.name or peer_id)
            delay = delay if join.name else connection.naming
        return Peer(peer_id, profile, delay, connection.linger, connection.key)

    def _partings(self, connection: Connection) -> list[Outgoing]:
        """Who is taken out of a room hears that everybody else has left."""
        room = self.hub.room_of(connection.key)
        roster = None if room is None else self.hub.roster(room, _now())
        others = [] if roster is None else [one.peer for one in roster.seated if one.peer.key != connection.key]
        return [Outgoing(connection.key, PeerLeft(peer)) for peer in others]

    def _check_rooms(self, connection: Connection, user: User, room: Room) -> None:
        """One user may not fill the instance with rooms; counted on this process."""
        if connection.limits is None:
            return
        rooms = {self.hub.room_of(other.key) for other in self.connections_of(user.pk) if other is not connection}
        rooms -= {None, room}
        if len(rooms) >= settings.ROOMS_PER_USER:
            raise TooManyRooms

    def deliver(self, outgoing: Iterable[Outgoing]) -> None:
        for told in outgoing:
            to, event = told
            connection = self._connections.get(to)
            try:
                if connection is None or isinstance(event, Forward):
                    self.others.pass_on(told)
                    continue
                connection.say(connection.dialect.encode(event))
                if self.witness is not None:
                    self.witness.told(connection, event)
            except TypeError:
                if not isinstance(event, Signal | Forward):  # nothing else holds what a client sent
                    raise
                self._blame(event.sender, self.hub.room_of(to))
            if isinstance(event, PutOut) and connection is not None:
                self._stood_up(connection, name_of(event.reason))
                self.refuse(connection, event.reason)
                if connection.bound:
                    connection.socket.hang_up(POLICY_VIOLATION)
        if self.hub.changes:
            lines.gone(self.hub.changes)
            self.others.tell()
        self._set_timer()

    def _blame(self, sender: str, room: Room | None) -> None:
        """What he sent cannot be said again."""
        for connection in self._connections.values():
            if connection.peer.id == sender and self.hub.room_of(connection.key) == room:
                self.refuse(connection, MalformedFrame())

    # Rights

    def suspect(self, keys: Iterable[str]) -> None:
        """Have the doors asked again for these, soon (transports/enforcement.py)."""
        self.suspects.update(keys)
        self.doubt.set()

    def take_suspects(self) -> list[Claim]:
        """What those under suspicion, if signed in, lay claim to. Much news at once becomes one question."""
        suspects, self.suspects = self.suspects, set()
        self.doubt.clear()
        return [
            Claim(connection.key, connection.identity.user.pk, connection.identity.session_id, self.hub.room_of(connection.key))
            for connection in map(self._connections.get, suspects)
            if connection is not None and connection.identity is not None
        ]

    def enforce(self, verdicts: Iterable[Refusal | Granted]) -> None:
        """Out of the room, with the reason; out of the house too, where the session itself has ended."""
        for verdict in verdicts:
            connection = self._connections.get(verdict.peer_id)
            if connection is None:
                continue
            here = self.hub.room_of(connection.key) == verdict.room  # else he went on meanwhile, through another door
            if isinstance(verdict, Granted):
                if here:
                    connection.standing = verdict.standing
                    self.deliver(self.hub.set_voice(connection.key, _voice(verdict.standing)))
            elif verdict.signed_out:
                self.close(connection, verdict.reason, POLICY_VIOLATION)
            elif here:
                self.deliver(self.hub.put_out(connection.key, verdict.reason))

    async def move(self, moved: MemberMoved) -> None:
        """A moderator puts somebody into another voice channel of the server, or out of all of them."""
        for connection in list(self.connections_of(moved.user_id)):
            if self._is_moved(connection, moved):
                await self._move(connection, moved.channel_id)

    def _is_moved(self, connection: Connection, moved: MemberMoved) -> bool:
        standing, room = connection.standing, self.hub.room_of(connection.key)
        return (
            standing is not None
            and standing.server_id == moved.server_id
            and room is not None
            and room.name != str(moved.channel_id)
        )

    async def _move(self, connection: Connection, channel_id: int | None) -> None:
        if channel_id is None or connection.bound:
            self.deliver(self.hub.put_out(connection.key, Moved()))
            return
        await self.join(connection, Join(Room(str(channel_id), channel=True), channel_id), moved=True)

    # What REST asks

    async def rosters(self, room: Room | None, *, channels: bool = False) -> dict[Room, Roster]:
        """Who sits where, on all nodes: in one room, or in all open ones that have a name; `channels`: and in voice channels."""
        here = (
            [room] if room is not None else [name for name in self.hub.rooms if name.is_listed or (channels and name.channel)]
        )
        found = [(name, self.hub.roster(name, _now(), own=True)) for name in here]
        rosters: dict[Room, Roster] = {}
        for name, roster in [*found, *await self.others.survey(room, channels=channels)]:
            if roster is not None:
                rosters[name] = roster if name not in rosters else rosters[name].joined(roster)
        return rosters

    async def expect(self, room: Room, absent: Absent) -> Roster:
        """Somebody is to come; answers who is there beside. Raises IdTaken and RoomFull."""
        async with self.others.attending(room):
            roster = self.hub.roster(room, _now()) or Roster(time.time(), (), ())
            self.hub.expect(room, absent, _now(), time.time())
            self.deliver([])
        return roster

    async def see_off(self, room: Room, peer_id: str) -> bool:
        """Whoever it is, on whatever node, leaves the room; False if he is not there."""
        return self.dismiss(room, peer_id) or await self.others.dismiss(room, peer_id)

    def dismiss(self, room: Room, peer_id: str) -> bool:
        outgoing = self.hub.dismiss(room, peer_id, Dismissed())
        self.deliver(outgoing or [])
        return outgoing is not None

    # Words

    def refuse(self, connection: Connection, error: DomainError) -> None:
        metrics.REFUSALS.labels(metrics.name_of(type(connection.dialect)), type(error).__name__).inc()
        connection.say(connection.dialect.encode_error(error, connection.language))

    def close(self, connection: Connection, reason: DomainError, code: int) -> None:
        """The others hear at once; the socket may read what is left for it."""
        self.refuse(connection, reason)
        self._stood_up(connection, name_of(reason))
        connection.socket.hang_up(code)
        self.deliver(self.hub.leave(connection.key))  # for good, where a lost one would be remembered
        self.disconnect(connection.key, type(reason).__name__)

    def _stood_up(self, connection: Connection, why: str) -> None:
        if self.witness is not None:
            self.witness.stood_up(connection, why)

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


def name_of(reason: DomainError) -> str:
    """For machines: `sat-down-elsewhere`."""
    return re.sub("(?<!^)(?=[A-Z])", "-", type(reason).__name__).lower()


def language_of(scope: Mapping[str, Any]) -> str:
    """Two letters; empty if the client has no wish."""
    wish: bytes = dict(scope["headers"]).get(b"accept-language", b"")
    return wish[:2].decode("latin-1").lower()


def _voice(standing: Standing) -> Voice:
    return Voice(standing.muted, standing.deafened, standing.may_speak)


switchboard = Switchboard()
