"""Seed 003 over real sockets, in both forms: rooms by REST and by address, signals, presence, refusals."""

import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import websockets

from tests.conftest import Instance
from tests.protocol.bare.conftest import FORMS, Form, Open, Socket, enter, online
from tests.protocol.conftest import BOTH_WAYS, Cast

pytestmark = [BOTH_WAYS, FORMS]
LINE = "candidate:1 1 UDP 2130706431 192.168.1.100 54400 typ host"


async def pair(instance: Instance, open_socket: Open, form: Form, room: str) -> tuple[Socket, Socket]:
    """Ann and Bob in one room, and Ann knows of Bob."""
    ann = await form.come(open_socket, room, enter(instance, room, "Ann"))
    assert online(instance, room) == {"Ann": True}
    bob = await form.come(open_socket, room, enter(instance, room, "Bob"))
    await form.hears_of(ann, "user-joined")
    return ann, bob


async def talks(form: Form, one: Socket, other: Socket) -> None:
    """Both directions of a call still work."""
    for sender, receiver in ((one, other), (other, one)):
        before, text = len(receiver.all("offer")), secrets.token_hex(4)
        await sender.say(form.frame("offer", {"to": receiver.id}, sdp=text))
        heard = form.frame("offer", {"from": sender.id, "to": receiver.id}, sdp=text)
        assert await receiver.until("offer", before + 1) == heard


async def test_a_call_from_the_first_request_to_the_last(instance: Instance, open_socket: Open, form: Form, room: str):
    ann_id = enter(instance, room, "Ann")
    assert online(instance, room) == {"Ann": False}
    ann = await form.come(open_socket, room, ann_id)
    assert online(instance, room) == {"Ann": True}
    answer = instance.api("POST", "/room/join", room_id=room, user_name="Bob").json()
    assert answer == {"room_id": room, "user_id": answer["user_id"], "users_in_room": ["Ann", "Bob"]}
    bob = await form.come(open_socket, room, answer["user_id"])
    await bob.say(form.frame("join", user_id=bob.id, user_name="Somebody else"))
    assert await form.hears_of(ann, "user-joined") == {"user_id": bob.id, "user_name": "Bob"}

    await ann.say(form.frame("offer", {"from": "forged", "to": bob.id}, sdp="v=0"))
    assert await bob.until("offer") == form.frame("offer", {"from": ann.id, "to": bob.id}, sdp="v=0")
    await bob.say(form.frame("answer", {"from": ann.id, "to": ann.id}, sdp="v=0"))
    assert await ann.until("answer") == form.frame("answer", {"from": bob.id, "to": ann.id}, sdp="v=0")
    await bob.say(form.frame("ice-candidate", {"to": "all"}, candidate=LINE))
    heard = await ann.until(form.kind("ice-candidate"))
    assert heard == form.frame("ice-candidate", {"from": bob.id, "to": "all"}, candidate=LINE)

    for _ in range(2):
        left = instance.api("POST", "/room/leave", room_id=room, user_id=bob.id)
        assert (left.status_code, left.json()) == (200, {"success": True})
    assert await form.hears_of(ann, "user-left") == {"user_id": bob.id}
    assert await bob.closed() == 1008
    assert online(instance, room) == {"Ann": True}
    await ann.say(form.frame("offer", {"to": bob.id}, sdp="after"))
    await ann.settled()
    assert len(form.presence(ann, "user-joined")) == len(form.presence(ann, "user-left")) == 1
    assert [frame["type"] for frame in bob.heard if frame["type"] not in {"user_joined", "error"}] == ["offer"]


async def test_an_envelope_welcomes_the_newcomer_and_the_flat_form_does_not(
    instance: Instance, open_socket: Open, form: Form, room: str
):
    ann = await form.come(open_socket, room, enter(instance, room, "Ann"))
    heard = await ann.settled()
    welcome = {"type": "user_joined", "data": {"user_id": ann.id, "user_name": "Ann"}, "from": ann.id}
    assert heard == ([] if form.is_flat else [welcome])


async def test_a_user_id_of_ones_own_is_announced_with_the_name_of_the_join_frame(
    instance: Instance, open_socket: Open, form: Form, room: str
):
    ann = await form.come(open_socket, room, enter(instance, room, "Ann"))
    named, silent = await form.open(open_socket, room, "cem"), await form.open(open_socket, room, "dora")
    await named.say(form.frame("join", user_id="cem", user_name="Cem"))
    await form.hears_of(ann, "user-joined", 2)
    wanted = [{"user_id": "cem", "user_name": "Cem"}, {"user_id": "dora", "user_name": "dora"}]
    assert sorted(form.presence(ann, "user-joined"), key=lambda user: user["user_id"]) == wanted
    await named.say(form.frame("join", user_id="cem", user_name="Another"))
    await named.settled(silent)
    await ann.settled()
    assert len(form.presence(ann, "user-joined")) == 2
    assert online(instance, room) == {"Ann": True, "Cem": True, "dora": True}


