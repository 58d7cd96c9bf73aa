"""Every body field of every endpoint against everything that is not what it should be: 400, the field named, no row changed."""

import json
from typing import Any, NamedTuple

import pytest

from tests.api.world import is_error, rows
from tests.factories import PASSWORD
from tests.phrases import SIGNS_OUT

HUGE = [10_000 * "a", 2**31, 2**63, 10**30]
NOT_TEXT: list[Any] = [1, 0, 1.5, True, False, [], ["a"], {}, {"a": "b"}]
NO_LINKS = [
    "javascript:alert(1)",
    " JavaScript:alert(1)",
    "JAVASCRIPT:x",
    "java\nscript:x",
    "data:text/html,x",
    "vbscript:x",
    "file:///x",
    "blob:x",
    "//x",
    "x",
]
NO_DATES = ["", "soon", "2024-13-01T00:00:00Z", "2024-02-30T00:00:00Z", "31.12.2024", "0001-01-01T00:00:00+14:00", "1" * 10_000]
BLANK = ["", "  ", "\t\n"]
RAW = [b'"\\ud800"', b'"a\\udfffb"', b'"\\u0000"', b'"a\\u0000b"', b"NaN", b"1e400", b"1" * 5000, b"[" * 500, b'"\xff"', b"tru"]


class Field(NamedTuple):
    name: str
    bad: list[Any]
    good: list[Any]
    required: bool = False
    nullable: bool = False
    null_is: Any = None  # what null comes back as


def text(name: str, longest: int, required: bool = False, optional: bool = False) -> Field:
    """`optional`: null and blank mean unset."""
    strange = ["🎙️", "שלום עולם", "\u202eabc", "e\u0301", "<script>alert(1)</script>", "' OR 1=1 --", "a" * longest, "%_\\"]
    bad = [*NOT_TEXT, "a" * (longest + 1), 10_000 * "a", "a\0b", *([] if optional else BLANK)]
    return Field(name, bad, strange, required, optional)


def integer(name: str, least: int, nullable: bool = False) -> Field:
    bad = [least - 1, -1, 1.5, 5.0, "5", "", "a", True, [], [5], {}, 2**31, 2**63, 10**30, -(2**63)]
    return Field(name, bad, [least, 2**31 - 1], nullable=nullable)


def link(name: str) -> Field:
    return Field(
        name, [*NOT_TEXT, *NO_LINKS, "https://x/" + 10_000 * "a", "https://x/\0"], ["https://x.test/я.png"], nullable=True
    )


USERNAME = Field(
    "username",
    [*NOT_TEXT, *BLANK, "ab", "a" * 26, 10_000 * "a", "a b c", "a\0bc", "a\u202ebc", "аdmin", "admin.Οwner", "🎙️🎙️🎙️"],
    ["Юзер_1", "שלום", "a.b-c", "DJ_Антон"],
    True,
)
EMAIL = Field(
    "email",
    [
        *NOT_TEXT,
        *BLANK,
        "a",
        "a@",
        "@a.b",
        "a@b",
        "a b@example.com",
        "a@example.com\nb",
        "a\0@example.com",
        "a" * 10_000 + "@a.test",
    ],
    ["A.b+c@Example.com"],
    True,
)
PASSWORD_FIELD = Field(
    "password", [*NOT_TEXT, "", "1234567", "a" * 129, "я" * 65, 10_000 * "a", "a\0bcdefgh"], ["🎙️🎙️🎙️🎙️", " a b c d "], True
)
CHOICE = [*NOT_TEXT, *BLANK, "Text", "video", "text\0", ["text"], 10_000 * "a", "invalid token", "Unauthorized"]


def identity(name: str) -> Field:
    return Field(name, ["", "1", "a", 0, -1, 1.5, True, [], [1], {}, 2**63, 10**30, -(2**63)], [], True)


def flag(name: str) -> Field:
    return Field(name, ["", "true", "yes", 0, 1, 1.5, [], {}], [True, False])


