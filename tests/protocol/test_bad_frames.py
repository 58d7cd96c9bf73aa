"""Whatever one client sends over its socket, it is refused or closed, and a call beside it goes on."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
import websockets
from websockets.asyncio.client import connect as websocket

from tests.conftest import Instance
from tests.protocol.conftest import BOTH_WAYS, PATIENCE, Cast, Client, Connect, talks
from tests.protocol.raw import answered, closed, frame, open_websocket, websocket_url

pytestmark = BOTH_WAYS

ODD: dict[str, list[Any]] = {
    "nothing": [],
    "null": [None],
    "false": [False],
    "number": [-1],
    "fraction": [0.5],
    "huge number": [10**400],
    "empty text": [""],
    "NUL": ["\0" * 65],
    "10 kB": ["x" * 10_000],
    "list": [[]],
    "nested list": [[[[1]]]],
    "object": [{}],
    "wrong fields": [{"to": 1, "type": [], "roomId": {}, "micToggle": "yes"}],
    "prototype": [{"__proto__": {"to": "x"}, "constructor": 1}],
    "many": list(range(1000)),
    "deep": [json.loads("[" * 300 + "]" * 300)],
    "surrogate": ["\ud800"],
}
EVENTS = ["join-room", "leave-room", "signal", "toggle-mic"]


@pytest.mark.parametrize("odd", ODD)
async def test_odd_arguments_hurt_nobody(pair: tuple[Client, Client], cast: Cast, channel: int, odd: str):
    """From outside the room, and from within."""
    ann, bob = pair
    raw = await open_websocket(ann.instance, cast.owner["token"])
    for inside in (False, True):
        for event in EVENTS:
            if inside:
                await raw.send(frame("join-room", channel))
            await raw.send(frame(event, *ODD[odd]))
            for first in ODD[odd][:1]:
                await raw.send(frame("signal", {"to": first, "type": "offer"}))
                await raw.send(frame("signal", {"to": bob.id, "type": first}))
    await answered(raw)
    await talks(ann, bob)
    await raw.close()
    assert len(bob.all("signal")) == 1


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("odd", ["NUL", "10 kB", "list", "number", "nothing"])
async def test_what_cannot_be_meant_is_answered_by_error(connect: Connect, cast: Cast, event: str, odd: str):
    bob = await connect(cast.bob)
    await bob.say(event, *ODD[odd])
    if event == "leave-room" and odd == "nothing":
        assert not await bob.settled()
        return
    error = await bob.until("error")
    assert error.keys() == {"message"}
    assert bob.io.connected


@pytest.mark.parametrize("name", ["error", "message", "created", "unknown", "", "x" * 10_000, "ping"])
async def test_an_event_that_nobody_knows_is_answered_by_error(pair: tuple[Client, Client], name: str):
    ann, bob = pair
    await bob.say(name, {"a": 1})
    await bob.until("error")
    assert len(bob.all("error")) == 1
    await talks(ann, bob)


MALFORMED = [
    "",
    "4",
    "42",
    "42/socket,",
    "42/socket,{}",
    "42/socket,[]",
    "42/socket,[1]",
    "42/socket,[null,1]",
    '42/socket,"join-room"',
    '42/socket,["signal"',
    "42/socket,[NaN]",
    '42/socket,["signal",' + "[" * 5000,
    '42/socket,99999999999999999999["signal"]',
    "42/elsewhere,[1]",
    '42["join-room",1]',
    "40/socket,",
    '40/socket,{"token":1}',
    "40/elsewhere,",
    "40/socket",
    "43/socket,1[]",
    "43/socket,[]",
    "44/socket,{}",
    '451-/socket,["signal",{"_placeholder":true,"num":0}]',
    '4599999-/socket,["signal"]',
    "46/socket,1-[]",
    "49",
    "4x",
    "bAAAA",
    "b!",
    "5",
    "6",
    "3",
    "2probe",
    "0",
    "7",
    "9",
    "x",
    "²",
    "\0",
    "1",
    "41/socket,",
    "41",
    b"",
    b"\x00\xff",
    b"42",
    "42/socket," + json.dumps(["x" * 200_000]),
]

LEAVING = {"1", "41/socket,"}  # no garbage at all
# What the protocol knows and nobody needs; all else is no Socket.IO and ends its connection, as at Node.
HARMLESS = {"40/elsewhere,", "43/socket,1[]", "5", "6", "3", "0", MALFORMED[-1]}


@pytest.mark.parametrize("malformed", MALFORMED, ids=lambda packet: repr(packet[:24]))
async def test_a_packet_that_is_none_hurts_nobody(pair: tuple[Client, Client], cast: Cast, malformed: str | bytes):
    """Before the namespace is connected, and after."""
    ann, bob = pair
    async with websocket(websocket_url(ann.instance), compression=None) as early:
        await early.recv()
        await early.send(malformed)
        raw = await open_websocket(ann.instance, cast.owner["token"])
        await raw.send(malformed)
        if malformed in LEAVING:
            await talks(ann, bob)
        elif malformed in HARMLESS:
            await answered(raw)
        else:
            with suppress(websockets.ConnectionClosed):
                await raw.send(frame("leave-room"))  # where an attachment was due, this is the garbage
            assert await closed(raw) == 1000
        await raw.close()
    await talks(ann, bob)


@pytest.mark.parametrize("name", ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"])
async def test_an_event_named_like_one_of_the_protocols_own_ends_its_connection(pair: tuple[Client, Client], name: str):
    ann, bob = pair
    await bob.say(name)
    assert await ann.until("user-disconnected") == bob.id


async def test_garbage_from_a_member_of_a_call_ends_only_his_own(
    pair: tuple[Client, Client], cast: Cast, channel: int, instance: Instance
):
    ann, bob = pair
    raw = await open_websocket(instance, cast.owner["token"])
    await raw.send(frame("join-room", channel))
    joined = (await ann.until("user-connected", 2))["socketId"]
    await raw.send("x")
    assert await ann.until("user-disconnected") == joined
    await closed(raw)
    await talks(ann, bob)


async def test_text_that_is_no_utf_8_ends_its_connection(pair: tuple[Client, Client], cast: Cast, instance: Instance):
    raw = await open_websocket(instance, cast.owner["token"])
    await raw.send(b'42/socket,["\xff\xfe"]', text=True)
    assert await closed(raw) == 1007
    await talks(*pair)


async def test_binary_events_are_refused(pair: tuple[Client, Client]):
    ann, bob = pair
    await bob.say("signal", {"to": ann.id, "type": "candidate", "candidate": b"\x00\x01"})
    await bob.until("error")
    await bob.say("signal", {"to": ann.id, "type": "text"})
    assert (await ann.until("signal"))["type"] == "text"


@pytest.mark.parametrize("size", [300_000, 1_000_000])
async def test_a_frame_over_the_limit_ends_its_connection_only(
    pair: tuple[Client, Client], cast: Cast, channel: int, instance: Instance, size: int
):
    ann, bob = pair
    raw = await open_websocket(instance, cast.owner["token"])
    await raw.send(frame("join-room", channel))
    await ann.until("user-connected", 2)
    await raw.send(frame("signal", {"to": ann.id, "type": "offer", "sdp": "x" * 200_000}))
    await ann.until("signal")
    with suppress(websockets.ConnectionClosed):
        await raw.send(frame("signal", {"to": ann.id, "type": "offer", "sdp": "x" * size}))
    assert await closed(raw) == 1009
    await ann.until("user-disconnected")
    assert len(ann.all("signal")) == 1
    await talks(ann, bob)


@pytest.mark.parametrize(
    "query",
    [{"EIO": "3"}, {"EIO": ""}, {"transport": "carrier-pigeon"}, {"sid": "unknown"}, {"transport": "polling"}, {"EIO": "4\0"}],
    ids=str,
)
async def test_an_odd_websocket_handshake_is_refused(pair: tuple[Client, Client], query: dict[str, str]):
    with pytest.raises((websockets.InvalidStatus, websockets.ConnectionClosed)) as refused:
        async with asyncio.timeout(PATIENCE), websocket(websocket_url(pair[0].instance, **query)) as raw:
            await raw.recv()
    if isinstance(refused.value, websockets.InvalidStatus):
        assert refused.value.response.status_code in {400, 403, 404}
    await talks(*pair)


async def test_a_second_websocket_does_not_take_a_session_over(pair: tuple[Client, Client], instance: Instance):
    ann, bob = pair
    with pytest.raises(websockets.InvalidStatus):
        await websocket(websocket_url(instance, sid=bob.io.eio.sid))
    await talks(ann, bob)
