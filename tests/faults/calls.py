"""People in one call, by three dialects. Each keeps the roster as he was told it, and comes back when he is put out."""

import asyncio
import itertools
import json
from typing import Any

from websockets.asyncio.client import connect as websocket
from websockets.exceptions import WebSocketException

from tests.faults.load import PAUSE, Line, Load
from tests.protocol.addresses import SAMPLE
from tests.protocol.dialects import ROOMS

STAY = 40  # acts, on the average, until somebody leaves and comes again


class Caller:
    """`id`: his socket's, while he is seated, by which `part`. `seats`: who is there, himself included."""

    address = SAMPLE

    def __init__(self, load: Load, user: dict, channel: int) -> None:
        self.load, self.user, self.channel = load, user, channel
        self.id: str | None = None
        self.part = ""
        self.seats: set[str] = set()
        self.heard: set[tuple[str, int]] = set()
        """Who said what number to him."""

    async def run(self) -> None:
        while True:
            line = Line(self.load.site, self.user, self._hear, self.address)
            async with line.held(self.load) as connected:
                if connected:
                    self.part = f"web {line.worker}"
                    await self._join(line)
                    talking = asyncio.create_task(self._talk(line))
                    await line.lost()
                    talking.cancel()
                self.id = None

    async def _talk(self, line: Line) -> None:
        for number in itertools.count():
            await asyncio.sleep(PAUSE * self.load.random.uniform(1, 3))
            if self.id is None:
                continue
            others = sorted(self.seats - {self.id})
            if others:
                await self._signal(line, self.load.random.choice(others), number)
            if self.load.restless and self.load.random.randrange(STAY) == 0:
                line.give_up()

    async def _join(self, line: Line) -> None:
        await line.say("join-room", self.channel)

    async def _signal(self, line: Line, to: str, number: int) -> None:
        await line.say("signal", {"to": to, "type": "tick", "number": number})

    def _hear(self, line: Line, name: str, data: Any) -> None:
        match name:
            case "created":
                self.seats, self.id = {one["socketId"] for one in data["participants"]}, line.id
            case "user-connected":
                self.seats.add(data["socketId"])
            case "user-disconnected" if data == self.id:
                line.give_up()
            case "user-disconnected":
                self.seats.discard(data)
            case "signal":
                self.heard.add((data["from"], data["number"]))
            case "error":  # the database is away: nobody is let in
                line.give_up()


class RoomCaller(Caller):
    """By room signaling (seed 000)."""

    address = ROOMS

    async def _join(self, line: Line) -> None:
        await line.say("join", {"room": str(self.channel), "token": self.user["token"]})

    async def _signal(self, line: Line, to: str, number: int) -> None:
        await line.say("candidate", {"target": to, "candidate": None})

    def _hear(self, line: Line, name: str, data: Any) -> None:
        match name:
            case "room_users":
                self.seats, self.id = {one["id"] for one in data["users"]} | {line.id}, line.id
            case "user_joined":
                self.seats.add(data["user"]["id"])
            case "user_left":
                self.seats.discard(data["user"]["id"])
            case "error":
                line.give_up()


class GameCaller(Caller):
    """By game signaling (seed 004): a bare WebSocket, under an id that stays his own; nobody tells him who is there already."""

    async def run(self) -> None:
        name = f"game-{self.user['user']['id']}"
        url = f"ws://127.0.0.1:{self.load.site.port}/ws?id={name}&room={self.channel}&token={self.user['token']}"
        while True:
            try:
                async with websocket(url, open_timeout=None) as socket:
                    await socket.send("{}")  # refused, but answered: he is seated
                    async for frame in socket:
                        if json.loads(frame)["type"] == "error":
                            self.id = name
            except (OSError, WebSocketException):
                pass
            finally:
                self.id = None
            await self.load.breathe()