MEMBER_ROLE = Field("role", [*CHOICE, "owner", "Owner", "Moderator", "everyone"], ["moderator", "admin"])
ROLE = [
    Field(
        "color",
        [*NOT_TEXT, *BLANK, "red", "#FFF", "FF00000", "#FF000", "#FF00000", "#GG0000", "#FF00\0", "#１23456"],
        ["#ff0000"],
    ),
    Field(
        "permissions",
        [
            "",
            " ",
            "a",
            "-1",
            "+1",
            "1.0",
            "0x8",
            "1e3",
            "٣",
            "1\0",
            "1_0",
            -1,
            1.5,
            True,
            [],
            [8],
            {},
            2**63,
            str(2**63),
            10**30,
            "9" * 5000,
        ],
        ["0", "8", str(2**53 + 1), str(2**63 - 1)],
    ),
    integer("position", 0),
    flag("isHoisted"),
    flag("isMentionable"),
]

SLOWMODE = Field("slowmode", [-1, 21_601, 1.5, 5.0, "5", "", True, [], {}, 2**63, 10**30], [0, 21_600])
USER_LIMIT = Field("userLimit", [-1, 100, *SLOWMODE.bad[2:]], [0, 1, 99], nullable=True, null_is=0)
CATEGORY = Field("categoryId", [*identity("categoryId").bad], [], nullable=True)
BITS = ROLE[1]._replace(good=["0", "1024", str(1 << 39)])

# method, path, a valid body, its fields
ENDPOINTS = [
    (
        "post",
        "/auth/register",
        {"username": "fresh", "email": "fresh@example.com", "password": PASSWORD},
        [USERNAME, EMAIL, PASSWORD_FIELD],
    ),
    ("put", "/auth/users/{me}", {}, [USERNAME._replace(required=False), EMAIL._replace(required=False)]),
    (
        "put",
        "/auth/users/{me}/password",
        {"oldPassword": PASSWORD, "newPassword": "password456"},
        [
            PASSWORD_FIELD._replace(name="newPassword"),
            Field("oldPassword", [*NOT_TEXT, "", "a" * 129, 10_000 * "a", "a\0"], [], True),
        ],
    ),
    (
        "put",
        "/users",
        {},
        [
            USERNAME._replace(required=False),
            USERNAME._replace(name="name", required=False),
            link("profilePicture"),
            text("bio", 500, optional=True),
            Field("status", [*CHOICE, "away", "ONLINE"], ["online", "idle", "dnd", "offline"]),
        ],
    ),
    (
        "post",
        "/servers",
        {"name": "S"},
        [text("name", 100, required=True), text("description", 1000, optional=True), link("icon")],
    ),
    ("put", "/servers/{server}", {}, [text("name", 100), text("description", 1000, optional=True), link("icon")]),
    (
        "post",
        "/servers/{server}/channels",
        {"name": "c"},
        [
            text("name", 100, required=True),
            Field("type", CHOICE, ["text", "voice"]),
            text("description", 1000, optional=True),
            integer("position", 0),
            SLOWMODE,
            USER_LIMIT,
            CATEGORY,
        ],
    ),
    (
        "put",
        "/servers/{server}/channels/{channel}",
        {},
        [
            text("name", 100),
            Field("type", CHOICE, ["text"]),
            text("description", 1000, optional=True),
            integer("position", 0),
            SLOWMODE,
            USER_LIMIT,
            CATEGORY,
        ],
    ),
    (
        "put",
        "/servers/{server}/channels/order",
        {"channels": [{"id": "{channel}", "position": 1}]},
        [Field("channels", ["", "a", 1, 1.5, True, {}, [], [{"id": 1, "position": 1}] * 501], [], True)],
    ),
    ("post", "/servers/{server}/categories", {"name": "c"}, [text("name", 100, required=True), integer("position", 0)]),
    ("put", "/servers/{server}/categories/{category}", {}, [text("name", 100), integer("position", 0)]),
    *(
        ("put", "/servers/{server}/channels/{channel}/permissions/" + whose, {}, [BITS._replace(name=name)])
        for whose in ("roles/{role}", "members/{member}")
        for name in ("allow", "deny")
    ),
    (
        "patch",
        "/serverMembers/{server}/members/{member}/timeout",
        {"mutedUntil": None},
        [Field("mutedUntil", [*NOT_TEXT, 1735689599, *NO_DATES], ["2020-01-02T03:04:05.678Z"], True, nullable=True)],
    ),
    (
        "post",
        "/serverMembers/{server}/members/{member}/ban",
        {},
        [
            text("reason", 500, optional=True),
            Field("expiresAt", [*NOT_TEXT, 1735689599, *NO_DATES, "2020-01-02T03:04:05.678Z"], [], nullable=True),
        ],
    ),
    ("post", "/serverMembers/{server}/members", {"userId": "{fresh_user}"}, [identity("userId"), MEMBER_ROLE]),
    ("put", "/serverMembers/{server}/members/{member}", {"role": "member"}, [MEMBER_ROLE._replace(required=True)]),
    ("patch", "/serverMembers/{server}/members/{member}", {}, [text("nickname", 32)._replace(nullable=True)]),
    (
        "put",
        "/serverMembers/{server}/members/{member}/roles",
        {"roleIds": []},
        [Field("roleIds", ["", "a", 1, 1.5, True, {}, {"a": 1}, [1] * 251], [], True)],
    ),
    ("patch", "/serverMembers/{server}/members/{member}/voice", {}, [flag("isMuted"), flag("isDeafened")]),
    (
        "post",
        "/serverMembers/{server}/members/{member}/move",
        {"channelId": None},
        [identity("channelId")._replace(nullable=True)],
    ),
    ("post", "/serverMembers/{server}/owner", {"userId": "{member_user}"}, [identity("userId")]),
    ("post", "/servers/{server}/roles", {"name": "r"}, [text("name", 100, required=True), *ROLE]),
    ("patch", "/servers/{server}/roles/{role}", {}, [text("name", 100), *ROLE]),
    (
        "post",
        "/invite/{server}/invite",
        {},
        [
            integer("maxUses", 1, nullable=True),
            Field("expiresAt", [*NOT_TEXT, 1735689599, *NO_DATES], ["2030-01-02T03:04:05.678Z"], nullable=True),
        ],
    ),
]
CASES = [(method, path, body, field) for method, path, body, fields in ENDPOINTS for field in fields]


