"""Hundreds of sockets on two workers: whoever comes and goes, everybody knows exactly who is there, and heard of each once."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.conftest import Instance
from tests.protocol.conftest import PATIENCE, TWO_WORKERS
from tests.protocol.raw import frame, open_websocket

pytestmark = TWO_WORKERS

ROOMS, ROOM_SIZE = 50, 10
DROPPED_ROOMS, WITNESSES = 20, 2
ROOMS_OF_ONE = 10  # that a user may be in
AT_ONCE = 50  # that connect


class Person:
    """A socket in a room. `comings` and `goings` are the ids that it heard of, in order; `roster` is what it was told first."""

    def __init__(self, instance: Instance, token: str, room: str) -> None:
        self._instance, self._token, self.room = instance, token, room
        self.comings: list[str] = []
        self.goings: list[str] = []
        self.others: list[Any] = []
        self._news = asyncio.Condition()

    async def come(self) -> None:
        self._socket = await open_websocket(self._instance, self._token)
        self._reading = asyncio.create_task(self._read())
        await self.join()

    async def join(self) -> None:
        self.roster: list[str] = []
        await self._socket.send(frame("join-room", self.room))
        await self.until(lambda: self.roster)
        self.id = self.roster[-1]

    @property
    def known(self) -> Counter[str]:
        """How often: nobody more than once, nobody who is gone, and nobody can go who was not known."""
        known = Counter(self.roster + self.comings)
        known.subtract(self.goings)
        return known

    async def _read(self) -> None:
        try:
            async for said in self._socket:
                if not str(said).startswith("42/socket,"):
                    continue
                name, data = json.loads(str(said).partition(",")[2])
                match name:
                    case "created":
                        self.roster = [seat["socketId"] for seat in data["participants"]]
                    case "user-connected":
                        self.comings.append(data["socketId"])
                    case "user-disconnected":
                        self.goings.append(data)
                    case _:
                        self.others.append((name, data))
                async with self._news:
                    self._news.notify_all()
        except ConnectionClosed:
            pass

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(true)

    async def leave_room(self) -> None:
        await self._socket.send(frame("leave-room"))

    def drop(self) -> None:
        self._socket.transport.abort()

    async def close(self) -> None:
        await self._socket.close()
        await self._reading


@pytest.fixture
async def crowd(instance: Instance) -> AsyncIterator[list[Person]]:
    people: list[Person] = []
    yield people
    await asyncio.gather(*(person.close() for person in people))


def room_names(instance: Instance, count: int) -> list[tuple[str, str]]:
    """Open rooms that nobody else knows, with the token of somebody who may be in them."""
    run = secrets.token_hex(4)
    tokens = [instance.sign_up()["token"] for _ in range(-(-count // ROOMS_OF_ONE))]
    return [(tokens[number // ROOMS_OF_ONE], f"{run}-{number}") for number in range(count)]


async def all_come(people: Sequence[Person]) -> None:
    """In whatever order: those of one room are not next to each other."""
    some = asyncio.Semaphore(AT_ONCE)

    async def one(person: Person) -> None:
        async with some:
            await person.come()

    await asyncio.gather(*map(one, people))


def by_room(people: Sequence[Person]) -> dict[str, list[Person]]:
    rooms: dict[str, list[Person]] = {}
    for person in people:
        rooms.setdefault(person.room, []).append(person)
    return rooms


def ids_by_room(people: Sequence[Person]) -> dict[str, list[str]]:
    return {room: [person.id for person in those] for room, those in by_room(people).items()}


def knows(person: Person, ids: Counter[str]) -> bool:
    return +person.known == ids


async def agree(people: Sequence[Person]) -> None:
    """Everybody knows those of his room, each once: from his list, or from having heard of him, and nobody who is gone."""
    for room in by_room(people).values():
        ids = Counter(person.id for person in room)
        for person in room:
            await person.until(partial(knows, person, ids))
            assert set(person.known.values()) <= {0, 1}


async def told_once(people: Sequence[Person], gone: dict[str, list[str]]) -> None:
    for person in people:
        await person.until(lambda person=person: len(person.goings) >= len(gone[person.room]))
        assert sorted(person.goings) == sorted(gone[person.room])


async def test_five_hundred_come_half_leave_all_leave(instance: Instance, crowd: list[Person]):
    rooms = room_names(instance, ROOMS)
    crowd += [Person(instance, token, room) for _ in range(ROOM_SIZE) for token, room in rooms]
    await all_come(crowd)
    await agree(crowd)

    leavers, stayers = crowd[: len(crowd) // 2], crowd[len(crowd) // 2 :]
    await asyncio.gather(*(person.leave_room() for person in leavers))
    await told_once(stayers, ids_by_room(leavers))
    await agree(stayers)

    newcomers = [Person(instance, token, room) for token, room in rooms]
    crowd += newcomers
    await all_come(newcomers)
    await agree(stayers + newcomers)
    await asyncio.gather(*(person.close() for person in stayers))
    await told_once(newcomers, ids_by_room(stayers))
    await agree(newcomers)
    assert all(person.others == [] for person in crowd)


async def test_two_hundred_drop_and_come_back(instance: Instance, crowd: list[Person]):
    rooms = room_names(instance, DROPPED_ROOMS)
    witnesses = [Person(instance, token, room) for _ in range(WITNESSES) for token, room in rooms]
    dropped = [Person(instance, token, room) for _ in range(ROOM_SIZE) for token, room in rooms]
    crowd += witnesses + dropped
    await all_come(crowd)
    await agree(crowd)

    for person in dropped:
        person.drop()
    back = [Person(instance, token, room) for _ in range(ROOM_SIZE) for token, room in rooms]
    crowd += back
    await all_come(back)
    await told_once(witnesses, ids_by_room(dropped))
    await agree(witnesses + back)
    assert all(person.others == [] for person in crowd)
