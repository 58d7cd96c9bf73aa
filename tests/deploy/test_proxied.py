"""The instance of compose.yaml through its proxies: what people and their clients do, all of it over TLS."""

import asyncio
import http.client
import json
import secrets
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest
import requests
import socketio
from playwright.sync_api import Browser, Page, WebSocket, expect
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from tests.conftest import PATIENCE
from tests.deploy.conftest import Front
from tests.deploy.engine import until
from tests.e2e.people import Person
from tests.e2e.test_call import hear_each_other, members
from tests.e2e.test_dialects import JS, SOCKET_IO, all_hear_each_other, nobody_complains
from tests.e2e.test_dialects import enter as enter_by

LIMIT = 10_000_000  # ATTACHMENT_MAX_BYTES
FORGED = "203.0.113.9"


def machine_of(sid: str) -> str:
    """The VOICE_MACHINE that keeps this session; empty: a process of the web."""
    return sid.partition("-")[0] if "-" in sid.partition(".")[0] else ""


def followed(one: Person) -> list[str]:
    """The machines that its Socket.IO connections are on, in the order they were opened."""
    machines: list[str] = []

    def hear(frame: str | bytes) -> None:
        if isinstance(frame, str) and frame.startswith("0{"):
            machines.append(machine_of(json.loads(frame[1:])["sid"]))

    def opened(socket: WebSocket) -> None:
        socket.on("framereceived", hear)

    one.page.on("websocket", opened)
    return machines


def test_people_on_different_machines_hear_each_other(person: Callable[..., Person]) -> None:
    followed_by_name: dict[str, list[str]] = {}  # machines of the connections, in the order they were opened

    def enter(name: str) -> Person:
        one = person(name)
        followed_by_name[one.name] = followed(one)
        return one

    anna, boris = members(enter, "Anna", "Boris")
    hers, his = followed_by_name[anna.name], followed_by_name[boris.name]
    while hers[-1] == his[-1]:  # who sits where is left to the proxy
        before = len(his)
        boris.page.reload()
        until(partial(lambda before: boris.page.wait_for_timeout(50) or len(his) > before, before))
    assert {hers[-1], his[-1]} == {"a", "b"}
    for one in (anna, boris):
        one.button("Join Rehearsal").click()
        expect(one.page.locator(".stage")).to_have_attribute("data-state", "joined")
    hear_each_other(anna, boris)


@pytest.fixture
def page(browser: Browser, front: Front) -> Iterator[Page]:
    if not SOCKET_IO.exists():
        pytest.skip(f"socket.io-client is not installed: run `npm ci` in {JS}")
    context = browser.new_context(bypass_csp=True, permissions=["microphone"], ignore_https_errors=True)
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(front.url)
    page.add_script_tag(path=SOCKET_IO)
    page.add_script_tag(path=JS / "dialects.js")
    page.evaluate("window.callers = []")
    yield page
    context.close()
    assert complaints == []


def test_clients_that_poll_before_they_upgrade_hear_each_other(page: Page, front: Front) -> None:
    """npm's Socket.IO client."""
    token, room = front.sign_up("polls")["token"], f"polls-{secrets.token_hex(4)}"
    enter_by(page, "projectvoice", room, token)
    enter_by(page, "room-signaling", room, None)
    all_hear_each_other(page, 2)
    nobody_complains(page)


def test_websockets_of_every_dialect_meet(front: Front) -> None:
    room = f"meeting-{secrets.token_hex(4)}"
    names = {name: f"{name}-{secrets.token_hex(3)}" for name in ("hub", "flat", "room", "meeting", "game")}
    paths = {
        "hub": f"/ws?room_id={room}&client_id={names['hub']}",
        "flat": f"/ws?room_id={room}&user_id={names['flat']}",
        "room": f"/api/room/{room}/ws?user_id={names['room']}",
        "meeting": f"/api/meeting/{room}/ws/?user_id={names['meeting']}",
        "game": f"/ws/?room={room}&id={names['game']}",
    }

    async def meet() -> None:  # the client that has two threads for a socket loses one of a thousand handshakes over TLS
        async with AsyncExitStack() as stack:
            sockets: dict[str, ClientConnection] = {}
            for dialect, path in paths.items():
                url, tls = f"wss://localhost:{front.port}{path}", front.tls()
                own = connect(url, ssl=tls, origin=Origin(front.url), open_timeout=PATIENCE, proxy=None)
                sockets[dialect] = await stack.enter_async_context(own)
                if dialect == "flat":
                    joining = {"type": "join", "user_id": names[dialect], "user_name": "Flat"}
                    await sockets[dialect].send(json.dumps(joining))
                if dialect != "hub":
                    assert (await heard(sockets["hub"], "peer-joined"))["from"] == names[dialect]
                    offer = {"type": "offer", "to": names[dialect], "payload": {"type": "offer", "sdp": "v=0"}}
                    await sockets["hub"].send(json.dumps(offer))
                    assert (await heard(sockets[dialect], "offer"))["from"] == names["hub"]

    beside_the_browser(meet())


