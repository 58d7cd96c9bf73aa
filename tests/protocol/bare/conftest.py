"""Clients of bare WebSockets: each records what it hears, and waits for it a bounded time."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import pytest
import websockets
from websockets.asyncio.client import connect as websocket

from tests.conftest import Instance
from tests.protocol.conftest import PATIENCE

NONSENSE = {"type": ""}  # answered by `error` in every dialect, in order with all else


class Socket:
    """`heard` is all that came, in order."""

    def __init__(self, connection: websockets.ClientConnection, id: str) -> None:
        self.connection, self.id = connection, id
        self.heard: list[dict[str, Any]] = []
        self.closed_by: int | None = None
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with suppress(websockets.ConnectionClosed):
            async for text in self.connection:
                self.heard.append(json.loads(text))
                self._news.set()
        self.closed_by = self.connection.close_code
        self._news.set()

    async def say(self, frame: Any) -> None:
        """Text and bytes as they are, all else as JSON."""
        await self.connection.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.heard if frame["type"] == kind]

    async def _until(self, done: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not done():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"in vain: {str(self.heard)[:2000]}") from None

    async def until(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The `count`th frame of that type."""
        await self._until(lambda: len(self.all(kind)) >= count)
        return self.all(kind)[count - 1]

    async def settled(self, *before: "Socket") -> list[dict[str, Any]]:
        """All heard so far, surely with everything that `before` and oneself have caused."""
        for socket in (*before, self):
            errors = len(socket.all("error"))
            await socket.say(NONSENSE)
            await socket.until("error", errors + 1)
            socket.heard.remove(socket.all("error")[-1])
        return self.heard

    async def end(self) -> int | None:
        """Waits for it; its code."""
        await self._until(lambda: self.closed_by is not None)
        return self.closed_by

    def die(self) -> None:
        """Without a word."""
        self.connection.transport.abort()

    async def leave(self) -> None:
        await self.connection.close()
        await self._reading


Open = Callable[..., Awaitable[Socket]]


@pytest.fixture
async def open_socket(instance: Instance) -> AsyncIterator[Open]:
    """`await open_socket(path, id="…", …)`: a connected client; all are closed in the end."""
    sockets: list[Socket] = []

    async def opened(path: str, *, known_as: str = "", **query: str) -> Socket:
        url = f"ws://127.0.0.1:{instance.port}{quote(path)}?{urlencode(query)}"
        connection = await websocket(url, compression=None, max_size=None, additional_headers={"Accept-Language": "en"})
        sockets.append(Socket(connection, known_as))
        return sockets[-1]

    yield opened
    await asyncio.gather(*(socket.leave() for socket in sockets), return_exceptions=True)


class Form(NamedTuple):
    """One of the two forms of Zvonim's frames."""

    is_flat: bool

    async def open(self, open_socket: Open, room: str, user_id: str, **query: str) -> Socket:
        if self.is_flat:
            return await open_socket("/ws", known_as=user_id, room_id=room, user_id=user_id, **query)
        return await open_socket(f"/api/room/{room}/ws", known_as=user_id, user_id=user_id, **query)

    async def come(self, open_socket: Open, room: str, user_id: str, **query: str) -> Socket:
        """Seated, and nothing is on its way."""
        socket = await self.open(open_socket, room, user_id, **query)
        await socket.settled()
        return socket

    def kind(self, name: str) -> str:
        return name if self.is_flat else name.replace("-", "_")

    def frame(self, name: str, head: dict[str, Any] | None = None, **content: Any) -> dict[str, Any]:
        """`head`: from and to."""
        return {"type": self.kind(name), **(head or {}), **(content if self.is_flat else {"data": content})}

    def content(self, frame: dict[str, Any]) -> dict[str, Any]:
        return (
            {name: value for name, value in frame.items() if name not in {"type", "from", "to"}}
            if self.is_flat
            else frame["data"]
        )

    async def hears_of(self, socket: Socket, name: str, count: int = 1) -> dict[str, Any]:
        """The `count`th news of others."""
        await socket.until(self.kind(name), count + (name == "user-joined" and not self.is_flat))
        return self.presence(socket, name)[count - 1]

    def presence(self, socket: Socket, name: str) -> list[dict[str, Any]]:
        """What it heard of others."""
        said = [self.content(frame) for frame in socket.all(self.kind(name))]
        return [content for content in said if content["user_id"] != socket.id]


FLAT, ENVELOPE = Form(is_flat=True), Form(is_flat=False)
FORMS = pytest.mark.parametrize("form", [pytest.param(FLAT, id="flat"), pytest.param(ENVELOPE, id="envelope")])


@pytest.fixture
def room() -> str:
    return f"room {secrets.token_hex(4)}"


def enter(instance: Instance, room: str, name: str, token: str | None = None) -> str:
    """By REST; the user id."""
    answer = instance.api("POST", "/room/join", token, room_id=room, user_name=name)
    assert answer.status_code == 200, answer.text
    return answer.json()["user_id"]


def online(instance: Instance, room: str, token: str | None = None) -> dict[str, bool]:
    """By REST: names, and whether they are online."""
    answer = instance.api("GET", f"/room/{room}/info", token)
    return {user["user_name"]: user["is_online"] for user in answer.json()["users"]} if answer.status_code == 200 else {}
