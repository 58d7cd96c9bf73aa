"""`/api/room/**` of seed 003 and `/api/meeting/**`: places that REST gives, shows and takes away. Who comes by a socket is
tested in tests/protocol/bare.
"""

import json
import re
import secrets
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from projectvoice.kernel.limits import Limit
from tests.api.world import is_error
from tests.factories import make_channel, make_member, make_server, make_token, make_user
from voice.transports.switchboard import switchboard

pytestmark = pytest.mark.django_db
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Noun(NamedTuple):
    """What a family of paths calls a room."""

    name: str

    @property
    def id(self) -> str:
        return f"{self.name}_id"

    def join(self, api: Any, room: Any = None, name: Any = "Ann", **more: Any) -> Any:
        body = {"user_name": name, **({} if room is None else {self.id: room}), **more}
        return api.post(f"/api/{self.name}/join", body)

    def info(self, api: Any, room: str) -> Any:
        return api.get(f"/api/{self.name}/{room}/info")

    def leave(self, api: Any, room: Any, user_id: Any, **more: Any) -> Any:
        return api.post(f"/api/{self.name}/leave", {self.id: room, "user_id": user_id, **more})

    def names(self, api: Any, room: str) -> list[str]:
        answer = self.info(api, room)
        return [user["user_name"] for user in answer.json()["users"]] if answer.status_code == 200 else []


NOUNS = pytest.mark.parametrize("noun", [Noun("room"), Noun("meeting")], ids=lambda noun: noun.name)


@pytest.fixture
def room() -> str:
    return f"room-{secrets.token_hex(4)}"


@NOUNS
def test_joining_makes_a_room_and_answers_who_is_in_it(api_as, noun):
    api = api_as()
    first = noun.join(api, name=" Ann  Lee ").json()
    room = first[noun.id]
    second = noun.join(api, room, "Ben")
    assert second.status_code == 200
    called = {"meeting_name": room} if noun.name == "meeting" else {}
    user_id = second.json()["user_id"]
    assert second.json() == {noun.id: room, **called, "user_id": user_id, f"users_in_{noun.name}": ["Ann  Lee", "Ben"]}
    assert len({room, first["user_id"], user_id}) == 3
    assert all(len(made) >= 16 for made in (room, first["user_id"], user_id))
    assert first[f"users_in_{noun.name}"] == ["Ann  Lee"]

    info = noun.info(api, room).json()
    assert STAMP.fullmatch(info["created_at"])
    assert abs((datetime.fromisoformat(info.pop("created_at")) - datetime.now(UTC)).total_seconds()) < 60
    users = [
        {"user_id": first["user_id"], "user_name": "Ann  Lee", "is_online": False},
        {"user_id": user_id, "user_name": "Ben", "is_online": False},
    ]
    assert info == {noun.id: room, **called, "users": users}


@pytest.mark.parametrize("nothing", ["", None])
def test_a_room_without_an_id_is_a_new_one(api_as, nothing):
    made = {api_as().post("/api/room/join", {"room_id": nothing, "user_name": "Ann"}).json()["room_id"] for _ in range(2)}
    assert len(made) == 2
    assert not made & {"", None}


def test_a_room_that_is_named_need_not_be_there_and_is_the_same_by_both_families(api_as, room):
    api = api_as()
    assert is_error(api.get(f"/api/room/{room}/info"), 404)
    assert Noun("room").join(api, room).json()["room_id"] == room
    assert Noun("meeting").join(api, room, "Ben").json()["users_in_meeting"] == ["Ann", "Ben"]
    assert Noun("room").names(api, room) == ["Ann", "Ben"]


@NOUNS
def test_leaving_is_done_once_and_answered_as_often_as_it_is_said(api_as, noun, room):
    api = api_as()
    ann, ben = (noun.join(api, room, name).json()["user_id"] for name in ("Ann", "Ben"))
    for user_id in (ann, ann, "nobody"):
        answer = noun.leave(api, room, user_id)
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert noun.names(api, room) == ["Ben"]
    noun.leave(api, room, ben)
    assert is_error(noun.info(api, room), 404)
    assert noun.leave(api, room, ben).json() == {"success": True}


