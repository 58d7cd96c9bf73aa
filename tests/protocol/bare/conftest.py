"""Clients of bare WebSockets: each records what it hears, and waits for it a bounded time."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websocket

from tests.conftest import Instance
from tests.protocol.dialects import JsonClient


class Socket(JsonClient):
    """One that says anything, and may die."""

    def __init__(self, connection: ClientConnection, id: str) -> None:
        super().__init__(connection)
        self.id = id

    async def say(self, frame: Any) -> None:  # type: ignore[override]  # whole frames, also such as are none
        """Text and bytes as they are, all else as JSON."""
        await self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    def die(self) -> None:
        """Without a word."""
        self.socket.transport.abort()


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
