"""Seed 004 over real sockets: who is who, delivery by `to`, rooms, refusals."""

import json
import secrets
from contextlib import suppress
from typing import Any

import pytest
import websockets

from tests.protocol.bare.conftest import Open, Socket
from tests.protocol.conftest import BOTH_WAYS, Cast

pytestmark = BOTH_WAYS


@pytest.fixture
def name() -> str:
    """All who ask for no room share one lobby: ids are of one test."""
    return secrets.token_hex(4)


async def come(open_socket: Open, id: str, **query: str) -> Socket:
    """Seated, and nothing is on its way."""
    socket = await open_socket("/ws", known_as=id, id=id, **query)
    await socket.settled()
    return socket


async def pair(open_socket: Open, name: str, **query: str) -> tuple[Socket, Socket]:
    return await come(open_socket, f"ann-{name}", **query), await come(open_socket, f"bob-{name}", **query)


async def talks(one: Socket, other: Socket) -> None:
    """Both directions of a call still work."""
    for sender, receiver in ((one, other), (other, one)):
        before, text = len(receiver.all("offer")), secrets.token_hex(4)
        await sender.say({"type": "offer", "to": receiver.id, "payload": text})
        heard = {"type": "offer", "from": sender.id, "to": receiver.id, "payload": text}
        assert await receiver.until("offer", before + 1) == heard


async def test_bare_peers_reach_each_other_by_id_and_hear_nothing_else(open_socket: Open, name: str):
    ann, bob = await pair(open_socket, name)
    third = await come(open_socket, f"cem-{name}")
    await talks(ann, bob)
    await bob.say({"type": "candidate", "from": "forged", "to": ann.id, "payload": {"candidate": "x"}})
    assert await ann.until("candidate") == {"type": "candidate", "from": bob.id, "to": ann.id, "payload": {"candidate": "x"}}
    await bob.leave()
    assert len(await ann.settled()) == 2
    assert await third.settled() == []


@pytest.mark.parametrize("payload", [None, 0, False, "", [], {}, "text", [1, [None]], {"sdp": {"a": 1.5}}], ids=repr)
async def test_a_payload_is_passed_on_as_it_is(open_socket: Open, name: str, payload: Any):
    ann, bob = await pair(open_socket, name)
    await ann.say({"type": "move", "to": bob.id, "payload": payload})
    assert await bob.until("move") == {"type": "move", "from": ann.id, "to": bob.id, "payload": payload}


async def test_without_an_id_the_first_frame_says_it_and_is_delivered(open_socket: Open, name: str):
    ann = await come(open_socket, f"ann-{name}")
    bob = await open_socket("/ws", known_as=f"bob-{name}")
    await bob.say({"type": "offer", "from": bob.id, "to": ann.id, "payload": 1})
    assert await ann.until("offer") == {"type": "offer", "from": bob.id, "to": ann.id, "payload": 1}
    await bob.say({"type": "offer", "from": "somebody else", "to": ann.id, "payload": 2})
    assert (await ann.until("offer", 2))["from"] == bob.id
    await talks(ann, bob)
    assert not bob.all("welcome")


@pytest.mark.parametrize(
    "first", [None, {"type": "hello"}, {"type": "hello", "from": ""}, {"from": 5}, b"\x00", "[]"], ids=repr
)
async def test_who_does_not_say_it_is_given_one(open_socket: Open, name: str, first: Any):
    ann, bob = await come(open_socket, f"ann-{name}"), await open_socket("/ws")
    if first is not None:
        await bob.say(first)
    welcome = await bob.until("welcome")
    assert welcome == {"type": "welcome", "to": welcome["to"]}
    assert bob.heard[0] == welcome
    assert len(welcome["to"]) >= 16
    bob.id = welcome["to"]
    await talks(ann, bob)


@pytest.mark.parametrize("by", ["address", "first frame"])
async def test_a_live_id_is_refused_and_a_dead_one_comes_back(open_socket: Open, name: str, by: str):
    ann, bob = await pair(open_socket, name)

    async def again() -> Socket:
        if by == "address":
            return await open_socket("/ws", known_as=bob.id, id=bob.id)
        socket = await open_socket("/ws", known_as=bob.id)
        await socket.say({"type": "offer", "from": bob.id, "to": ann.id, "payload": "first"})
        return socket

    thief = await again()
    assert await thief.closed() == 1008
    assert thief.heard == [{"type": "error", "payload": {"message": "This id is taken"}}]
    await talks(ann, bob)
    await bob.leave()
    bob = await again()
    await bob.settled()
    await talks(ann, bob)


