"""Hub signaling (seed 001): `/ws?room_id&client_id`, and the places that `/api/rooms` gives."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import requests

from tests.conftest import Instance
from tests.protocol.conftest import BOTH_WAYS, EVERY_SERVER, PATIENCE, Cast
from tests.protocol.dialects import JsonClient, new_room

POLICY, TOO_BIG, NO_TEXT = 1008, 1009, 1007
Open = Callable[..., Awaitable[JsonClient]]


@pytest.fixture
async def client(instance: Instance) -> AsyncIterator[Open]:
    """`await client(room, id)`: an open WebSocket; all are closed in the end."""
    clients: list[JsonClient] = []

    async def opened(room_id: str, client_id: str, user: dict | None = None, **query: str) -> JsonClient:
        token = {"token": user["token"]} if user else {}
        clients.append(await JsonClient.open(instance, room_id=room_id, client_id=client_id, **token, **query))
        return clients[-1]

    yield opened
    await asyncio.gather(*(one.leave() for one in clients))


def rest(instance: Instance, deed: str, user: dict | None = None, **body: str) -> requests.Response:
    headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {user['token']}"} if user else {})
    return requests.post(f"{instance.url}/api/rooms/{deed}", json=body, headers=headers, timeout=PATIENCE)


def stats(instance: Instance) -> dict[str, list[str]]:
    answer = instance.api("GET", "/rooms/stats").json()
    assert answer["total_rooms"] == len(answer["rooms"])
    assert answer["total_clients"] == sum(len(room["clients"]) for room in answer["rooms"])
    return {room["room_id"]: room["clients"] for room in answer["rooms"]}


@BOTH_WAYS
async def test_a_place_is_taken_over_rest_used_by_a_socket_and_given_up(client: Open, instance: Instance):
    a = rest(instance, "join").json()
    room = a["room_id"]
    b = rest(instance, "join", room_id=room).json()
    assert a == {"room_id": room, "client_id": a["client_id"], "status": "joined"}
    assert b["client_id"] != a["client_id"]
    assert room not in stats(instance)  # nobody is connected yet

    ann, bob = await client(room, a["client_id"]), await client(room, b["client_id"])
    assert await ann.until("peer-joined") == {"type": "peer-joined", "from": b["client_id"], "room_id": room}
    assert stats(instance)[room] == [a["client_id"], b["client_id"]]

    left = rest(instance, "leave", room_id=room, client_id=b["client_id"])
    assert (left.status_code, left.json()) == (200, {**b, "status": "left"})
    assert await ann.until("peer-left") == {"type": "peer-left", "from": b["client_id"], "room_id": room}
    assert (await bob.until("error"))["code"] == 403
    assert await bob.closed() == POLICY
    assert rest(instance, "leave", room_id=room, client_id=b["client_id"]).status_code == 404
    assert stats(instance)[room] == [a["client_id"]]
    assert [message["type"] for message in await ann.settled()] == ["peer-joined", "peer-left"]


@EVERY_SERVER
async def test_a_message_goes_to_one_or_to_everybody_else_from_its_true_sender(client: Open):
    room = new_room()
    ann, bob, cem = await client(room, "ann"), await client(room, "bob"), await client(room, "cem")
    await ann.until("peer-joined", 2)
    await bob.until("peer-joined")
    await bob.say(type="offer", **{"from": "ann"}, to="ann", room_id="elsewhere", payload={"type": "offer", "sdp": "v=0"})
    assert await ann.until("offer") == {
        "type": "offer",
        "from": "bob",
        "to": "ann",
        "room_id": room,
        "payload": {"type": "offer", "sdp": "v=0"},
    }
    await ann.say(type="custom", **{"from": "cem"}, payload="to all")
    for other in (bob, cem):
        assert await other.until("custom") == {"type": "custom", "from": "ann", "room_id": room, "payload": "to all"}
    assert not [m for m in await ann.settled() if m["type"] == "custom"]
    assert not [m for m in await cem.settled() if m["type"] == "offer"]
    await ann.say(type="custom", to="nobody")
    assert await ann.until("error") == {"type": "error", "error": "Nobody has this id here", "code": 400}


@BOTH_WAYS
async def test_any_payload_survives(client: Open):
    room = new_room()
    ann, bob = await client(room, "ann"), await client(room, "bob")
    await ann.until("peer-joined")
    payloads: list[Any] = [None, 0, 0.5, -1, True, False, "", "text", "текст 🎙", [], {}, [None, [0]], {"a": {"b": None}}]
    for payload in payloads:
        await bob.say(type="x" * 64, to="ann", payload=payload)
    await bob.say(type="x" * 64, to="ann")
    await ann.until("x" * 64, len(payloads) + 1)
    *told, without = ann.all("x" * 64)
    assert [each["payload"] for each in told] == payloads
    assert [type(each["payload"]) for each in told] == [type(payload) for payload in payloads]
    assert without.keys() == {"type", "from", "to", "room_id"}


@BOTH_WAYS
async def test_bye_is_passed_on_and_leaves(client: Open, instance: Instance):
    room = new_room()
    ann, bob = await client(room, "ann"), await client(room, "bob")
    await ann.until("peer-joined")
    await bob.say(type="bye", payload="see you")
    assert await ann.until("bye") == {"type": "bye", "from": "bob", "room_id": room, "payload": "see you"}
    await ann.until("peer-left")
    assert [message["type"] for message in ann.heard] == ["peer-joined", "bye", "peer-left"]
    await bob.say(type="offer", to="ann", payload="v=0")
    assert await bob.until("error") == {"type": "error", "error": "You are not in a room", "code": 400}
    assert stats(instance)[room] == ["ann"]
    assert rest(instance, "leave", room_id=room, client_id="bob").status_code == 404
    await ann.say(type="bye", to="nobody")
    await ann.settled()
    assert room not in stats(instance)


@BOTH_WAYS
async def test_a_live_id_is_refused_and_free_again_when_its_socket_is_gone(client: Open):
    room = new_room()
    ann, bob = await client(room, "ann"), await client(room, "bob")
    await ann.until("peer-joined")
    second = await client(room, "bob")
    assert await second.until("error") == {"type": "error", "error": "This id is taken", "code": 400}
    assert await second.closed() == POLICY
    elsewhere = await client(new_room(), "bob")
    await elsewhere.settled()
    await bob.say(type="custom", to="ann", payload=1)
    assert (await ann.until("custom"))["from"] == "bob"
    await bob.leave()
    await ann.until("peer-left")
    again = await client(room, "bob")
    await ann.until("peer-joined", 2)
    await ann.say(type="custom", to="bob", payload=2)
    assert (await again.until("custom"))["payload"] == 2
    assert [m["type"] for m in await ann.settled()] == ["peer-joined", "custom", "peer-left", "peer-joined"]


@BOTH_WAYS
async def test_what_cannot_be_understood_is_answered_and_hurts_nobody(client: Open):
    room = new_room()
    ann, bob = await client(room, "ann"), await client(room, "bob")
    await ann.until("peer-joined")
    frames: list[str | bytes] = [
        *(
            b'{"type": "offer", "to": "ann"}',
            b"\x00\xff",
            "",
            "nonsense",
            "[]",
            "[[]]",
            "null",
            "7",
            '"offer"',
            "{}",
            "[" * 5000,
        ),
        *('{"type": null}', '{"type": 7}', '{"type": ""}', '{"type": "%s"}' % ("x" * 65), '{"type": ["offer"]}'),
        *('{"type": "offer", "to": 5}', '{"type": "offer", "to": ["ann"]}', '{"type": "offer", "to": {}}', '{"type": NaN}'),
    ]
    for number, frame in enumerate(frames):
        await bob.socket.send(frame)
        refused = await bob.until("error", number + 1)
        assert refused.keys() == {"type", "error", "code"}
        assert refused["code"] == 400
    await bob.say(type="still-there", to="ann")
    await ann.until("still-there")
    assert [message["type"] for message in await ann.settled()] == ["peer-joined", "still-there"]


@BOTH_WAYS
@pytest.mark.parametrize(
    ("frame", "code"),
    [('{"type": "offer", "payload": "%s"}' % ("x" * 300_000), TOO_BIG), (b"\xff\xfe", NO_TEXT)],
    ids=["big", "utf-8"],
)
async def test_a_frame_that_is_none_ends_its_sender_and_no_other(client: Open, frame: str | bytes, code: int):
    room = new_room()
    ann, bob, cem = await client(room, "ann"), await client(room, "bob"), await client(room, "cem")
    await ann.until("peer-joined", 2)
    await bob.say(type="offer", to="ann", payload={"type": "offer", "sdp": "x" * 64_000 + "\r\n" * 1000})
    assert len((await ann.until("offer"))["payload"]["sdp"]) == 66_000
    await bob.socket.send(frame, text=True)
    assert await bob.closed() == code
    for other in (ann, cem):
        assert (await other.until("peer-left"))["from"] == "bob"
    await ann.say(type="custom", to="cem")
    await cem.until("custom")


@BOTH_WAYS
async def test_an_address_needs_a_room_and_an_id(instance: Instance):
    for query in ({"client_id": "ann"}, {"client_id": "x" * 129, "room_id": "r"}, {"client_id": " ", "room_id": "r"}):
        refused = await JsonClient.open(instance, **query)
        assert (await refused.until("error")).keys() == {"type", "error", "code"}
        assert await refused.closed() == POLICY


@BOTH_WAYS
async def test_a_channel_asks_for_the_token_of_a_member(client: Open, cast: Cast, channel: int, instance: Instance):
    room = str(channel)
    for user, code in ((None, 401), (cast.stranger, 403), ({"token": "garbage"}, 401)):
        refused = await client(room, "ann", user)
        assert (await refused.until("error"))["code"] == code
        assert await refused.closed() == POLICY
        assert rest(instance, "join", user, room_id=room).status_code == code
    place = rest(instance, "join", cast.ann, room_id=room).json()
    ann = await client(room, place["client_id"], cast.ann)
    bob = await client(f"channel-{channel}", "bob", cast.bob)
    assert await ann.until("peer-joined") == {"type": "peer-joined", "from": "bob", "room_id": room}
    await ann.say(type="custom", to="bob")
    assert (await bob.until("custom"))["room_id"] == f"channel-{channel}"
    assert not {room, f"channel-{channel}"} & stats(instance).keys()

    for user, code in (
        (None, 401),
        ({"token": "garbage"}, 401),
        (cast.stranger, 403),
        (cast.bob, 403),
        (cast.ann, 200),
        (cast.ann, 404),
    ):
        answer = rest(instance, "leave", user, room_id=room, client_id=place["client_id"])
        assert answer.status_code == code, answer.text
    assert await ann.closed() == POLICY
    assert (await bob.until("peer-left"))["from"] == place["client_id"]


@BOTH_WAYS
async def test_who_is_signed_in_keeps_his_place_in_an_open_room_too(client: Open, cast: Cast, instance: Instance):
    room = new_room()
    ann = await client(room, "ann", cast.ann)
    await ann.settled()
    assert rest(instance, "leave", room_id=room, client_id="ann").status_code == 401
    assert rest(instance, "leave", cast.bob, room_id=room, client_id="ann").status_code == 403
    await ann.settled()
    assert rest(instance, "leave", room_id=room, client_id="ann", token=cast.ann["token"]).status_code == 200
    assert await ann.closed() == POLICY


@BOTH_WAYS
async def test_who_is_kicked_is_closed(client: Open, cast: Cast, instance: Instance):
    user = instance.sign_up("bob")
    server, channel = instance.voice_channel(cast.owner, cast.ann, user)
    ann, bob = await client(str(channel), "ann", cast.ann), await client(str(channel), "bob", user)
    await ann.until("peer-joined")
    members = instance.api("GET", f"/serverMembers/{server}/members", cast.owner["token"]).json()
    member = next(each["id"] for each in members if each["userId"] == user["user"]["id"])
    assert instance.api("DELETE", f"/serverMembers/{server}/members/{member}", cast.owner["token"]).status_code == 204
    assert await bob.until("error") == {"type": "error", "error": "You are not a member of this server", "code": 403}
    assert await bob.closed() == POLICY
    assert (await ann.until("peer-left"))["from"] == "bob"


@BOTH_WAYS
async def test_a_place_outlives_its_socket_and_is_nobody_in_the_figures(client: Open, instance: Instance):
    room = new_room()
    ann, bob = await client(room, "ann"), await client(room, "bob")
    await ann.until("peer-joined")
    await bob.leave()
    await ann.until("peer-left")
    assert stats(instance)[room] == ["ann"]
    assert rest(instance, "leave", room_id=room, client_id="bob").status_code == 200
    assert rest(instance, "leave", room_id=room, client_id="bob").status_code == 404
    assert [message["type"] for message in await ann.settled()] == ["peer-joined", "peer-left"]


@BOTH_WAYS
async def test_an_error_speaks_russian_unless_english_is_asked_for(instance: Instance):
    refused = await JsonClient.open(instance, language="de", client_id="ann", room_id=" ")
    assert (await refused.until("error"))["error"] == "Укажите ID комнаты"
    await refused.closed()


@BOTH_WAYS
async def test_who_goes_before_his_socket_opens_leaves_no_ghost(client: Open, instance: Instance):
    room = new_room()
    ann = await client(room, "ann")
    for number in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", instance.port)
        head = f"GET /ws?room_id={room}&client_id=hasty-{number} HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\n"
        key = "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        writer.write((head + key).encode())
        await writer.drain()
        await asyncio.sleep(number / 2000)  # some are gone before they are seated, some while, some after
        writer.transport.abort()
    for _ in range(100):
        if stats(instance)[room] == ["ann"]:
            break
        await asyncio.sleep(0.1)
    assert stats(instance)[room] == ["ann"]
    last = await client(room, "last")
    await last.say(type="custom", to="ann")
    assert (await ann.until("custom"))["from"] == "last"
