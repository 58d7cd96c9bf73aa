"""`/api/rooms/**` of seed 001: places in rooms. What sockets make of them: tests/protocol/test_hub_signaling.py."""

import secrets
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from projectvoice.kernel.limits import Limit
from servers.access import access_channel
from servers.permissions import Permission
from servers.services.channels import overwrite_put
from tests.api.world import UNKNOWN_TOKEN, World, is_error
from tests.factories import make_channel, make_token, make_user
from tests.phrases import SIGNS_OUT
from voice.core.errors import RoomFull
from voice.transports.switchboard import switchboard

pytestmark = pytest.mark.django_db
JOIN, LEAVE, STATS = "/api/rooms/join", "/api/rooms/leave", "/api/rooms/stats"


def new_room() -> str:
    return f"room-{secrets.token_hex(6)}"


def place(api: APIClient, **body: Any) -> dict[str, str]:
    answer = api.post(JOIN, body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_place_in_a_room_has_an_id_that_nobody_guesses(api_as):
    room = new_room()
    places = [place(api_as(), room_id=room) for _ in range(3)]
    ids = {each["client_id"] for each in places}
    assert {UUID(each).version for each in ids} == {4}
    assert len(ids) == 3
    assert places[0] == {"room_id": room, "client_id": places[0]["client_id"], "status": "joined"}


@pytest.mark.parametrize("body", [None, {}, {"room_id": None}, {"more": 1}])
def test_without_a_room_a_new_one_is_made(api_as, body):
    rooms = {api_as().post(JOIN, body).json()["room_id"] for _ in range(3)}
    assert len(rooms) == 3
    assert all(room.startswith("room-") for room in rooms)


def test_a_place_is_given_up_once(api_as):
    mine, other = place(api_as()), place(api_as())
    left = api_as().post(LEAVE, {"room_id": mine["room_id"], "client_id": mine["client_id"]})
    assert (left.status_code, left.json()) == (200, {**mine, "status": "left"})
    for room, client in (
        (mine["room_id"], mine["client_id"]),
        (mine["room_id"], other["client_id"]),
        (other["room_id"], mine["client_id"]),
        (new_room(), "nobody"),
    ):
        assert is_error(api_as().post(LEAVE, {"room_id": room, "client_id": client}), 404)
    assert api_as().post(LEAVE, {"room_id": other["room_id"], "client_id": other["client_id"]}).status_code == 200


def test_who_has_a_place_and_no_socket_counts_for_nobody(api_as):
    room = place(api_as())["room_id"]
    for path in (STATS, "/rooms"):
        assert room not in str(api_as().get(path).json())
    assert api_as(token="garbage").get(STATS).status_code == 200
    assert api_as().get(STATS).json().keys() == {"rooms", "total_rooms", "total_clients"}


NOT_TEXT: list[Any] = [1, 0, 1.5, True, [], ["a"], {}, {"a": "b"}]
NO_NAMES = ["", "  ", "\t\n", "a\0b", "a" * 129, "a" * 10_000]


@pytest.mark.parametrize("value", [*NOT_TEXT, *NO_NAMES], ids=lambda value: repr(value)[:20])
def test_what_is_no_name_is_refused(api_as, value):
    assert is_error(api_as().post(JOIN, {"room_id": value}), 400)
    assert is_error(api_as().post(LEAVE, {"room_id": value, "client_id": "a"}), 400)
    assert is_error(api_as().post(LEAVE, {"room_id": new_room(), "client_id": value}), 400)


@pytest.mark.parametrize("value", [*NOT_TEXT, "a\0b", "a" * 10_000], ids=lambda value: repr(value)[:20])
def test_a_token_is_a_text_and_an_empty_one_is_none(api_as, value):
    assert is_error(api_as().post(JOIN, {"token": value}), 400)
    mine = place(api_as(), token="")
    assert is_error(api_as().post(LEAVE, {**mine, "token": value}), 400)
    assert api_as().post(LEAVE, {**mine, "token": None}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"room_id": "a"}, {"client_id": "a"}, {"room_id": None, "client_id": "a"}])
def test_leaving_needs_both_fields(api_as, body):
    assert is_error(api_as().post(LEAVE, body), 400)


@pytest.mark.parametrize("path", [JOIN, LEAVE])
@pytest.mark.parametrize(
    "raw", [b"[]", b'"a"', b"7", b"{", b'{"room_id": "\\ud800"}', b'{"room_id": NaN}', b"[" * 500, b"\xff"]
)
def test_what_is_no_object_is_refused(api_as, path, raw):
    assert is_error(api_as().generic("POST", path, raw, content_type="application/json"), 400)


