"""Clients of the small dialects. Like those of ProjectVoice, each records what it hears and waits for it a bounded time."""

import asyncio
import json
import secrets
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed

from tests.conftest import Instance
from tests.protocol.conftest import PATIENCE, Address, Client

ROOMS = Address("/socket.io", "/")
NO_ROOM = ("error", {"message": "Room ID is required"})


def new_room() -> str:
    return f"room-{secrets.token_hex(6)}"


class RoomClient(Client):
    """Room signaling: seed 000."""

    def __init__(self, instance: Instance, user: dict | None = None, transport: str = "websocket") -> None:
        super().__init__(instance, user, ROOMS, [transport])

    async def join(self, room: Any, name: Any = None, **more: Any) -> list[dict]:
        """The others who are there."""
        before = len(self.all("room_users"))
        await self.say("join", {"room": room, "name": name, **more})
        return (await self.until("room_users", before + 1))["users"]

    async def _echo(self) -> None:
        before = self.heard.count(NO_ROOM)
        await self.say("join", {})
        async with asyncio.timeout(PATIENCE):
            while self.heard.count(NO_ROOM) == before:
                self._news.clear()
                await self._news.wait()
        self.heard.remove(NO_ROOM)


class JsonClient:
    """A bare WebSocket. `heard` is all that came, in order."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, instance: Instance, language: str = "en", **query: str) -> "JsonClient":
        url = f"ws://127.0.0.1:{instance.port}/ws?{urlencode(query)}"
        return cls(await open_websocket(url, additional_headers={"Accept-Language": language}, max_size=None))

    async def _read(self) -> None:
        try:
            async for frame in self.socket:
                assert isinstance(frame, str)
                self.heard.append(json.loads(frame))
                self._news.set()
        except ConnectionClosed:
            pass

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    def all(self, type: str) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["type"] == type]

    async def until(self, type: str, count: int = 1) -> dict[str, Any]:
        """The `count`th message of that type."""
        try:
            async with asyncio.timeout(PATIENCE):
                while len(found := self.all(type)) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {type} number {count}, but {str(self.heard)[:2000]}") from None
        return found[count - 1]

    async def settled(self, *before: "JsonClient | Client") -> list[dict[str, Any]]:
        """All heard so far, surely with everything that `before` and oneself have caused."""
        for client in (*before, self):
            await client._echo()
        return self.heard

    async def _echo(self) -> None:
        before = len(self.all("error"))
        await self.socket.send("{}")
        self.heard.remove(await self.until("error", before + 1))

    async def closed(self) -> int | None:
        """Waits for the end; its code."""
        async with asyncio.timeout(PATIENCE):
            await self.socket.wait_closed()
            await self._reading
        return self.socket.close_code

    async def leave(self) -> None:
        await self.socket.close()
        await self._reading