@NOUNS
@pytest.mark.parametrize("media_type", ["text/plain;charset=UTF-8", "text/plain", "application/json"])
def test_a_page_that_closes_leaves_by_beacon(api_as, noun, room, media_type):
    api = api_as()
    user_id = noun.join(api, room).json()["user_id"]
    body = json.dumps({noun.id: room, "user_id": user_id})
    answer = api.generic("POST", f"/api/{noun.name}/leave", body, content_type=media_type)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert noun.names(api, room) == []
    assert is_error(api.generic("POST", f"/api/{noun.name}/leave", "room", content_type=media_type), 400)
    assert is_error(api.generic("POST", f"/api/{noun.name}/join", body, content_type="text/plain"), 415)


WRONG: list[Any] = [None, "", "  ", 5, True, [], {}, "a\0b", "a" * 65]


@NOUNS
@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_a_name_is_needed_and_is_a_text(api_as, noun, room, wrong):
    api = api_as()
    assert is_error(noun.join(api, room, wrong), 400)
    assert is_error(api.post(f"/api/{noun.name}/join", {noun.id: room}), 400)
    assert is_error(noun.info(api, room), 404)
    assert noun.join(api, room, "a" * 64).status_code == 200


@NOUNS
@pytest.mark.parametrize("wrong", [5, 6.5, True, [], {}, "  ", "a\0b", "a" * 129], ids=repr)
def test_an_id_is_a_text_of_some_length(api_as, noun, room, wrong):
    api = api_as()
    assert is_error(noun.join(api, wrong), 400)
    assert is_error(noun.leave(api, wrong, "ann"), 400)
    assert is_error(noun.join(api, room, token=[wrong]), 400)


@NOUNS
@pytest.mark.parametrize("wrong", [None, "", 5, True, [], {}, "a\0b", "a" * 129], ids=repr)
def test_leaving_names_a_user(api_as, noun, room, wrong):
    assert is_error(noun.leave(api_as(), room, wrong), 400)


@NOUNS
def test_what_is_missing_is_refused(api_as, noun, room):
    api = api_as()
    for path, body in (("join", []), ("join", "x"), ("leave", {}), ("leave", {"user_id": "a"}), ("leave", {noun.id: room})):
        assert is_error(api.post(f"/api/{noun.name}/{path}", body), 400), (path, body)
    for raw in (b"", b"{", b'{"user_name":"\\ud800"}', b"\xff", b"[" * 500):
        assert is_error(api.generic("POST", f"/api/{noun.name}/join", raw, content_type="application/json"), 400), raw


@pytest.mark.parametrize("name", ["комната", "a/b", "a b", "?", "%2F", "join", "ws"])
def test_a_room_may_be_called_anything(api_as, room, name):
    api, name = api_as(), f"{room}{name}"
    Noun("room").join(api, name)
    quoted = "".join(f"%{byte:02X}" for byte in name.encode())
    assert Noun("room").names(api, quoted) == ["Ann"]


class Stage(NamedTuple):
    """A voice channel, by its two names; `ann` and `ben` may connect."""

    ann: Any
    ben: Any
    stranger: Any
    channel: int
    text: int


@pytest.fixture
def stage() -> Stage:
    server = make_server()
    ann, ben = (make_member(server).user for _ in range(2))
    return Stage(ann, ben, make_user(), make_channel(server).pk, make_channel(server, "text").pk)