def caller(world, api_as, path):
    return api_as(world.who["member" if path.startswith(("/auth", "/users")) else "owner"])


@pytest.mark.parametrize(
    ("method", "path", "body", "field"), CASES, ids=[f"{case[0]}{case[1]}-{case[3].name}" for case in CASES]
)
def test_a_bad_value_is_refused_by_its_field_name_and_changes_nothing(world, api_as, method, path, body, field):
    call, url = getattr(caller(world, api_as, path), method), world.path(path)
    body = world.body(body)
    bad = field.bad if field.nullable else [None, *field.bad]
    before = rows()
    for value in bad:
        answer = call(url, {**body, field.name: value})
        assert is_error(answer, 400), (value, answer.content)
        assert answer.json()["error"].startswith(f"{field.name}:"), (value, answer.content)
        assert not [phrase for phrase in SIGNS_OUT if phrase in answer.json()["error"].lower()]
        assert len(answer.content) < 1000
    if field.required:
        answer = call(url, {name: value for name, value in body.items() if name != field.name})
        assert is_error(answer, 400)
        assert answer.json()["error"].startswith(f"{field.name}:")
    assert rows() == before


@pytest.mark.parametrize(
    ("method", "path", "body", "field"), CASES, ids=[f"{case[0]}{case[1]}-{case[3].name}" for case in CASES]
)
def test_what_no_strict_json_can_say_is_refused(world, api_as, method, path, body, field):
    call, url = getattr(caller(world, api_as, path), method), world.path(path)
    before = rows()
    for raw in RAW:
        data = json.dumps({**world.body(body), field.name: "HERE"}).encode().replace(b'"HERE"', raw)
        assert is_error(call(url, data, content_type="application/json"), 400), raw
    assert rows() == before


