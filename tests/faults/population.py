"""Many clients of the web page's kind, cheap enough for thousands in one process: each has a socket, sits in a room, and knows who
sits there beside it.
"""

import asyncio
import json
import os
import struct
from base64 import b64encode
from random import Random
from typing import Any, Final

from tests.conftest import PATIENCE

AGAIN: Final = 0.2  # seconds until one who was not let in knocks again
_LONG: Final = struct.Struct("!H")


class Person(asyncio.Protocol):
    """Comes back whenever its socket is gone, after a moment by chance; `within` are the socket ids of its room, as it was told."""

    def __init__(self, port: int, token: str, room: int, chance: Random) -> None:
        self.id = ""
        self.within: set[str] = set()
        self.arrivals = 0
        self._port, self._token, self._room, self._chance = port, token, room, chance
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._greeted = self._leaving = False
        self._calling: asyncio.Task[None] | None = None

    def come(self) -> None:
        self._calling = asyncio.ensure_future(self._come())

    def lose(self) -> None:
        """The line breaks, as seen from here."""
        if self._transport is not None:
            self._transport.abort()

    def leave(self) -> None:
        self._leaving = True
        if self._calling is not None:
            self._calling.cancel()
        self.lose()

    async def _come(self) -> None:
        self.id, self.within, self._received, self._greeted = "", set(), b"", False
        while True:
            try:
                await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)
                return
            except OSError:
                await asyncio.sleep(AGAIN)

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = b64encode(os.urandom(16)).decode()
        lines = [
            "GET /socket/?EIO=4&transport=websocket HTTP/1.1",
            "Host: localhost",
            "Upgrade: websocket",
            "Connection: Upgrade",
        ]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "Accept-Language: en", "", ""]
        transport.write("\r\n".join(lines).encode())

    def connection_lost(self, error: Exception | None) -> None:
        self._transport, self.id = None, ""
        if not self._leaving:
            asyncio.get_running_loop().call_later(AGAIN * self._chance.random(), self.come)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._greeted:
            head, end, rest = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.lose()
                return
            self._greeted, self._received = True, rest
        while (frame := self._frame()) is not None:
            self._hear(*frame)

    def _frame(self) -> tuple[int, bytes] | None:
        data = self._received
        if len(data) < 2:
            return None
        size, begins = data[1], 2
        if size == 126:
            if len(data) < 4:
                return None
            size, begins = _LONG.unpack_from(data, 2)[0], 4
        assert size < 126 or begins == 4, "a frame longer than rooms of this test make any"
        if len(data) < begins + size:
            return None
        self._received = data[begins + size :]
        return data[0] & 15, data[begins : begins + size]

    def _hear(self, opcode: int, text: bytes) -> None:
        if opcode == 8:
            self.lose()
        elif text[:1] == b"0":
            self._say(b"40")
        elif text[:1] == b"2":
            self._say(b"3")
        elif text[:2] == b"40":
            self.id = json.loads(text[2:])["sid"]
            self._say(b"42" + json.dumps(["join-room", self._room, self._token]).encode())
        elif text[:2] == b"42":
            self._learn(*json.loads(text[2:]))

    def _learn(self, name: str, told: Any) -> None:
        match name:
            case "created":
                self.within = {seat["socketId"] for seat in told["participants"]}
                self.arrivals += 1
            case "user-connected":
                self.within.add(told["socketId"])
            case "user-disconnected":
                self.within.discard(told)
            case "error":
                asyncio.get_running_loop().call_later(AGAIN, self.lose)  # and come again

    def _say(self, text: bytes) -> None:
        """Masked with zeros, which changes nothing."""
        size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + _LONG.pack(len(text))
        if self._transport is not None:
            self._transport.write(b"\x81" + size + bytes(4) + text)


class Population:
    """`seats`: (token, room) of each."""

    def __init__(self, port: int, seats: list[tuple[str, int]], seed: int) -> None:
        chance = Random(seed)
        self.rooms: dict[int, list[Person]] = {}
        for token, room in seats:
            self.rooms.setdefault(room, []).append(Person(port, token, room, chance))
        self.people = [person for room in self.rooms.values() for person in room]

    async def come(self) -> float:
        """All are there and know each other; how many seconds it took."""
        for person in self.people:
            person.come()
        return await self.until_whole()

    async def until_whole(self, arrivals: int = 1) -> float:
        """`arrivals`: how often each has come at least."""
        clock = asyncio.get_running_loop().time
        begun = clock()
        missing = list(self.people)
        async with asyncio.timeout(PATIENCE):
            while missing := [one for one in missing if one.arrivals < arrivals or not self.knows_all(one)]:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            took = clock() - begun
            while not all(self.knows_all(person) for person in self.people):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return took

    def knows_all(self, person: Person) -> bool:
        return bool(person.id) and person.within == {other.id for other in self.rooms[person._room]}

    def lose(self) -> None:
        for person in self.people:
            person.lose()

    async def leave(self) -> None:
        for person in self.people:
            person.leave()
        await asyncio.sleep(0)