async def heard(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of this type."""
    async with asyncio.timeout(PATIENCE):
        while True:
            message: dict[str, Any] = json.loads(await socket.recv())
            if message["type"] == kind:
                return message


def beside_the_browser(work: Coroutine[Any, Any, None]) -> None:
    """Playwright has a loop of its own in this thread."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


@pytest.mark.parametrize("transports", [["polling"], ["polling", "websocket"], ["websocket"]], ids="-".join)
@pytest.mark.parametrize(
    ("path", "there"), [("/socket", {}), ("/socket.io", {"namespace": "/socket"})], ids=["socket", "socket.io"]
)
def test_each_session_stays_where_it_was_opened(front: Front, transports: list[str], path: str, there: dict[str, str]) -> None:
    token = front.sign_up("poller")["token"]

    async def come_in() -> None:
        keepers: set[str] = set()
        async with AsyncExitStack() as stack:
            while keepers != {"a", "b"}:  # who gets which is left to the proxy, which looks at how many each has
                client = await stack.enter_async_context(socketio.AsyncSimpleClient(ssl_verify=False))
                await client.connect(front.url, transports=transports, socketio_path=path, wait_timeout=PATIENCE, **there)
                keepers.add(machine_of(client.client.eio.sid))
                await client.emit("join-room", (f"stays-{secrets.token_hex(4)}", token))
                assert (await client.receive(timeout=PATIENCE))[0] == "created"
                assert keepers <= {"a", "b"}

    beside_the_browser(come_in())


def test_a_session_whose_keeper_is_unknown_is_refused_as_unknown(front: Front) -> None:
    answer = front.session().get(
        f"{front.url}/socket.io/?EIO=4&transport=polling&sid=a-0.{secrets.token_urlsafe(15)}", timeout=PATIENCE
    )
    assert (answer.status_code, answer.json()) == (400, {"code": 1, "message": "Session ID unknown"})


def addresses(front: Front, token: str) -> set[str]:
    sessions = front.api("GET", "/auth/sessions", token).json()
    return {session["address"] for session in (sessions["sessions"] if isinstance(sessions, dict) else sessions)}


def test_only_the_proxy_is_believed_about_addresses(front: Front) -> None:
    body = {"username": f"forger-{secrets.token_hex(4)}", "password": "password123"}
    body["email"] = f"{body['username']}@example.com"
    forged = {"X-Forwarded-For": FORGED, "X-Forwarded-Proto": "https", "X-Real-IP": FORGED}
    through = front.session().post(f"{front.url}/api/auth/register", json=body, headers=forged, timeout=PATIENCE)
    assert through.status_code == 201
    token = through.json()["token"]
    engine = front.engine
    assert addresses(front, token) == {engine.visitor()}

    past = http.client.HTTPConnection(engine.address("web-a"), 5000, PATIENCE, source_address=(engine.outsider(), 0))
    credentials = json.dumps({"email": body["email"], "password": body["password"]})
    past.request("POST", "/api/auth/login", credentials, {"Content-Type": "application/json", "Host": "localhost", **forged})
    assert past.getresponse().status == 200
    past.close()
    assert addresses(front, token) == {engine.visitor(), engine.outsider()}


def test_files_up_to_the_limit_pass_and_larger_ones_are_refused_in_json(front: Front) -> None:
    token = front.sign_up("uploader")["token"]
    headers = {"Authorization": f"Bearer {token}"}
    server = front.api("POST", "/servers", token, name="Server").json()["id"]
    channel = front.api("POST", f"/servers/{server}/channels", token, name="files", type="text").json()["id"]

    def upload(size: int) -> requests.Response:
        files = {"file": ("noise.bin", bytes(size), "application/octet-stream")}
        form = {"channelId": str(channel)}
        return front.session().post(f"{front.url}/api/attachments", headers=headers, data=form, files=files, timeout=PATIENCE)

    kept = upload(LIMIT)
    assert kept.status_code == 201, kept.text
    got = front.session().get(front.url + kept.json()["url"], headers=headers, timeout=PATIENCE)
    assert (got.status_code, len(got.content)) == (200, LIMIT)
    refused = upload(LIMIT + 1)
    assert (refused.status_code, refused.json()["code"]) == (413, 413)
    if front.proxy == "caddy":
        return  # it may want to see some of the body first

    announced = http.client.HTTPSConnection("localhost", front.port, timeout=PATIENCE, context=front.tls())
    announced.putrequest("POST", "/api/attachments")
    for name, value in {**headers, "Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(2 * LIMIT)}.items():
        announced.putheader(name, value)
    announced.endheaders()
    answer = announced.getresponse()  # nothing of it was sent yet
    assert (answer.status, json.loads(answer.read())["code"]) == (413, 413)
    announced.close()


def test_the_page_its_files_and_their_compression(front: Front) -> None:
    session = front.session()
    page = session.get(front.url, headers={"Accept": "text/html"}, timeout=PATIENCE)
    assert page.status_code == 200
    script = session.get(f"{front.url}/static/sdk/live.js", headers={"Accept-Encoding": "gzip"}, timeout=PATIENCE)
    assert (script.status_code, script.headers["Content-Encoding"]) == (200, "gzip")
    info = session.get(f"{front.url}/api/info", headers={"Accept-Encoding": "gzip"}, timeout=PATIENCE)
    assert (info.status_code, info.headers.get("Content-Encoding")) == (200, None)
