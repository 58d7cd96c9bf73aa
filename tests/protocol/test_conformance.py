"""What the public protocol suites of Engine.IO 4 and Socket.IO 5 expect of a server, over real sockets."""

import asyncio
import base64
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket

from bench.ports import free_port
from launch.run import WEBSOCKETS
from tests.conftest import PATIENCE, ROOT

PING, TIMEOUT = 0.3, 0.2  # seconds, of the impatient one of tests/protocol/echo.py


@pytest.fixture(scope="module", params=[WEBSOCKETS, "websockets-sansio"], ids=["run", "uvicorn"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.protocol.echo:application", "--lifespan", "off", "--ws", request.param]
    process = subprocess.Popen([*command, "--port", str(port), "--log-level", "warning"], cwd=ROOT)
    server = f"127.0.0.1:{port}"
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            requests.get(f"http://{server}/", timeout=PATIENCE)
            break
        except requests.ConnectionError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
    yield server
    process.terminate()
    process.wait(PATIENCE)


@pytest.fixture
def host(server: str) -> str:
    return f"{server}/patient"


@pytest.fixture
def impatient(server: str) -> str:
    """For those who come to see it lose its patience."""
    return f"{server}/impatient"


class Polling:
    """One session, spoken by hand. `said` is what a poll says, split into its packets."""

    def __init__(self, host: str) -> None:
        self.base = f"http://{host}/?EIO=4&transport=polling"
        self.opening = requests.get(self.base, timeout=PATIENCE)
        self.handshake = json.loads(self.opening.text[1:])
        self.sid = self.handshake["sid"]
        self.address = f"{self.base}&sid={self.sid}"

    async def get(self) -> requests.Response:
        return await asyncio.to_thread(requests.get, self.address, timeout=PATIENCE)

    async def post(self, body: str | bytes) -> requests.Response:
        return await asyncio.to_thread(requests.post, self.address, data=body, timeout=PATIENCE)

    async def said(self, count: int = 1) -> list[str]:
        """So many packets, pings left out."""
        packets: list[str] = []
        while len(packets) < count:
            answer = await self.get()
            assert answer.status_code == 200, answer.text
            packets += [packet for packet in answer.text.split("\x1e") if packet != "2"]
        return packets

    async def enter(self) -> None:
        assert (await self.post("40")).text == "ok"
        await self.said(2)


@pytest.fixture
async def polling(host: str) -> Polling:
    return await asyncio.to_thread(Polling, host)


def address(host: str, **query: str) -> str:
    fields = {"EIO": "4", "transport": "websocket", **query}
    return f"ws://{host}/?" + "&".join(f"{name}={value}" for name, value in fields.items())


@pytest.fixture
async def socket(host: str) -> AsyncIterator[ClientConnection]:
    """The handshake has come, and no namespace is entered."""
    async with open_websocket(address(host)) as socket:
        assert str(await socket.recv()).startswith("0{")
        yield socket


@pytest.fixture
async def inside(socket: ClientConnection) -> ClientConnection:
    """In the main namespace."""
    await socket.send("40")
    assert (await said(socket)).startswith('40{"sid":"')
    assert await said(socket) == '42["auth",{}]'
    return socket


async def said(socket: ClientConnection) -> Any:
    """The next message, pings left out and answered."""
    async with asyncio.timeout(PATIENCE):
        while (message := await socket.recv()) == "2":
            await socket.send("3")
    return message


async def closed(socket: ClientConnection) -> None:
    """Waits for the end."""
    with suppress(websockets.ConnectionClosed):
        while True:
            await said(socket)


# Engine.IO: handshake


def test_a_polling_session_opens(impatient: str):
    polling = Polling(impatient)
    assert polling.opening.status_code == 200
    assert polling.handshake.keys() == {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}
    assert polling.handshake["upgrades"] == ["websocket"]
    assert (polling.handshake["pingInterval"], polling.handshake["pingTimeout"]) == (300, 200)
    assert polling.handshake["maxPayload"] == 1_000_000


async def test_a_websocket_session_opens(impatient: str):
    async with open_websocket(address(impatient)) as socket:
        handshake = json.loads(str(await socket.recv())[1:])
    assert handshake.keys() == {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}
    assert (handshake["upgrades"], handshake["pingInterval"], handshake["pingTimeout"]) == ([], 300, 200)


@pytest.mark.parametrize(
    ("method", "query"),
    [
        ("GET", "transport=polling"),
        ("GET", "EIO=abc&transport=polling"),
        ("GET", "EIO=4"),
        ("GET", "EIO=4&transport=abc"),
        ("POST", "EIO=4&transport=polling"),
        ("PUT", "EIO=4&transport=polling"),
    ],
)
def test_a_bad_handshake_is_a_400(host: str, method: str, query: str):
    answer = requests.request(method, f"http://{host}/?{query}", timeout=PATIENCE)
    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "message"}


@pytest.mark.parametrize("query", ["transport=websocket", "EIO=abc&transport=websocket", "EIO=4", "EIO=4&transport=abc"])
async def test_a_bad_websocket_handshake_is_refused(host: str, query: str):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await open_websocket(f"ws://{host}/?{query}")
    assert refused.value.response.status_code == 400


# Engine.IO: messages


async def test_a_payload_of_one_packet_is_answered_by_ok(polling: Polling):
    await polling.enter()
    answer = await polling.post('42["message","hello"]')
    assert (answer.status_code, answer.text) == (200, "ok")
    assert await polling.said() == ['42["message-back","hello"]']


async def test_a_payload_of_several_packets(polling: Polling):
    await polling.enter()
    texts = [f'42["message","test{number}"]' for number in range(3)]
    assert (await polling.post("\x1e".join(texts))).text == "ok"
    assert await polling.said(3) == [text.replace("message", "message-back") for text in texts]


async def test_a_payload_of_text_and_binary(polling: Polling):
    await polling.enter()
    payload = '451-["message",{"_placeholder":true,"num":0}]\x1eb' + base64.b64encode(b"\1\2\3\4").decode()
    assert (await polling.post(payload)).text == "ok"
    assert await polling.said(2) == ['451-["message-back",{"_placeholder":true,"num":0}]', "bAQIDBA=="]


async def test_a_post_that_is_no_packet_ends_the_session(polling: Polling):
    assert (await polling.post("abc")).status_code == 400
    assert (await polling.get()).status_code == 400


async def test_two_polls_at_once_end_the_session(polling: Polling):
    answers = await asyncio.gather(polling.get(), polling.get())
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    assert next(answer.text for answer in answers if answer.status_code == 200) == "1"


async def test_a_post_over_the_limit_is_a_413(polling: Polling):
    assert (await polling.post("4" * 1_000_001)).status_code == 413


async def test_a_websocket_message_that_is_no_packet_ends_the_session(socket: ClientConnection):
    await socket.send("abc")
    await closed(socket)


# Engine.IO: heartbeat


async def test_a_polling_session_lives_by_its_pongs(impatient: str):
    polling = await asyncio.to_thread(Polling, impatient)
    for _ in range(3):
        assert (await polling.get()).text == "2"
        assert (await polling.post("3")).status_code == 200


async def test_without_a_pong_a_polling_session_ends(impatient: str):
    polling = await asyncio.to_thread(Polling, impatient)
    await asyncio.sleep(PING + TIMEOUT + 0.1)
    assert (await polling.get()).status_code == 400


async def test_a_websocket_session_lives_by_its_pongs(impatient: str):
    async with open_websocket(address(impatient)) as socket:
        await socket.recv()
        for _ in range(3):
            assert await socket.recv() == "2"
            await socket.send("3")


async def test_without_a_pong_a_websocket_session_ends(impatient: str):
    async with asyncio.timeout(PATIENCE), open_websocket(address(impatient)) as socket:
        await socket.recv()
        with suppress(websockets.ConnectionClosed):
            while True:
                assert await socket.recv() == "2"


# Engine.IO: close and upgrade


async def test_closing_lets_the_open_poll_go(polling: Polling):
    poll = asyncio.create_task(polling.get())
    await asyncio.sleep(0.1)  # the poll is open by then; were it not, it would be refused
    assert (await polling.post("1")).status_code == 200
    answer = await poll
    assert (answer.status_code, answer.text) in {(200, "6"), (200, "2")}, "a ping may have come first"
    assert (await polling.get()).status_code == 400


async def test_closing_by_websocket(socket: ClientConnection):
    await socket.send("1")
    await closed(socket)


@pytest.fixture
async def upgraded(host: str, polling: Polling) -> AsyncIterator[ClientConnection]:
    async with open_websocket(address(host, sid=polling.sid)) as socket:
        await socket.send("2probe")
        assert await socket.recv() == "3probe"
        await socket.send("5")
        yield socket


async def test_an_upgraded_session_goes_on_by_websocket(upgraded: ClientConnection):
    await upgraded.send("40")
    assert (await said(upgraded)).startswith("40{")
    assert await said(upgraded) == '42["auth",{}]'


async def test_after_an_upgrade_http_is_refused(upgraded: ClientConnection, polling: Polling):
    assert (await polling.get()).status_code == 400
    assert (await polling.post('42["message"]')).status_code == 400
    await test_an_upgraded_session_goes_on_by_websocket(upgraded)


async def test_after_an_upgrade_a_second_websocket_is_closed(upgraded: ClientConnection, polling: Polling, host: str):
    with pytest.raises((websockets.InvalidStatus, websockets.ConnectionClosed)):
        async with open_websocket(address(host, sid=polling.sid)) as second:
            await second.recv()
    await test_an_upgraded_session_goes_on_by_websocket(upgraded)


# Socket.IO: connect


@pytest.mark.parametrize("namespace", ["", "/custom,"])
@pytest.mark.parametrize("auth", ["", '{"token":"123"}'])
async def test_a_namespace_is_entered_with_and_without_auth(socket: ClientConnection, namespace: str, auth: str):
    await socket.send(f"40{namespace}{auth}")
    assert json.loads((await said(socket)).removeprefix(f"40{namespace}")).keys() == {"sid"}
    assert await said(socket) == f'42{namespace}["auth",{auth or "{}"}]'


async def test_an_unknown_namespace_is_refused(socket: ClientConnection):
    await socket.send("40/random")
    assert await said(socket) == '44/random,{"message":"Invalid namespace"}'


@pytest.mark.parametrize("handshake", ["4abc", '42["message"]', '40"x"', "41"])
async def test_a_bad_first_packet_closes(socket: ClientConnection, handshake: str):
    await socket.send(handshake)
    await closed(socket)


async def test_who_enters_no_namespace_is_closed(socket: ClientConnection):
    async with asyncio.timeout(PATIENCE):
        await closed(socket)


# Socket.IO: disconnect


async def test_leaving_a_namespace_keeps_the_connection(inside: ClientConnection):
    await inside.send("41")
    await inside.send("40")
    assert (await said(inside)).startswith("40{")


async def test_leaving_one_namespace_keeps_the_other(inside: ClientConnection):
    await inside.send("40/custom")
    assert (await said(inside)).startswith("40/custom,{")
    assert await said(inside) == '42/custom,["auth",{}]'
    await inside.send("41/custom")
    await inside.send('42["message","message to main namespace"]')
    assert await said(inside) == '42["message-back","message to main namespace"]'


# Socket.IO: messages


@pytest.mark.parametrize("namespace", ["", "/custom,"])
async def test_a_message_with_arguments(socket: ClientConnection, namespace: str):
    await socket.send(f"40{namespace}")
    await said(socket)
    await said(socket)
    await socket.send(f'42{namespace}["message",1,"2",{{"3":[true]}}]')
    assert await said(socket) == f'42{namespace}["message-back",1,"2",{{"3":[true]}}]'


async def test_a_message_that_wants_an_acknowledgement(inside: ClientConnection):
    await inside.send('42456["message-with-ack",1,"2",{"3":[false]}]')
    assert await said(inside) == '43456[1,"2",{"3":[false]}]'


async def test_a_message_with_attachments(inside: ClientConnection):
    await inside.send('452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
    await inside.send(b"\1\2\3")
    await inside.send(b"\4\5\6")
    assert await said(inside) == '452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'
    assert [await said(inside), await said(inside)] == [b"\1\2\3", b"\4\5\6"]


async def test_attachments_that_want_an_acknowledgement(inside: ClientConnection):
    await inside.send('452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
    await inside.send(b"\1\2\3")
    await inside.send(b"\4\5\6")
    assert await said(inside) == '462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'
    assert [await said(inside), await said(inside)] == [b"\1\2\3", b"\4\5\6"]


@pytest.mark.parametrize("packet", ["4abc", "42{}", '42abc["message-with-ack",1]', '42["message"', "4", b"\1\2\3"])
async def test_what_is_no_packet_closes(inside: ClientConnection, packet: str | bytes):
    await inside.send(packet)
    await closed(inside)
