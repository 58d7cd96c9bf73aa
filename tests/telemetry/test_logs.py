"""Lines of the log: for programs one object each, with the ids of what is being done and no secrets."""

import json
import logging
import secrets
from typing import Any

import pytest
import requests
from django.test import RequestFactory
from django.urls import resolve

from launch import console
from projectvoice.logs import JsonFormatter, LineFormatter
from projectvoice.seen import masked_query
from telemetry import context
from tests.conftest import PATIENCE, Instance
from tests.protocol.conftest import Connect
from tests.telemetry.conftest import Looked


def get(instance: Instance, path: str, request_id: str, token: str = "") -> requests.Response:
    headers = {"X-Request-ID": request_id, "Authorization": f"Bearer {token}"}
    return requests.get(f"{instance.url}{path}", headers=headers, timeout=PATIENCE)


def test_a_request_is_one_line_with_its_ids(looked: Looked):
    owner, mine = looked.sign_up(), f"proxy-{secrets.token_hex(8)}"
    server, _ = looked.voice_channel(owner)
    answer = get(looked, f"/api/servers/{server}?page=2&note=hello", mine, owner["token"])
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (200, mine)
    line = looked.line(requestId=mine)
    assert line["time"].endswith("Z")
    assert line["seconds"] > 0
    known = {"level": "INFO", "logger": "projectvoice.access", "method": "GET", "status": 200, "message": line["message"]}
    known |= {"path": f"/api/servers/{server}?page=2&note=…", "userId": owner["user"]["id"], "serverId": server}
    assert known.items() <= line.items()
    assert line["process"] in {"web-0", "web-1"}


@pytest.mark.parametrize("bad", ["two words", "x" * 65, "ключ".encode().decode("latin-1"), "{}"])
def test_what_is_no_id_is_not_taken(looked: Looked, bad: str):
    answer = get(looked, "/api/health", bad)
    assert answer.headers["X-Request-ID"] != bad
    assert looked.line(requestId=answer.headers["X-Request-ID"])["path"] == "/api/health"


def test_of_strangers_no_id_is_taken(instance: Instance):
    """There is no trusted proxy in front of this one."""
    answer = get(instance, "/api/health", "chosen-by-a-stranger")
    assert answer.headers["X-Request-ID"] not in {"", "chosen-by-a-stranger"}


async def test_who_joins_and_leaves_is_told_by_ids(looked: Looked, connect: Connect):
    owner, room = looked.sign_up(), f"secret-room-{secrets.token_hex(8)}"
    server, channel = looked.voice_channel(owner)
    client = await connect(owner, instance=looked)
    await client.join(channel)
    seat = {"peerId": client.id, "roomId": str(channel)}
    joined = looked.line(message="joined", **seat)
    assert {"userId": owner["user"]["id"], "serverId": server, "dialect": "projectvoice"}.items() <= joined.items()
    await client.leave()
    assert looked.line(message="left", **seat)
    other = await connect(owner, instance=looked)
    await other.join(room)
    assert looked.line(message="joined", peerId=other.id)["roomId"].startswith("open:")
    assert room not in looked.output


