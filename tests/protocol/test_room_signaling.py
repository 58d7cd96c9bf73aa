"""Room signaling (seed 000): Socket.IO on the default path and namespace."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import requests
import socketio
from socketio.exceptions import ConnectionError as Refused

from tests.conftest import Instance
from tests.protocol.conftest import BOTH_WAYS, PATIENCE, Cast
from tests.protocol.dialects import NO_ROOM, ROOMS, RoomClient, new_room

pytestmark = BOTH_WAYS

OFFER = {"type": "offer", "sdp": "v=0\r\na=setup:actpass\r\n"}
ANSWER = {"type": "answer", "sdp": "v=0\r\na=setup:active\r\n"}
CANDIDATE = {"candidate": "candidate:1 1 UDP 2130706431 192.168.1.100 54400 typ host", "sdpMLineIndex": 0}
Enter = Callable[..., Awaitable[RoomClient]]


@pytest.fixture
async def client(instance: Instance) -> AsyncIterator[Enter]:
    """`await client(user)`: a connected client; all are closed in the end."""
    clients: list[RoomClient] = []

    async def opened(user: dict | None = None, transport: str = "websocket", token: Any = None) -> RoomClient:
        clients.append(RoomClient(instance, user, transport))
        await clients[-1].connect(token)
        return clients[-1]

    yield opened
    await asyncio.gather(*(one.io.shutdown() for one in clients), return_exceptions=True)


def listed(instance: Instance) -> dict[str, Any]:
    return requests.get(f"{instance.url}/rooms", timeout=PATIENCE).json()


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_the_newcomer_reads_who_is_there_and_they_hear_of_him(client: Enter, transport: str):
    room = new_room()
    alice, bob, carol = [await client(transport=transport) for _ in range(3)]
    assert await alice.join(room, "Alice") == []
    assert await bob.join(room, "Bob") == [{"id": alice.id, "name": "Alice"}]
    assert await carol.join(room) == [{"id": alice.id, "name": "Alice"}, {"id": bob.id, "name": "Bob"}]
    assert await alice.until("user_joined", 2) == {"user": {"id": carol.id, "name": carol.id}}
    assert await bob.until("user_joined") == {"user": {"id": carol.id, "name": carol.id}}

    await bob.say("leave", {"room": room})
    for other in (alice, carol):
        assert await other.until("user_left") == {"user": {"id": bob.id, "name": "Bob"}}
    await carol.leave()
    assert await alice.until("user_left", 2) == {"user": {"id": carol.id, "name": carol.id}}
    assert [name for name, _ in await bob.settled()] == ["room_users", "user_joined"]


async def test_signals_reach_their_target_unchanged_and_in_order_from_the_true_sender(client: Enter):
    room = new_room()
    alice, bob, carol = [await client() for _ in range(3)]
    for one in (alice, bob, carol):
        await one.join(room)
    await alice.say("offer", {"target": bob.id, "sdp": OFFER, "sender": carol.id})
    assert await bob.until("getOffer") == {"sdp": OFFER, "sender": alice.id}
    await bob.say("answer", {"target": alice.id, "sdp": ANSWER, "from": carol.id})
    assert await alice.until("getAnswer") == {"sdp": ANSWER, "sender": bob.id}
    for number in range(50):
        await bob.say("candidate", {"target": alice.id, "candidate": CANDIDATE | {"number": number}})
    await bob.say("candidate", {"target": alice.id, "candidate": None})
    await alice.until("getCandidate", 51)
    told = alice.all("getCandidate")
    assert {each["sender"] for each in told} == {bob.id}
    assert [each["candidate"] and each["candidate"]["number"] for each in told] == [*range(50), None]
    assert not [name for name, _ in await carol.settled(alice, bob) if name.startswith("get")]


async def test_nobody_is_reached_outside_the_room_and_nobody_learns_of_it(client: Enter):
    alice, bob = await client(), await client()
    await alice.join(new_room())
    await bob.join(new_room())
    for target in (bob.id, "nobody", alice.id):
        await alice.say("offer", {"target": target, "sdp": OFFER})
    assert [name for name, _ in await alice.settled()] == ["room_users"]
    assert [name for name, _ in await bob.settled(alice)] == ["room_users"]


async def test_another_room_leaves_the_first_and_the_same_one_adds_nobody(client: Enter):
    room = new_room()
    alice, bob = await client(), await client()
    await alice.join(room, "Alice")
    for _ in range(3):
        assert await bob.join(room, "Bob") == [{"id": alice.id, "name": "Alice"}]
    await bob.join(new_room())
    assert await alice.until("user_left") == {"user": {"id": bob.id, "name": "Bob"}}
    await bob.say("leave", {"room": room})  # he sits elsewhere
    await bob.say("leave", {})
    await bob.say("leave")
    await bob.settled()
    assert [name for name, _ in await alice.settled(bob)] == ["room_users", "user_joined", "user_left"]
    assert await bob.join(room, "Bob again") == [{"id": alice.id, "name": "Alice"}]


async def test_what_cannot_be_understood_is_answered_and_hurts_nobody(client: Enter):
    room = new_room()
    alice, bob = await client(), await client()
    await alice.join(room)
    await bob.join(room)
    no_room = [
        (),
        (None,),
        (room,),
        ([room],),
        ({},),
        ({"room": ""},),
        ({"room": None},),
        ({"room": [room]},),
        ({"room": "x" * 129},),
    ]
    malformed: list[tuple[str, tuple[Any, ...]]] = [
        ("offer", ()),
        ("offer", ({"sdp": OFFER},)),
        ("answer", ({"target": [alice.id], "sdp": ANSWER},)),
        ("candidate", ([alice.id, CANDIDATE],)),
        ("leave", (room,)),
        ("getOffer", ({"target": alice.id, "sdp": OFFER},)),
        ("join", ({"room": room, "token": 5},)),
    ]
    for args in no_room:
        await bob.say("join", *args)
    await bob.until("error", len(no_room))
    assert bob.all("error") == [NO_ROOM[1]] * len(no_room)
    for number, (name, args) in enumerate(malformed):
        await bob.say(name, *args)
        assert (await bob.until("error", len(no_room) + number + 1)).keys() == {"message"}
    assert [name for name, _ in await alice.settled(bob)] == ["room_users", "user_joined"]
    await bob.say("offer", {"target": alice.id, "sdp": OFFER})
    assert (await alice.until("getOffer"))["sender"] == bob.id


async def test_a_frame_beyond_the_limit_ends_its_sender_and_no_other(client: Enter):
    room = new_room()
    alice, bob, carol = [await client() for _ in range(3)]
    for one in (alice, bob, carol):
        await one.join(room)
    await bob.say("offer", {"target": alice.id, "sdp": {"type": "offer", "sdp": "x" * 64_000 + "\r\n" * 1000}})
    assert len((await alice.until("getOffer"))["sdp"]["sdp"]) == 66_000
    await bob.say("offer", {"target": alice.id, "sdp": "x" * 300_000})
    for other in (alice, carol):
        assert (await other.until("user_left"))["user"]["id"] == bob.id
    await carol.say("answer", {"target": alice.id, "sdp": ANSWER})
    await alice.until("getAnswer")
    assert len(alice.all("getOffer")) == 1


async def test_rooms_lists_open_rooms_with_everybody_in_them(client: Enter, cast: Cast, channel: int, instance: Instance):
    room = new_room()
    alice, bob, seated = await client(), await client(), await client(cast.ann)
    await alice.join(room, "Alice")
    await bob.join(room, "Bob")
    await seated.join(channel)
    assert listed(instance)["rooms"][room] == ["Alice", "Bob"]
    assert not {str(channel), f"channel-{channel}", ""} & listed(instance)["rooms"].keys()
    await seated.join(room, "called otherwise")
    now = listed(instance)
    assert now["rooms"][room] == ["Alice", "Bob", cast.ann["user"]["username"]]
    assert now["total_rooms"] == len(now["rooms"])
    assert now["total_users"] == sum(map(len, now["rooms"].values()))
    for one in (alice, bob, seated):
        await one.say("leave")
        await one.settled()
    assert room not in listed(instance)["rooms"]


async def test_a_channel_asks_for_the_token_of_a_member(client: Enter, cast: Cast, channel: int):
    guest, late, ann, stranger = await client(), await client(), await client(cast.ann), await client(cast.stranger)
    await guest.say("join", {"room": channel, "name": "Guest"})
    assert await guest.until("error") == {"message": "Not signed in: the token is missing or invalid"}
    await guest.say("join", {"room": str(channel), "token": "garbage"})
    assert await guest.until("error", 2) == {"message": "Not signed in: the token is missing or invalid"}
    await stranger.say("join", {"room": f"channel-{channel}"})
    assert await stranger.until("error") == {"message": "You are not a member of this server"}
    assert await ann.join(channel, "Ann") == []
    assert await late.join(f"channel-{channel}", "Owner", token=cast.owner["token"]) == [
        {"id": ann.id, "name": cast.ann["user"]["username"]}
    ]
    assert (await ann.until("user_joined"))["user"] == {"id": late.id, "name": cast.owner["user"]["username"]}


async def test_the_handshake_takes_a_token_from_the_query_and_refuses_a_bad_one(
    client: Enter, cast: Cast, channel: int, instance: Instance
):
    ann = await client(cast.ann)
    await ann.join(channel)
    io = socketio.AsyncClient(reconnection=False)
    await io.connect(f"{instance.url}?token={cast.owner['token']}", socketio_path=ROOMS.path, transports=["websocket"])
    await io.emit("join", {"room": channel})
    told = (await ann.until("user_joined"))["user"]
    assert told == {"id": io.get_sid(), "name": cast.owner["user"]["username"]}
    await io.disconnect()
    with pytest.raises(Refused):
        await client(token="garbage")


async def test_who_is_kicked_is_out_at_once_and_may_sit_elsewhere(client: Enter, cast: Cast, instance: Instance):
    bob_user = instance.sign_up("bob")
    server, channel = instance.voice_channel(cast.owner, cast.ann, bob_user)
    ann, bob = await client(cast.ann), await client(bob_user)
    await ann.join(channel)
    await bob.join(channel)
    members = instance.api("GET", f"/serverMembers/{server}/members", cast.owner["token"]).json()
    member = next(each["id"] for each in members if each["userId"] == bob_user["user"]["id"])
    assert instance.api("DELETE", f"/serverMembers/{server}/members/{member}", cast.owner["token"]).status_code == 204
    assert await bob.until("error") == {"message": "You are not a member of this server"}
    assert await ann.until("user_left") == {"user": {"id": bob.id, "name": bob_user["user"]["username"]}}
    await bob.say("offer", {"target": ann.id, "sdp": OFFER})
    assert await bob.until("error", 2) == {"message": "You are not in a room"}
    assert await bob.join(new_room()) == []
