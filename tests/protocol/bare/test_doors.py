"""Bare WebSockets keep to what Socket.IO keeps to: origins, connections of an address, pings, close codes."""

import asyncio
import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from websockets.asyncio.client import connect as websocket
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.conftest import Instance
from tests.protocol.addresses import SAMPLE, Address
from tests.protocol.bare.conftest import Open
from tests.protocol.conftest import Cast, Connect
from tests.protocol.dialects import ROOMS

APP, EVIL = "https://app.example.com", "https://evil.example"
MOST = 3
DIALECTS = [{"room_id": "r", "client_id": "c"}, {"room_id": "r", "user_id": "u"}, {"id": "g"}]


@pytest.fixture(scope="module")
def choosy(instance: Instance) -> Iterator[Instance]:
    """One page may speak to it besides its own, an address has three connections, and it pings every second."""
    limits = {"ALLOWED_ORIGINS": APP, "RATE_LIMITS": "on", "MAX_CONNECTIONS_PER_ADDRESS": str(MOST)}
    other = Instance(instance.env | limits | {"PING_INTERVAL_MS": "1000", "PING_TIMEOUT_MS": "1000"})
    other.start()
    yield other
    other.stop()


def url(instance: Instance, path: str = "/ws", **query: str) -> str:
    return f"ws://127.0.0.1:{instance.port}{path}?{urlencode(query)}"


@pytest.mark.parametrize("query", DIALECTS, ids=lambda query: next(iter(reversed(query))))
async def test_only_pages_that_may_speak_get_in(choosy: Instance, query: dict[str, str]):
    for origin in (None, APP, choosy.url):
        async with websocket(url(choosy, **query), origin=origin):
            pass
    with pytest.raises(InvalidStatus) as refused:
        await websocket(url(choosy, **query), origin=EVIL)
    answer = refused.value.response
    assert (answer.status_code, json.loads(answer.body)["code"]) == (403, 403)


async def test_an_address_has_so_many_connections(choosy: Instance):
    sockets = [await websocket(url(choosy, id=f"g{number}", room="crowd")) for number in range(MOST)]
    with pytest.raises(InvalidStatus) as refused:
        await websocket(url(choosy, id="late", room="crowd"))
    body = json.loads(refused.value.response.body)
    assert (refused.value.response.status_code, body["code"]) == (403, 403)
    for socket in sockets:
        await socket.close()
    async with websocket(url(choosy, id="late", room="crowd")):
        pass


async def test_where_nobody_is_the_answer_is_404(choosy: Instance):
    with pytest.raises(InvalidStatus) as refused:
        await websocket(url(choosy, "/nowhere"))
    assert refused.value.response.status_code == 404


@pytest.mark.parametrize("path", ["/ws", "/api/room/silent/ws"])
async def test_who_falls_silent_is_gone_after_the_ping(choosy: Instance, path: str):
    query = {"user_id": "mute"} if path != "/ws" else {"room_id": "silent", "client_id": "mute"}
    async with websocket(url(choosy, room="silent", id="ann")) as ann:
        mute = await websocket(url(choosy, path, **query))
        assert json.loads(await ann.recv())["type"] == "peer-joined"
        mute.transport.pause_reading()  # no pong will be said, and no FIN is sent
        assert json.loads(await ann.recv()) == {"type": "peer-left", "from": "mute"}
        await ann.ping()  # who answers pings stays
        mute.transport.abort()


async def test_one_id_is_one_socket_and_free_again_when_that_is_gone(instance: Instance, open_socket: Open):
    first = await open_socket("/ws", room="ids", id="ann")
    second = await open_socket("/ws", room="ids", id="ann")
    assert (await second.until("error"))["payload"]["message"] == "This id is taken"
    assert await second.closed() == 1008
    await first.leave()
    third = await open_socket("/ws", room="ids", id="ann")
    await third.settled()
    assert third.socket.close_code is None


@pytest.fixture(scope="module")
def closed(instance: Instance) -> Iterator[Instance]:
    """Without open rooms."""
    other = Instance(instance.env | {"OPEN_ROOMS": "off"})
    other.start()
    yield other
    other.stop()


@pytest.mark.parametrize("query", [*DIALECTS[:2], {"room": "r"}], ids=["hub", "zvonim", "game"])
async def test_without_open_rooms_a_channel_and_a_token_are_needed(
    closed: Instance, cast: Cast, channel: int, query: dict[str, str]
):
    name = "room" if "room" in query else "room_id"
    for asked in (query, query | {"token": cast.ann["token"]}, query | {name: str(channel)}):
        async with websocket(url(closed, **asked)) as socket:
            assert json.loads(await socket.recv())["type"] == "error"
            with pytest.raises(ConnectionClosed) as end:
                await socket.recv()
            assert end.value.rcvd is not None
            assert end.value.rcvd.code == 1008
    own = query | {name: str(channel), "token": cast.ann["token"]}
    async with websocket(url(closed, **own)) as socket:
        await socket.send("{}")
        assert json.loads(await socket.recv())["type"] in {"error", "welcome"}  # of the empty frame: it lives


@pytest.mark.parametrize("address", [SAMPLE, ROOMS])
async def test_without_open_rooms_socket_io_says_so(closed: Instance, connect: Connect, cast: Cast, address: Address):
    client = await connect(cast.ann, address, instance=closed)
    await client.say(*(("join", {"room": "r", "name": "Ann"}) if address is ROOMS else ("join-room", "r")))
    assert await client.until("error") == {"message": "Open rooms are switched off here"}


async def test_daphne_closes_with_the_private_twin_of_a_code_that_it_does_not_know(instance: Instance):
    other = Instance(instance.env, "daphne")
    await asyncio.to_thread(other.start)
    try:
        async with websocket(url(other, id="ann", room="daphne")), websocket(url(other, id="ann", room="daphne")) as second:
            assert json.loads(await second.recv())["type"] == "error"
            with pytest.raises(ConnectionClosed) as end:
                await second.recv()
            assert end.value.rcvd is not None
            assert end.value.rcvd.code == 4008
    finally:
        await asyncio.to_thread(other.stop)