async def test_who_has_just_come_can_be_signaled_before_anything_is_said_of_him(open_socket: Open, form: Form, room: str):
    cem = await form.come(open_socket, room, "cem")
    dora = await form.come(open_socket, room, "dora")
    await dora.say(form.frame("offer", {"to": "cem"}, sdp="v=0"))
    await cem.until("offer")
    assert [frame["type"] for frame in cem.heard][-2:] == [form.kind("user-joined"), "offer"]


async def test_a_live_user_id_is_refused_and_hurts_nobody(instance: Instance, open_socket: Open, form: Form, room: str):
    ann, bob = await pair(instance, open_socket, form, room)
    thief = await form.open(open_socket, room, bob.id)
    assert await thief.closed() == 1008
    assert form.content(thief.heard[-1]) == {"message": "This id is taken"}
    await talks(form, ann, bob)
    await ann.settled()
    assert len(form.presence(ann, "user-joined")) == 1
    assert form.presence(ann, "user-left") == []


async def test_a_socket_that_dies_leaves_its_user_absent_and_he_may_come_back(
    instance: Instance, open_socket: Open, form: Form, room: str
):
    ann, bob = await pair(instance, open_socket, form, room)
    bob.die()
    assert await form.hears_of(ann, "user-left") == {"user_id": bob.id}
    assert online(instance, room) == {"Ann": True, "Bob": False}
    again = await form.come(open_socket, room, bob.id)
    assert await form.hears_of(ann, "user-joined", 2) == {"user_id": bob.id, "user_name": "Bob"}
    assert online(instance, room) == {"Ann": True, "Bob": True}
    await talks(form, ann, again)


MALFORMED: list[Any] = [
    b"",
    b"\x00\xff",
    b'{"type":"offer","to":"all","sdp":"x"}',
    "",
    "{",
    "null",
    "7",
    '"offer"',
    "[]",
    '[{"type":"offer"}]',
    "{}",
    '{"type":"offer","to":7}',
    '{"type":"dance","to":"all"}',
    '{"type":null}',
    '{"type":["offer"]}',
    '{"type":"user-left","user_id":"ann"}',
    '{"type":"user_left","data":{"user_id":"ann"}}',
    "[" * 5000,
    '{"type":"offer","sdp":NaN}',
    '{"type":"offer","sdp":"\\ud800"}',
]


async def test_what_cannot_be_meant_is_answered_by_error_and_hurts_nobody(
    instance: Instance, open_socket: Open, form: Form, room: str
):
    ann, bob = await pair(instance, open_socket, form, room)
    odd = await form.open(open_socket, room, "odd")
    await odd.say(form.frame("join", user_name="Odd"))
    await form.hears_of(ann, "user-joined", 2)
    for number, malformed in enumerate(MALFORMED, start=1):
        await odd.say(malformed)
        assert form.content(await odd.until("error", number)).keys() == {"message"}, malformed
    await odd.say(form.frame("offer", {"to": "nobody"}, sdp="v=0"))  # passed over in silence
    await odd.settled()
    assert len(odd.all("error")) == len(MALFORMED)
    await talks(form, ann, bob)
    await talks(form, ann, odd)
    assert len(ann.all("offer")) == 2


async def test_text_that_is_no_utf_8_and_a_frame_too_long_end_their_connection_only(
    instance: Instance, open_socket: Open, form: Form, room: str
):
    ann, bob = await pair(instance, open_socket, form, room)
    for number, (code, text) in enumerate([(1009, "x" * 300_000), (1007, b'{"type":"\xff\xfe"}')], start=1):
        odd = await form.come(open_socket, room, f"odd{number}")
        await odd.say(form.frame("offer", {"to": ann.id}, sdp="\n" * 64_000))
        await ann.until("offer", number)
        with suppress(websockets.ConnectionClosed):
            message = form.frame("offer", {"to": ann.id}, sdp=text) if code == 1009 else text
            await odd.socket.send(json.dumps(message) if code == 1009 else text, text=True)
        assert await odd.closed() == code
        assert await form.hears_of(ann, "user-left", number) == {"user_id": f"odd{number}"}
        assert len(ann.all("offer")) == number
    await bob.settled()
    await talks(form, ann, bob)


async def test_a_channel_wants_the_token_of_somebody_who_may_connect(
    instance: Instance, open_socket: Open, form: Form, cast: Cast, channel: int
):
    for token in ("", "x", cast.stranger["token"]):
        refused = await form.open(open_socket, f"channel-{channel}", "uninvited", token=token)
        assert await refused.closed() == 1008
        assert [frame["type"] for frame in refused.heard] == ["error"]
    room, token = str(channel), cast.ann["token"]
    ann = await form.come(open_socket, room, enter(instance, room, "Queen", token), token=token)
    assert online(instance, room, token) == {cast.ann["user"]["username"]: True}
    bob = await form.come(open_socket, f"channel-{channel}", "bob", token=cast.bob["token"])
    assert await form.hears_of(ann, "user-joined") == {"user_id": "bob", "user_name": cast.bob["user"]["username"]}
    await talks(form, ann, bob)