ONCE = {"/serverMembers/{server}/members", "/serverMembers/{server}/members/{member}/ban"}  # a second one is refused
ECHOED = [case for case in CASES if "assword" not in case[3].name and case[1] not in ONCE]


@pytest.mark.parametrize(
    ("method", "path", "body", "field"), ECHOED, ids=[f"{case[0]}{case[1]}-{case[3].name}" for case in ECHOED]
)
def test_a_good_value_comes_back_unchanged(world, api_as, method, path, body, field):
    call, url = getattr(caller(world, api_as, path), method), world.path(path)
    body = world.body(body)
    for number, value in enumerate([*field.good, *([None] if field.nullable else [])]):
        fresh = {"username": f"fresh{number}", "email": f"fresh{number}@example.com"} if path == "/auth/register" else {}
        answer = call(url, {**body, **fresh, field.name: value})
        assert answer.status_code in (200, 201), answer.content
        got = answer.json()
        got = got if field.name in got else got.get("user") or got["invite"]
        assert got[field.name] == (field.null_is if value is None else value)
    if field.name in {"bio", "profilePicture", "description", "icon"}:
        assert call(url, {**body, field.name: ""}).json()[field.name] is None  # blank is unset


LOGIN = [
    ("email", [None, *NOT_TEXT, *BLANK, "a" * 255, 10_000 * "a", "a\0@example.com"]),
    ("password", [None, *NOT_TEXT, "", "a" * 129, 10_000 * "a", "a\0"]),
]


@pytest.mark.parametrize(("name", "values"), LOGIN)
def test_sign_in_refuses_odd_credentials_with_400(world, api_as, name, values):
    body = {"email": world.who["member"].email, "password": PASSWORD}
    assert api_as().post("/api/auth/login", body).status_code == 200
    for value in values:
        answer = api_as().post("/api/auth/login", {**body, name: value})
        assert is_error(answer, 400), (value, answer.content)
        assert answer.json()["error"].startswith(f"{name}:")
    missing = api_as().post("/api/auth/login", {key: value for key, value in body.items() if key != name})
    assert is_error(missing, 400)


@pytest.mark.parametrize(("method", "path", "body", "_"), ENDPOINTS)
def test_a_body_that_is_no_object_is_refused(world, api_as, method, path, body, _):
    call = getattr(caller(world, api_as, path), method)
    before = rows()
    for raw in ("null", "[]", "[{}]", '"text"', "1", "true", "{", "{'a': 1}", "[" * 100_000, '{"a":' * 5000):
        answer = call(world.path(path), raw, content_type="application/json")
        assert is_error(answer, 400), (raw[:20], answer.content)
    assert rows() == before