@pytest.mark.parametrize("spelling", ["{}", "channel-{}"])
def test_a_channel_is_for_those_who_may_connect(api_as, world: World, spelling):
    room = spelling.format(world.ids["channel"])
    member = world.who["member"]
    text = make_channel(world.server, "text", "general").pk
    assert is_error(api_as().post(JOIN, {"room_id": room}), 401)
    assert is_error(api_as(token="garbage").post(JOIN, {"room_id": room}), 401)
    assert is_error(api_as(member).post(JOIN, {"room_id": str(2**40)}), 404)
    assert is_error(api_as(world.who["stranger"]).post(JOIN, {"room_id": room}), 403)
    assert is_error(api_as(member).post(JOIN, {"room_id": str(text)}), 400)
    mine = place(api_as(member), room_id=room)
    assert mine["room_id"] == room
    by_body = place(api_as(), room_id=room, token=make_token(member))
    assert is_error(api_as(member).post(JOIN, {"room_id": room, "token": UNKNOWN_TOKEN}), 401)  # the body's goes first

    leave = {"room_id": room, "client_id": mine["client_id"]}
    assert is_error(api_as().post(LEAVE, leave), 401)
    assert is_error(api_as(world.who["stranger"]).post(LEAVE, leave), 403)
    refused = api_as(world.who["admin"]).post(LEAVE, leave)
    assert is_error(refused, 403)
    assert refused.json()["error"] == "This place is somebody else's"
    assert api_as(member).post(LEAVE, leave).status_code == 200
    assert is_error(api_as(member).post(LEAVE, leave), 404)
    other = {"room_id": spelling.format(world.ids["channel"]), "client_id": by_body["client_id"], "token": make_token(member)}
    assert api_as().post(LEAVE, other).status_code == 200


def test_without_connect_there_is_no_place(api_as, world: World):
    room = str(world.ids["channel"])
    place(api_as(world.who["member"]), room_id=room)
    _, access = access_channel(world.who["owner"], world.ids["channel"])
    overwrite_put(access=access, of=world.members["member"], deny=Permission.CONNECT)
    refused = api_as(world.who["member"]).post(JOIN, {"room_id": room})
    assert is_error(refused, 403)
    assert refused.json()["details"]["permission"] == "CONNECT"


def test_a_users_place_in_an_open_room_is_his_alone_and_a_guests_is_not(api_as):
    ann, bob = make_user(), make_user()
    hers, guests = place(api_as(ann)), place(api_as())
    leave = {"room_id": hers["room_id"], "client_id": hers["client_id"]}
    assert is_error(api_as().post(LEAVE, leave), 401)
    assert is_error(api_as(bob).post(LEAVE, leave), 403)
    assert api_as(ann).post(LEAVE, leave).status_code == 200
    assert api_as(bob).post(LEAVE, {"room_id": guests["room_id"], "client_id": guests["client_id"]}).status_code == 200


def test_a_bad_token_is_refused_where_none_is_needed(api_as):
    assert is_error(api_as(token="garbage").post(JOIN, {}), 401)
    assert is_error(api_as().post(JOIN, {"token": "garbage"}), 401)


def test_open_rooms_can_be_switched_off(api_as, settings, world: World):
    settings.OPEN_ROOMS = False
    for api in (api_as(), api_as(world.who["member"])):
        refused = api.post(JOIN, {"room_id": new_room()})
        assert is_error(refused, 403)
        assert not any(phrase in refused.json()["error"].lower() for phrase in SIGNS_OUT)
        assert is_error(api.post(LEAVE, {"room_id": new_room(), "client_id": "a"}), 403)
    place(api_as(world.who["member"]), room_id=str(world.ids["channel"]))


def test_a_full_room_is_refused(api_as, monkeypatch):
    monkeypatch.setattr(switchboard.hub, "_room_size", 2)
    room = new_room()
    for _ in range(2):
        place(api_as(), room_id=room)
    refused = api_as().post(JOIN, {"room_id": room})
    assert is_error(refused, 400)
    assert refused.json()["error"] == RoomFull.message.en


def test_one_address_does_not_fill_the_instance_with_rooms(api_as, settings, monkeypatch):
    settings.RATE_LIMITS = True
    monkeypatch.setattr("voice.api.hub_rooms.PLACES_PER_ADDRESS", Limit(secrets.token_hex(4), most=2, window=86_400))
    assert [api_as().post(JOIN, {}).status_code for _ in range(3)] == [200, 200, 429]
