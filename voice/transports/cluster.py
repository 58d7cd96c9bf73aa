"""Joins the hubs of several processes and machines to one, over Valkey.

Each process is a node with an inbox. A node hears of a room while it has peers there: it listens on the room's channel, and
whoever comes says hello over it and is answered by all who are there. From then on they tell each other every change, inbox
to inbox, in the order of what happened, and a signal costs one publish to one node. Nothing is kept in Valkey: while it is
away, calls within a node go on; when it is back, all say hello again. A node that is silent for a while is gone, and its
peers with it.
"""

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Container, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import orjson

from voice.core.hub import Change, Hub, Roster
from voice.core.letters import (
    OUTGOING,
    Letter,
    read_change,
    read_outgoing,
    read_roster,
    write_change,
    write_outgoing,
    write_roster,
)
from voice.core.words import Forward, Outgoing, Room
from voice.transports.bus import Bus
from voice.transports.lookout import Lookout

logger = logging.getLogger(__name__)

HEARTBEAT: Final = 2.0  # seconds between two
LEASE: Final = 6.0  # seconds of silence after which a node counts as dead
PATIENCE: Final = 1.0  # seconds that we wait for the answers of others
SURVEYED: Final = 1000  # rooms of which a node tells at most
NODES: Final = "nodes"

Deliver = Callable[[Iterable[Outgoing]], None]
Survey = list[tuple[Room, Roster]]


@dataclass(eq=False, slots=True)
class _Attendance:
    """What we know of who else has peers in a room."""

    nodes: set[str] = field(default_factory=set)
    joining: int = 0  # of our own, not seated yet
    greeted: asyncio.Task[None] | None = None


@dataclass(eq=False, slots=True)
class _Question:
    """`expected` is None until it is known how many were asked."""

    answers: dict[str, Any] = field(default_factory=dict)
    expected: int | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def look(self) -> None:
        if self.expected is not None and len(self.answers) >= self.expected:
            self.answered.set()