ODD_IDS = [
    "0",
    "-1",
    str(2**31),
    str(2**63),
    str(10**30),
    "9" * 5000,
    "abc",
    "1.5",
    "٣",
    "１",
    "%00",
    "%ff",
    "..",
    "null",
    "1e3",
    "+1",
    "%2e%2e%2f",
]
PATHS = [
    ("get", "/users/{}"),
    ("put", "/auth/users/{}"),
    ("put", "/auth/users/{}/password"),
    ("delete", "/auth/sessions/{}"),
    ("get", "/servers/{}"),
    ("put", "/servers/{}"),
    ("delete", "/servers/{}"),
    ("post", "/servers/{}/channels"),
    ("get", "/servers/{{server}}/channels/{}"),
    ("delete", "/servers/{{server}}/channels/{}"),
    ("get", "/serverMembers/{}/members"),
    ("get", "/serverMembers/{{server}}/members/{}"),
    ("delete", "/serverMembers/{{server}}/members/{}"),
    ("post", "/serverMembers/{{server}}/members/{}/ban"),
    ("delete", "/servers/{{server}}/bans/{}"),
    ("put", "/serverMembers/{{server}}/members/{}"),
    ("put", "/serverMembers/{{server}}/members/{}/roles"),
    ("patch", "/serverMembers/{{server}}/members/{}/voice"),
    ("patch", "/serverMembers/{{server}}/members/{}/timeout"),
    ("post", "/serverMembers/{{server}}/members/{}/move"),
    ("put", "/servers/{{server}}/categories/{}"),
    ("delete", "/servers/{{server}}/categories/{}"),
    ("get", "/servers/{{server}}/channels/{}/permissions"),
    ("put", "/servers/{{server}}/channels/{{channel}}/permissions/roles/{}"),
    ("delete", "/servers/{{server}}/channels/{{channel}}/permissions/members/{}"),
    ("get", "/servers/{}/permissions/explain"),
    ("get", "/servers/{}/audit"),
    ("post", "/serverMembers/{}/owner"),
    ("get", "/servers/{}/roles"),
    ("patch", "/servers/{{server}}/roles/{}"),
    ("delete", "/servers/{{server}}/roles/{}"),
    ("post", "/servers/{{server}}/roles/members/{}/roles/{{role}}"),
    ("post", "/servers/{{server}}/roles/members/{{member}}/roles/{}"),
    ("delete", "/servers/{{server}}/roles/members/{{member}}/roles/{}"),
    ("post", "/invite/{}/invite"),
    ("get", "/invite/{}/invites"),
    ("delete", "/invite/{}"),
    ("get", "/invite/invite/{}"),
    ("post", "/invite/invite/{}/accept"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_an_odd_id_in_a_path_is_not_found(world, api_as, method, path):
    api = api_as(world.who["owner"])
    before = rows()
    for odd in ODD_IDS:
        url = "/api" + path.format(odd).format(**world.ids)
        answer = getattr(api, method)(url, {})
        assert is_error(answer, 404), (url, answer.content)
    assert rows() == before


def test_unknown_fields_are_ignored_and_never_applied(world, api_as):
    extra = {
        "id": 1,
        "role": "admin",
        "isActive": False,
        "ownerId": world.ids["me"],
        "isBlocked": True,
        "members": [],
        "serverId": world.other.pk,
    }
    made = api_as().post("/api/auth/register", {"username": "fresh", "email": "f@example.com", "password": PASSWORD, **extra})
    assert made.status_code == 201
    assert (made.json()["user"]["role"], made.json()["user"]["isActive"]) == ("user", True)
    member, owner = api_as(world.who["member"]), api_as(world.who["owner"])
    email = world.who["member"].email
    assert member.put("/api/users", {"bio": "b", **extra, "email": "x@example.com", "password": "x"}).status_code == 200
    assert member.get("/api/auth/me").json().items() >= {"role": "user", "isActive": True, "email": email, "bio": "b"}.items()
    server = owner.put(world.path("/servers/{server}"), {"name": "N", **extra}).json()
    assert (server["ownerId"], server["isBlocked"], len(server["members"])) == (world.server.owner_id, False, 5)
    channel = owner.post(world.path("/servers/{server}/channels"), {"name": "c", **extra}).json()
    assert channel["serverId"] == world.server.pk
    invite = owner.post(world.path("/invite/{server}/invite"), {**extra, "token": "x", "uses": 9, "createdBy": 1}).json()[
        "invite"
    ]
    assert (invite["serverId"], invite["uses"], invite["createdBy"]) == (world.server.pk, 0, world.server.owner_id)


def test_paging_is_refused_unless_positive_integers(world, api_as):
    api, url = api_as(world.who["member"]), world.path("/serverMembers/{server}/members")
    for value in ("0", "-1", "1.5", "a", "", "1e3", "٣", "%00", "null"):
        for name in ("page", "limit"):
            assert is_error(api.get(f"{url}?{name}={value}"), 400), (name, value)
    for huge in ("1000000", "9" * 40):
        assert len(api.get(f"{url}?limit={huge}").json()) == 5
        assert api.get(f"{url}?page={huge}").json() == []