async def test_the_place_of_a_user_is_taken_and_given_up_by_himself_alone(
    instance: Instance, open_socket: Open, form: Form, cast: Cast, channel: int
):
    room = f"channel-{channel}"
    ann_id = enter(instance, room, "Ann", cast.ann["token"])
    thief = await form.open(open_socket, room, ann_id, token=cast.bob["token"])
    assert await thief.closed() == 1008
    ann = await form.come(open_socket, room, ann_id, token=cast.ann["token"])
    bob = await form.come(open_socket, room, "bob", token=cast.bob["token"])
    await form.hears_of(ann, "user-joined")
    for token, status in ((None, 401), (cast.stranger["token"], 403), (cast.bob["token"], 403)):
        assert instance.api("POST", "/room/leave", token, room_id=room, user_id=ann_id).status_code == status
    await talks(form, ann, bob)
    assert instance.api("POST", "/room/leave", cast.ann["token"], room_id=room, user_id=ann_id).status_code == 200
    assert await ann.closed() == 1008
    assert await form.hears_of(bob, "user-left") == {"user_id": ann_id}


async def test_nobody_comes_back_as_a_user_without_his_token(
    instance: Instance, open_socket: Open, form: Form, cast: Cast, room: str
):
    ann = await form.come(open_socket, room, enter(instance, room, "Ann"))
    bob = await form.come(open_socket, room, "bob", token=cast.bob["token"])
    name = cast.bob["user"]["username"]
    assert await form.hears_of(ann, "user-joined") == {"user_id": "bob", "user_name": name}
    assert instance.api("POST", "/room/leave", room_id=room, user_id="bob").status_code == 401
    bob.die()
    await form.hears_of(ann, "user-left")
    guest = await form.come(open_socket, room, "bob")
    assert await form.hears_of(ann, "user-joined", 2) == {"user_id": "bob", "user_name": "bob"}
    guest.die()
    await form.hears_of(ann, "user-left", 2)
    await form.come(open_socket, room, "bob", token=cast.bob["token"])
    assert await form.hears_of(ann, "user-joined", 3) == {"user_id": "bob", "user_name": name}


def kick(instance: Instance, server: int, owner: dict, user: dict) -> None:
    members = instance.api("GET", f"/serverMembers/{server}/members", owner["token"]).json()
    kicked = next(member["id"] for member in members if member["userId"] == user["user"]["id"])
    assert instance.api("DELETE", f"/serverMembers/{server}/members/{kicked}", owner["token"]).status_code == 204


def sign_out(instance: Instance, server: int, owner: dict, user: dict) -> None:
    assert instance.api("DELETE", "/auth/sessions/current", user["token"]).status_code == 204


@pytest.mark.parametrize("deed", [kick, sign_out])
async def test_whose_rights_end_while_he_sits_is_told_and_put_out_for_good(
    instance: Instance, open_socket: Open, form: Form, cast: Cast, deed: Callable[[Instance, int, dict, dict], None]
):
    bob = instance.sign_up("bob")
    server, channel = instance.voice_channel(cast.owner, cast.ann, bob)
    one = await form.come(open_socket, str(channel), "one", token=cast.ann["token"])
    two = await form.come(open_socket, str(channel), "two", token=bob["token"])
    await form.hears_of(one, "user-joined")
    deed(instance, server, cast.owner, bob)
    assert await two.closed() == 1008
    assert two.heard[-1]["type"] == "error"
    assert await form.hears_of(one, "user-left") == {"user_id": "two"}
    assert online(instance, str(channel), cast.ann["token"]) == {cast.ann["user"]["username"]: True}


async def test_an_address_that_names_no_room_or_nobody_is_refused(open_socket: Open, form: Form):
    where = [
        ("/ws", {"user_id": "ann"}),
        ("/ws", {"room_id": "a", "user_id": ""}),
        ("/ws", {"room_id": "x" * 129, "user_id": "a"}),
    ]
    if not form.is_flat:
        where = [
            ("/api/room/a/ws", {}),
            ("/api/meeting/a/ws", {"user_id": ""}),
            (f"/api/room/{'x' * 129}/ws", {"user_id": "a"}),
        ]
    for path, query in where:
        refused = await open_socket(path, **query)
        assert await refused.closed() == 1008
        assert [frame["type"] for frame in refused.heard] == ["error"]


async def test_a_meeting_is_a_room(instance: Instance, open_socket: Open, form: Form, room: str):
    answer = instance.api("POST", "/meeting/join", meeting_id=room, user_name="Ann").json()
    ann = await open_socket(f"/api/meeting/{room}/ws", known_as=answer["user_id"], user_id=answer["user_id"])
    await ann.until("user_joined")
    bob = await form.come(open_socket, room, enter(instance, room, "Bob"))
    assert (await ann.until("user_joined", 2))["data"] == {"user_id": bob.id, "user_name": "Bob"}
    assert online(instance, room) == {"Ann": True, "Bob": True}


@pytest.mark.parametrize("path", ["/api/room//ws", "/api/room/a/wss", "/api/rooms/a/ws", "/elsewhere"])
async def test_elsewhere_nobody_answers(open_socket: Open, form: Form, path: str):
    with pytest.raises(websockets.InvalidStatus):
        await open_socket(path, user_id="ann")