async def test_no_secret_is_in_any_line(looked: Looked, connect: Connect):
    words = {name: f"{name}-{secrets.token_hex(10)}" for name in ("password", "text", "query", "unknown")}
    mail = f"someone-{secrets.token_hex(6)}@example.com"
    account = {"username": f"u{secrets.token_hex(6)}", "email": mail, "password": words["password"]}
    user = looked.api("POST", "/auth/register", **account).json()
    assert looked.api("POST", "/auth/login", email=mail, password="wrong" + words["password"]).status_code == 400
    server, channel = looked.voice_channel(user)
    text = looked.api("POST", f"/servers/{server}/channels", user["token"], name="text", type="text").json()["id"]
    assert looked.api("POST", "/messages", user["token"], channelId=text, content=words["text"]).status_code == 201
    looked.api("GET", f"/messages/search?channelId={text}&query={words['query']}", user["token"])
    invite = looked.api("POST", f"/invite/{server}/invite", user["token"]).json()["invite"]["token"]
    assert looked.api("GET", f"/invite/invite/{invite}").status_code == 200
    hook = looked.api("POST", f"/servers/{server}/channels/{text}/webhooks", user["token"], name="hook").json()
    assert looked.api("POST", hook["url"].removeprefix("/api"), content="hello").status_code < 300
    looked.api("GET", f"/{words['unknown']}?token={user['token']}")
    client = await connect(user, instance=looked)
    await client.join(channel, user["token"])
    await client.say("signal", {"to": client.id, "type": "offer", "sdp": words["text"]})
    await client.say("join-room", {"token": user["token"]})
    last = get(looked, "/api/health", f"last-{secrets.token_hex(8)}")
    looked.line(requestId=last.headers["X-Request-ID"])
    hidden = [user["token"], mail, invite, account["username"], *words.values(), hook["token"]]
    assert [secret for secret in hidden if secret in looked.output] == []
    assert "127.0.0.1" not in looked.output


def record(message: str, *arguments: object, name: str = "room", **extra: Any) -> logging.LogRecord:
    return logging.getLogger(name).makeRecord(name, logging.ERROR, __file__, 1, message, arguments, None, extra=extra)


def test_a_failed_request_is_named_by_its_pattern():
    request = RequestFactory().get("/api/webhooks/7/very-secret-token")
    request.resolver_match = resolve("/api/webhooks/7/very-secret-token")
    line = record("%s: %s", "Internal Server Error", request.path, name="django.request", request=request)
    for one in logging.getLogger("django.request").filters:
        assert one.filter(line)
    assert line.getMessage() == "Internal Server Error: /api/webhooks/7/…"
    assert not hasattr(line, "request")


def test_both_formats_show_what_is_being_done():
    with context.within(requestId="r1"):
        context.note(userId=7, serverId=None)
        line = record("It broke: %s", "so", fields={"event": "closed"})
        try:
            raise ValueError("why")
        except ValueError as error:
            line.exc_info = (ValueError, error, error.__traceback__)
        told = json.loads(JsonFormatter().format(line))
        assert (
            LineFormatter("%(levelname)s %(message)s").format(line).splitlines()[0]
            == "ERROR It broke: so [requestId=r1 userId=7]"
        )
    expected = {
        "level": "ERROR",
        "logger": "room",
        "message": "It broke: so",
        "requestId": "r1",
        "userId": 7,
        "event": "closed",
    }
    assert expected.items() <= told.items()
    assert "serverId" not in told
    assert told["exception"].endswith("ValueError: why")
    assert LineFormatter("%(levelname)s %(message)s").format(record("Quiet")) == "ERROR Quiet"
    context.note(userId=8)  # nowhere
    assert context.current() == {}


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (b"", ""),
        (b"page=2&limit=50", "page=2&limit=50"),
        (b"token=eyJhbGciOi&before=17&on=true", "token=…&before=17&on=true"),
        (b"%00%ff=1&a b=2", "…=1&…=2"),
        (b"q=", "q=…"),
    ],
)
def test_queries_are_masked(query: bytes, shown: str):
    assert masked_query(query) == shown


def test_the_launcher_speaks_as_its_children_do(capsys: pytest.CaptureFixture[str]):
    console.say("Ready")
    console.pass_on("web", "a line")
    assert capsys.readouterr().out == "Ready\nweb | a line\n"
    console.speak("json")
    try:
        console.say("Ready")
        console.pass_on("web", '{"message":"its own"}')
        console.pass_on("postgres", "LOG: ready")
        console.pass_on("postgres", "")
        console.complain("Broken")
    finally:
        console.speak("line")
    said = capsys.readouterr()
    lines = [json.loads(line) for line in (said.out + said.err).splitlines()]
    assert [(line.get("process"), line.get("level"), line["message"]) for line in lines] == [
        ("run", "INFO", "Ready"),
        (None, None, "its own"),
        ("postgres", "INFO", "LOG: ready"),
        ("run", "ERROR", "Broken"),
    ]