async def test_a_target_that_is_nobody_or_missing_is_answered_by_error(open_socket: Open, name: str):
    ann, bob = await pair(open_socket, name)
    for number, to in enumerate(["nobody", ann.id, None, "", 7, []], start=1):
        await ann.say({"type": "offer", "to": to})
        error = await ann.until("error", number)
        assert error == {"type": "error", "payload": {"message": error["payload"]["message"]}}
    await talks(ann, bob)
    assert len(bob.all("offer")) == 1


async def test_in_a_room_one_hears_of_the_others_and_talks_to_all(open_socket: Open, name: str):
    ann, bob = await pair(open_socket, name, room=f"R {name}")
    outside = await come(open_socket, f"cem-{name}")
    assert await ann.until("peer-joined") == {"type": "peer-joined", "from": bob.id, "payload": {"name": bob.id}}
    await ann.say({"type": "ready", "payload": [1]})
    assert await bob.until("ready") == {"type": "ready", "from": ann.id, "payload": [1]}
    await ann.say({"type": "ready", "to": outside.id})
    assert (await ann.until("error"))["payload"]["message"] == "Nobody has this id here"
    bob.die()
    assert await ann.until("peer-left") == {"type": "peer-left", "from": bob.id}
    assert [frame["type"] for frame in await ann.settled()] == ["peer-joined", "error", "peer-left"]
    assert await outside.settled() == []


async def test_a_room_that_is_a_channel_wants_a_token(open_socket: Open, name: str, cast: Cast, channel: int):
    for token in ("", "x", cast.stranger["token"]):
        refused = await open_socket("/ws", id=name, room=str(channel), token=token)
        assert await refused.closed() == 1008
        assert [frame["type"] for frame in refused.heard] == ["error"]
    ann = await come(open_socket, "ann", room=f"channel-{channel}", token=cast.ann["token"])
    bob = await come(open_socket, "bob", room=str(channel), token=cast.bob["token"])
    assert (await ann.until("peer-joined"))["payload"] == {"name": cast.bob["user"]["username"]}
    await talks(ann, bob)


MALFORMED: list[Any] = [
    b"",
    b"\xff",
    b'{"type":"offer"}',
    "",
    "{",
    "null",
    "7",
    "[]",
    "{}",
    '{"type":5}',
    "[" * 5000,
    '{"type":"\\ud800"}',
]


async def test_what_cannot_be_meant_hurts_nobody(open_socket: Open, name: str):
    ann, bob = await pair(open_socket, name)
    odd = await come(open_socket, f"odd-{name}")
    for number, malformed in enumerate(MALFORMED, start=1):
        await odd.say(malformed)
        await odd.until("error", number)
    await talks(ann, bob)
    await talks(ann, odd)
    assert len(ann.all("offer")) == 2


@pytest.mark.parametrize("code", [1007, 1009])
async def test_a_broken_or_endless_frame_ends_its_connection_only(open_socket: Open, name: str, code: int):
    ann, bob = await pair(open_socket, name)
    odd = await come(open_socket, f"odd-{name}")
    await odd.say({"type": "offer", "to": ann.id, "payload": "\n" * 64_000})
    await ann.until("offer")
    with suppress(websockets.ConnectionClosed):
        too_long = json.dumps({"type": "offer", "to": ann.id, "payload": "x" * 300_000})
        await odd.socket.send(too_long if code == 1009 else b'{"type":"\xff\xfe"}', text=True)
    assert await odd.closed() == code
    await talks(ann, bob)
    assert len(ann.all("offer")) == 2


@pytest.mark.parametrize(
    "query", [{"id": "x" * 129}, {"id": " "}, {"id": "a", "room": "x" * 129}, {"id": "a", "room": " "}], ids=repr
)
async def test_an_address_that_cannot_be_meant_is_refused(open_socket: Open, query: dict[str, str]):
    refused = await open_socket("/ws", **query)
    assert await refused.closed() == 1008
    assert [frame["type"] for frame in refused.heard] == ["error"]
