"""Nothing of a connection or a request that has ended waits until a collector finds it: it is gone with its last reference."""

import asyncio
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
import requests
from socketio.exceptions import ConnectionError as Refused
from websockets.asyncio.client import connect as open_websocket

from launch.run import LONGEST_FRAME, WEBSOCKETS
from tests.conftest import PATIENCE, ROOT, Instance
from tests.protocol.conftest import REAL, SAMPLE, Address, Cast, Connect
from tests.protocol.dialects import JsonClient, RoomClient, new_room
from tests.protocol.live.conftest import subscribed

MANY = 50
NOWHERE = 2**31 - 1


class Counting(Instance):
    """Serves tests/protocol/remains.py, with uvicorn's class for WebSockets or ours."""

    def __init__(self, env: dict[str, str], websockets: str) -> None:
        super().__init__(env, "uvicorn")
        self._websockets = websockets

    def _begin(self, number: int) -> "subprocess.Popen[bytes]":
        command = ["uvicorn", "tests.protocol.remains:application", "--port", str(self.port), "--log-level", "warning"]
        protocols = ["--http", "voice.transports.upgrading:UpgradingHttp", "--ws", self._websockets]
        limits = ["--no-access-log", "--ws-max-size", str(LONGEST_FRAME), "--timeout-graceful-shutdown", "2"]
        return subprocess.Popen([sys.executable, "-m", *command, *protocols, *limits], cwd=ROOT, env=self.env)

    def remains(self) -> Counter[str]:
        return Counter(requests.get(f"{self.url}/remains", timeout=PATIENCE).json())


@pytest.fixture(scope="session", params=[WEBSOCKETS, "websockets-sansio"], ids=["run", "uvicorn"])
def websockets(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def instance(instance: Instance, websockets: str) -> Iterator[Counting]:
    counting = Counting(instance.env, websockets)
    try:
        counting.start()
        yield counting
    finally:
        counting.stop()


class Place(NamedTuple):
    instance: Counting
    connect: Connect
    user: dict
    channel: int
    texts: int
    """A channel for messages."""
    room: str
    """One for a whole test: it is kept for a while for those who may come back."""


@pytest.fixture
def place(instance: Counting, connect: Connect, cast: Cast, channel: int) -> Place:
    texts = instance.api("POST", f"/servers/{cast.server}/channels", cast.owner["token"], name="chat", type="text").json()["id"]
    return Place(instance, connect, cast.ann, channel, texts, new_room())


Life = Callable[[Place], Awaitable[object]]


def in_a_channel(address: Address, *transports: str) -> Life:
    async def live(place: Place) -> None:
        client = await place.connect(place.user, address, transports=transports)
        await client.join(place.channel)
        await client.leave()

    return live


async def subscribing(place: Place) -> None:
    client = await place.connect(place.user, REAL)
    await subscribed(client)
    await client.leave()


async def refused_at_the_door(place: Place) -> None:
    with pytest.raises(Refused):
        await place.connect(token="nonsense")


def refused(*words: Any) -> Life:
    async def live(place: Place) -> None:
        client = await place.connect(place.user, REAL)
        await client.say(*words)
        await client.until("error")
        await client.leave()

    return live


async def in_a_room(place: Place) -> None:
    client = RoomClient(place.instance)
    await client.connect()
    await client.join(place.room, "Ann")
    await client.leave()


def bare(path: str, leave: Callable[[JsonClient], Awaitable[object]], **query: str) -> Life:
    async def live(place: Place) -> None:
        known = {"room": place.room, "id": secrets.token_hex(4)}
        asked = urlencode({name: value.format(**known) for name, value in query.items()})
        url = f"ws://127.0.0.1:{place.instance.port}{path.format(**known)}?{asked}"
        client = JsonClient(await open_websocket(url, additional_headers={"Accept-Language": "en"}))
        await client.settled()
        await leave(client)

    return live


async def die(client: JsonClient) -> None:
    client.socket.transport.abort()
    await client.closed()


def asking(status: int, method: str, path: str, **body: object) -> Life:
    async def live(place: Place) -> None:
        answer = await asyncio.to_thread(place.instance.api, method, path, place.user["token"], **body)
        assert answer.status_code == status

    return live


async def writing(place: Place) -> None:
    await asking(201, "POST", "/messages", channelId=place.texts, content="What is said stays")(place)


LIVES: dict[str, Life] = {
    "channel": in_a_channel(SAMPLE, "websocket"),
    "web-client": in_a_channel(REAL, "websocket"),
    "polling": in_a_channel(SAMPLE, "polling"),
    "upgraded": in_a_channel(SAMPLE, "polling", "websocket"),
    "subscriber": subscribing,
    "bad-handshake": refused_at_the_door,
    "bad-join": refused("join-room", NOWHERE),
    "bad-subscription": refused("subscribe", {"token": "nonsense"}),
    "room-signaling": in_a_room,
    "hub-signaling": bare("/ws", JsonClient.leave, room_id="{room}", client_id="{id}"),
    "game-signaling": bare("/ws", JsonClient.leave, room="{room}", id="{id}"),
    "zvonim": bare("/ws", JsonClient.leave, room_id="{room}", user_id="{id}"),
    "zvonim-envelope": bare("/api/room/{room}/ws", JsonClient.leave, user_id="{id}"),
    "death": bare("/ws", die, room="{room}", id="{id}"),
    "request": asking(200, "GET", "/servers"),
    "request-that-writes": writing,
    "bad-request": asking(400, "POST", "/servers", name=""),
    "request-for-nothing": asking(404, "GET", f"/servers/{NOWHERE}"),
}


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES.keys())
async def test_nothing_remains_of_what_ended(place: Place, life: Life):
    await life(place)  # the first one makes what stays for all
    before = await asyncio.to_thread(place.instance.remains)
    for _ in range(MANY):
        await life(place)
    deadline = time.monotonic() + PATIENCE
    while more := (await asyncio.to_thread(place.instance.remains)) - before:
        assert time.monotonic() < deadline, more
        await asyncio.sleep(0.05)