@NOUNS
def test_a_channel_asks_who_comes_before_all_else(api_as, noun, stage):
    unknown = 2**40
    for room in (str(stage.channel), f"channel-{stage.channel}"):
        for api in (api_as(), api_as(token="x")):
            assert is_error(noun.join(api, room, ""), 401)
            assert is_error(noun.info(api, room), 401)
            assert is_error(noun.leave(api, room, None), 401)
            assert is_error(noun.join(api, f"channel-{unknown}"), 401)
        stranger, ann = api_as(stage.stranger), api_as(stage.ann)
        for api in (stranger, ann):
            assert is_error(noun.join(api, f"channel-{unknown}", ""), 404)
            assert is_error(noun.info(api, str(unknown)), 404)
            assert is_error(noun.leave(api, str(unknown), None), 404)
        assert is_error(noun.join(stranger, room, ""), 403)
        assert is_error(noun.info(stranger, room), 403)
        assert is_error(noun.leave(stranger, room, None), 403)
        assert is_error(noun.join(ann, room, ""), 400)
        assert is_error(noun.leave(ann, room, None), 400)
        assert is_error(noun.info(ann, room), 404)
    assert is_error(noun.join(api_as(stage.ann), str(stage.text)), 400)


@NOUNS
def test_in_a_channel_one_has_the_name_of_ones_account_and_a_place_of_ones_own(api_as, noun, stage):
    ann, ben, room = api_as(stage.ann), api_as(stage.ben), f"channel-{stage.channel}"
    user_id = noun.join(ann, room, "The owner").json()["user_id"]
    told = noun.join(ben, str(stage.channel), "Ann").json()
    assert told[f"users_in_{noun.name}"] == [stage.ann.username, stage.ben.username]
    assert is_error(noun.leave(ben, room, user_id), 403)
    assert noun.names(ben, room) == [stage.ann.username, stage.ben.username]
    assert noun.leave(ann, room, user_id).json() == {"success": True}
    assert noun.names(ben, room) == [stage.ben.username]
    noun.leave(ben, room, told["user_id"])


@NOUNS
def test_a_token_may_stand_in_the_body(api_as, noun, stage):
    api, room, token = api_as(), str(stage.channel), make_token(stage.ann)
    user_id = noun.join(api, room, token=token).json()["user_id"]
    assert is_error(noun.leave(api, room, user_id, token="x"), 401)
    assert is_error(noun.leave(api, room, user_id, token=None), 401)
    assert noun.leave(api, room, user_id, token=token).json() == {"success": True}


@NOUNS
def test_at_an_open_room_a_stale_token_closes_no_door(api_as, noun, room):
    api = api_as(token="x")
    user_id = noun.join(api, room, token="y").json()["user_id"]
    assert noun.names(api, room) == ["Ann"]
    assert noun.leave(api, room, user_id).json() == {"success": True}


@NOUNS
def test_open_rooms_can_be_switched_off(api_as, noun, room, stage, settings):
    settings.OPEN_ROOMS = False
    api, ann = api_as(), api_as(stage.ann)
    for refused in (noun.join(api), noun.join(ann, room), noun.info(api, room), noun.leave(api, room, "a")):
        assert is_error(refused, 403)
    user_id = noun.join(ann, str(stage.channel)).json()["user_id"]
    assert noun.leave(ann, str(stage.channel), user_id).status_code == 200


@NOUNS
def test_the_blocked_stay_outside_and_are_told_why(api_as, noun, stage):
    api = api_as(stage.ann)
    stage.ann.is_active = False
    stage.ann.save()
    refused = noun.join(api, str(stage.channel))
    assert is_error(refused, 403)
    assert refused.json().keys() >= {"blockedAt", "blockReason"}


def test_a_room_has_an_end(api_as, room, monkeypatch):
    monkeypatch.setattr(switchboard.hub, "_room_size", 2)
    api, noun = api_as(), Noun("room")
    assert [noun.join(api, room).status_code for _ in range(3)] == [200, 200, 400]
    assert noun.names(api, room) == ["Ann", "Ann"]


def test_an_address_takes_so_many_places_a_minute(api_as, room, settings, monkeypatch):
    settings.RATE_LIMITS = True
    monkeypatch.setattr("voice.api.zvonim.PLACES_PER_ADDRESS", Limit(room, most=2, window=10**9))
    api, noun = api_as(), Noun("room")
    assert [noun.join(api, room).status_code for _ in range(3)] == [200, 200, 429]
    assert noun.leave(api, room, "a").status_code == 200