class Cluster:
    def __init__(self, url: str, hub: Hub, deliver: Deliver, dismiss: Callable[[Room, str], bool]) -> None:
        """`deliver` what the hub says to peers of this node; `dismiss` one of them, if he is here."""
        self.node = secrets.token_urlsafe(9)
        self._hub, self._deliver, self._dismiss = hub, deliver, dismiss
        self._bus = Bus(url, self._hear, self._up, self._down)
        self._rooms: dict[Room, _Attendance] = {}
        self._heard: dict[str, float] = {}  # nodes alive, and when we heard of them last
        self._dead: deque[str] = deque(maxlen=100)  # nodes given up last, in case they come back
        self._questions: dict[str, _Question] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.lookout = Lookout(self.node, hub, self._roster, self._bus.publish)
        self.loop: asyncio.AbstractEventLoop | None = None
        """Where the calls of this process run; None before the start."""

    async def start(self) -> None:
        """In the running event loop. Waits a moment for Valkey, and goes on without it."""
        if self._tasks:
            return
        self.loop = asyncio.get_running_loop()
        self._tasks = [asyncio.create_task(self._bus.run()), asyncio.create_task(self._live())]
        up = await self._subscribe(NODES) and await self._subscribe(self.node)
        if not up:
            logger.warning("Valkey does not answer: this process is on its own for now")

    async def _subscribe(self, channel: str) -> bool:
        """Remembered by the bus even while it is down."""
        deadline = _now() + PATIENCE
        while not await self._bus.subscribe(channel):
            if _now() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    @property
    def bus(self) -> Bus:
        return self._bus

    @property
    def heard_of(self) -> int:
        """Other nodes that are alive."""
        return len(self._heard)

    def leads(self, room: Room) -> bool:
        """Of the nodes with peers there one does: it is counted there."""
        attendance = self._rooms.get(room)
        return attendance is None or all(self.node < other for other in attendance.nodes)

    def stop(self) -> None:
        self._bus.publish(NODES, _line("bye", self.node))

    # Rooms

    @asynccontextmanager
    async def attending(self, room: Room) -> AsyncIterator[None]:
        """Within, the hub knows the whole roster of the room."""
        if not self._tasks:
            yield
            return
        attendance = self._rooms.get(room)
        if attendance is None:
            attendance = self._rooms[room] = _Attendance()
            attendance.greeted = asyncio.create_task(self._greet(room, attendance))
        attendance.joining += 1
        try:
            if attendance.greeted is not None:
                await asyncio.shield(attendance.greeted)
            yield
        finally:
            attendance.joining -= 1
            self._leave_if_unused(room)

    def tell(self) -> None:
        """Of the hub's changes."""
        changes, self._hub.changes = self._hub.changes, []
        for change in changes:
            self.lookout.tell(change)
            attendance = self._rooms.get(change.room)
            if attendance is None:
                continue
            if attendance.nodes:
                line = _line("change", self.node, *write_change(change))
                for node in attendance.nodes:
                    self._bus.publish(node, line)
            if change.now is None:
                self._leave_if_unused(change.room)

    def pass_on(self, outgoing: Outgoing) -> None:
        """To whom it is for, if he is elsewhere. What is said while Valkey is away is lost."""
        node = self._hub.node_of(outgoing.to)
        if node is not None:
            self._bus.publish(node, orjson.dumps(write_outgoing(outgoing)))

    def watch_seats(self, on_seats: Callable[[Iterable[Room]], object]) -> None:
        """From now on `lookout.board` holds the voice channels of all nodes; `on_seats` hears which changed."""
        self.lookout.watch(on_seats, NODES)

    # Questions

    async def survey(self, room: Room | None, *, channels: bool = False) -> Survey:
        """Who sits where on the other nodes: in one room, or in all open ones; `channels`: and in voice channels."""
        wider = [True] if channels else []
        answers = await self._ask(NODES, lambda number: _line("ask", self.node, number, room and [*room], *wider))
        return [(Room(*name), read_roster(roster)) for answer in answers for name, roster in answer]

    async def dismiss(self, room: Room, peer_id: str) -> bool:
        """Have a peer of another node leave a room; False if nobody has it."""
        return any(await self._ask(NODES, lambda number: _line("dismiss", self.node, number, *room, peer_id)))

    async def _ask(self, channel: str, question: Callable[[str], bytes]) -> list[Any]:
        """What all say who listen on the channel, but for those who are too slow; nothing before the start."""
        number, asked = secrets.token_urlsafe(6), _Question()
        self._questions[number] = asked
        try:
            async with asyncio.timeout(PATIENCE):
                asked.expected = max(0, await self._bus.reach(channel, question(number)) - 1)  # we listen ourselves
                asked.look()
                await asked.answered.wait()
        except TimeoutError:
            logger.warning("%s nodes of %s did not all answer", asked.expected, channel)
        finally:
            del self._questions[number]
        return list(asked.answers.values())

    async def _greet(self, room: Room, attendance: _Attendance) -> None:
        """Come to a room; back when all who were there have told of their peers, or were too slow."""
        try:
            async with asyncio.timeout(2 * PATIENCE):
                if await self._bus.subscribe(_channel(room)):
                    await self._ask(_channel(room), lambda number: self._hello(room, number))
        except TimeoutError:
            logger.warning("Valkey is slow: a room is begun without the other nodes")
        finally:
            attendance.greeted = None

    def _hello(self, room: Room, number: str) -> bytes:
        return _line("hello", self.node, number, *room, write_roster(self._roster(room)))

    def _roster(self, room: Room) -> Roster:
        return self._hub.roster(room, _now(), own=True) or Roster(time.time(), (), ())

    def _leave_if_unused(self, room: Room) -> None:
        attendance = self._rooms.get(room)
        if attendance is None or attendance.joining or self._hub.is_used(room):
            return
        del self._rooms[room]
        self._hub.forget(room)
        self._bus.unsubscribe(_channel(room))
        for node in attendance.nodes:
            self._bus.publish(node, _line("gone", self.node, *room))

    # What comes

    def _hear(self, channel: str, line: bytes) -> None:
        letter: Letter = orjson.loads(line)
        kind = letter[0]
        if kind in OUTGOING:  # nearly every one
            to, event = read_outgoing(letter)
            if isinstance(event, Forward):
                self._deliver(self._hub.take(to, event, _now()))
            else:
                self._deliver(self._hub.arrive(to, event, _now()))
            return
        node, rest = letter[1], letter[2:]
        if node == self.node:
            return
        if kind == "bye":
            self._lose(node)
            return
        self._see(node)
        match kind, rest:
            case "change", _:
                self._learn(node, read_change(rest))
            case "hello", [number, name, is_channel, roster]:
                self._welcome(node, number, Room(name, is_channel), roster)
            case "roster", [number, name, is_channel, roster]:
                self._learn_all(node, Room(name, is_channel), roster)
                self._answered(node, number, None)
            case "gone", [name, is_channel]:
                self._part(node, Room(name, is_channel))
            case "back", []:
                self._doubt({node})
            case "still", [rooms]:
                self._deny(node, [Room(*room) for room in rooms])
            case (("watching" | "alive" | "seat" | "seats"), _):
                self.lookout.hear(node, kind, rest)
            case "ask", [number, room, *wider]:
                self._answer(node, number, room and Room(*room), channels=bool(wider))
            case "dismiss", [number, name, is_channel, peer_id]:
                done = self._dismiss(Room(name, is_channel), peer_id)
                self._bus.publish(node, _line("answer", self.node, number, done))
            case "answer", [number, answer]:
                self._answered(node, number, answer)

    def _learn(self, node: str, change: Change) -> None:
        attendance = self._rooms.get(change.room)
        if attendance is not None:
            attendance.nodes.add(node)
            self._deliver(self._hub.learn(node, change, _now(), time.time()))

    def _learn_all(self, node: str, room: Room, roster: Letter) -> None:
        attendance = self._rooms.get(room)
        if attendance is not None:
            attendance.nodes.add(node)
            self._deliver(self._hub.learn_all(node, room, read_roster(roster), _now(), time.time()))

    def _welcome(self, node: str, number: str, room: Room, roster: Letter) -> None:
        self._learn_all(node, room, roster)
        if room in self._rooms:
            self._bus.publish(node, _line("roster", self.node, number, *room, write_roster(self._roster(room))))
        else:  # we have just left, and hear it still
            self._bus.publish(node, _line("answer", self.node, number, None))

    def _part(self, node: str, room: Room) -> None:
        attendance = self._rooms.get(room)
        if attendance is not None:
            attendance.nodes.discard(node)
            self._deliver(self._hub.learn_all(node, room, Roster(time.time(), (), ()), _now(), time.time()))

    def _answer(self, node: str, number: str, room: Room | None, *, channels: bool) -> None:
        many = (one for one in self._hub.rooms if one.is_listed or (channels and one.channel))
        rooms = [room] if room is not None else [*islice(many, SURVEYED)]
        rosters = [([*room], write_roster(roster)) for room in rooms if (roster := self._hub.roster(room, _now(), own=True))]
        self._bus.publish(node, _line("answer", self.node, number, rosters))

    def _answered(self, node: str, number: str, answer: Any) -> None:
        question = self._questions.get(number)
        if question is not None:
            question.answers[node] = answer
            question.look()

    # Life and death

    def _up(self) -> None:
        """Valkey is there again: nobody could be heard meanwhile, and much may have changed."""
        self._heard = dict.fromkeys(self._heard, _now())
        self._bus.publish(NODES, _line("back", self.node))
        self._doubt(self._heard)
        self._greet_all()

    def _down(self) -> None:
        logger.warning("Valkey is away: what this process says to others is lost, until it is back")

    def _greet_all(self) -> None:
        self._bus.publish(NODES, self._alive())
        self.lookout.ask(NODES)
        self.lookout.tell_all()
        for room in self._rooms:
            self._bus.publish(_channel(room), self._hello(room, ""))

    def _doubt(self, nodes: Container[str]) -> None:
        """Of them or of us something was lost: who has left a room meanwhile hears no hello there, and must be asked."""
        believed: dict[str, list[list[Any]]] = {}
        for room, attendance in self._rooms.items():
            for node in attendance.nodes:
                if node in nodes:
                    believed.setdefault(node, []).append([*room])
        for node, rooms in believed.items():
            for start in range(0, len(rooms), SURVEYED):
                self._bus.publish(node, _line("still", self.node, rooms[start : start + SURVEYED]))

    def _deny(self, node: str, rooms: Iterable[Room]) -> None:
        for room in rooms:
            if room not in self._rooms:
                self._bus.publish(node, _line("gone", self.node, *room))

    def _alive(self) -> bytes:
        return _line("alive", self.node, self.lookout.is_watching)

    def _see(self, node: str) -> None:
        if node not in self._heard:
            self.lookout.ask(node)
        self._heard[node] = _now()
        if node in self._dead:  # it slept, and we have forgotten its peers; it may have forgotten ours
            self._dead.remove(node)
            logger.warning("Node %s is back", node)
            self._greet_all()

    def _lose(self, node: str) -> None:
        self._heard.pop(node, None)
        self.lookout.lose(node)
        for attendance in self._rooms.values():
            attendance.nodes.discard(node)
        self._deliver(self._hub.lose_node(node))

    async def _live(self) -> None:
        while True:
            self._bus.publish(NODES, self._alive())
            slept_from = _now()
            await asyncio.sleep(HEARTBEAT)
            if _now() - slept_from > HEARTBEAT + 1:  # we were not awake ourselves to hear the others
                self._heard = dict.fromkeys(self._heard, _now())
            if self._bus.is_up:
                for node in [node for node, heard in self._heard.items() if _now() - heard > LEASE]:
                    logger.warning("Node %s is silent: it counts as gone", node)
                    self._dead.append(node)
                    self._lose(node)


def _channel(room: Room) -> str:
    return f"room.{'channel' if room.channel else 'open'}.{room.name}"


def _line(*letter: Any) -> bytes:
    return orjson.dumps(letter)


_now = time.monotonic  # the clock of event loops
