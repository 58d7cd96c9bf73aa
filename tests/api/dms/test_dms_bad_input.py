"""`/api/dms` against everything that is not what it should be: 400, the field named, no row changed."""

import json

import pytest
from django.test import Client

from friends.models import Conversation, Participant
from servers.models import Channel
from tests.api.dms.conftest import UNKNOWN, URL
from tests.api.test_bad_input import BLANK, NOT_TEXT, ODD_IDS, RAW, identity
from tests.api.world import is_error
from tests.factories import make_channel, make_group, make_server, make_user
from tests.phrases import SIGNS_OUT

pytestmark = pytest.mark.django_db
ODD_LISTS = [
    None,
    "",
    "a",
    1,
    1.5,
    True,
    {},
    {"a": 1},
    [],
    list(range(1, 11)),
    [1] * 10,
    [0],
    [-1],
    ["1"],
    [1.5],
    [True],
    [None],
    [[1]],
    [{}],
    [2**63],
]
ODD_NAMES = [None, *NOT_TEXT, "a" * 101, 10_000 * "a", "a\0b"]
GOOD_NAMES = ["", "🎙️", "שלום עולם", "<script>alert(1)</script>", "' OR 1=1 --", "a" * 100, "%_\\"]


@pytest.fixture
def group(people):
    return make_group(people.dora, people.boris, name="before")


def rows():
    return [list(model.objects.order_by("pk").values()) for model in (Channel, Conversation, Participant)]


def cases(people):
    friend = people.boris.pk
    return [
        ("post", URL, {"userId": friend}, "userId", [None, *identity("userId").bad]),
        ("post", f"{URL}/groups", {"userIds": [friend]}, "userIds", ODD_LISTS),
        ("post", f"{URL}/groups", {"userIds": [friend], "name": "n"}, "name", ODD_NAMES),
    ]


def test_a_bad_value_is_refused_by_its_field_name_and_changes_nothing(api_as, people, group):
    before = rows()
    a, d = api_as(people.anna), api_as(people.dora)
    todo = [(a, *case) for case in cases(people)] + [(d, "put", f"{URL}/{group.pk}", {"name": "n"}, "name", ODD_NAMES)]
    for api, method, path, body, field, bad in todo:
        for value in bad:
            answer = getattr(api, method)(path, {**body, field: value})
            assert is_error(answer, 400), (path, value, answer.content)
            assert answer.json()["error"].startswith(f"{field}"), (path, value, answer.content)
            assert not [phrase for phrase in SIGNS_OUT if phrase in answer.json()["error"].lower()]
        for raw in RAW:
            data = json.dumps({**body, field: "HERE"}).encode().replace(b'"HERE"', raw)
            assert is_error(getattr(api, method)(path, data, content_type="application/json"), 400), (path, raw)
        for raw in ("null", "[]", '"text"', "1", "{", "[" * 100_000):
            assert is_error(getattr(api, method)(path, raw, content_type="application/json"), 400), (path, raw[:9])
    assert is_error(d.put(f"{URL}/{group.pk}", {}), 400)
    assert is_error(a.post(URL, {}), 400)
    assert is_error(a.post(f"{URL}/groups", {"name": "n"}), 400)
    assert rows() == before


def test_a_good_name_comes_back_unchanged(api_as, people, group):
    api = api_as(people.dora)
    for name in GOOD_NAMES:
        assert api.put(f"{URL}/{group.pk}", {"name": name}).json()["name"] == name
        assert api_as(people.anna).post(f"{URL}/groups", {"userIds": [people.boris.pk], "name": name}).json()["name"] == name
    for blank in BLANK:
        assert api.put(f"{URL}/{group.pk}", {"name": blank}).json()["name"] == ""


def test_unknown_fields_are_ignored(api_as, people):
    extra = {"id": 7, "type": "group", "ownerId": people.boris.pk, "participants": [people.dora.pk], "createdAt": "2000-01-01"}
    direct = api_as(people.anna).post(URL, {"userId": people.boris.pk, **extra}).json()
    assert (direct["type"], direct["ownerId"], len(direct["participants"])) == ("direct", None, 2)
    made = api_as(people.anna).post(f"{URL}/groups", {"userIds": [people.boris.pk], **extra}).json()
    assert (made["type"], made["ownerId"], len(made["participants"])) == ("group", people.anna.pk, 2)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/{}"),
        ("put", "/{}"),
        ("put", "/{}/participants/1"),
        ("delete", "/{}/participants/1"),
        ("put", "/{{group}}/participants/{}"),
        ("delete", "/{{group}}/participants/{}"),
    ],
)
def test_an_odd_id_in_a_path_is_not_found(api_as, people, group, method, path):
    before = rows()
    for odd in ODD_IDS:
        answer = getattr(api_as(people.dora), method)(URL + path.format(odd).format(group=group.pk), {"name": "n"})
        assert is_error(answer, 404), (odd, answer.content)
    assert rows() == before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "", 200),
        ("post", "", 400),
        ("post", "/groups", 400),
        ("get", f"/{UNKNOWN}", 404),
        ("put", f"/{UNKNOWN}", 404),
        ("put", f"/{UNKNOWN}/participants/1", 404),
        ("delete", f"/{UNKNOWN}/participants/1", 404),
        ("delete", "", 405),
        ("get", "/groups", 405),
        ("delete", f"/{UNKNOWN}", 405),
        ("get", f"/{UNKNOWN}/participants/1", 405),
    ],
)
def test_each_path_wants_a_session_and_works_with_and_without_its_slash(api_as, method, path, status):
    for address in (f"{URL}{path}", f"{URL}{path}/"):
        assert is_error(getattr(Client(), method)(address), 401)
        assert getattr(api_as(make_user()), method)(address).status_code == status


def test_the_id_of_a_servers_channel_is_no_conversation(api_as, people, group):
    channel = make_channel(make_server(people.dora), type="text")
    for call in ("get", "put"):
        assert is_error(getattr(api_as(people.dora), call)(f"{URL}/{channel.pk}", {"name": "n"}), 404)
