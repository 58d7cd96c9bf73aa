"""WireProtocol, uvicorn's `ws=` class, over real sockets: as plain ASGI, and as a socket that somebody carries."""

import asyncio
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from launch.run import WEBSOCKETS
from tests.conftest import PATIENCE
from voice.transports.carriers import Keepalive, carry, socket_of
from voice.transports.outbox import MAX_BYTES
from voice.transports.protocol import WireProtocol

PING = 0.2  # seconds, of the impatient server
KILOBYTES = bytes(64 * 1024)
SMALL = 16 * 1024
MAX_SIZE = 256 * 1024


class House:
    """A server in a thread. `application` plays what the path asks for; `log` is what came to it."""

    def __init__(self, ws: str, ping: float | None) -> None:
        self.log: list[Any] = []
        self.gate = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        config = uvicorn.Config(
            self.application,
            ws=ws,
            ws_ping_interval=ping,
            ws_ping_timeout=ping,
            log_level="critical",
            lifespan="off",
            interface="asgi3",
        )
        config.timeout_graceful_shutdown = 1
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([self.listener],))
        self.thread.start()

    def url(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.port}/{path}"

    def stop(self) -> None:
        self.gate.set()
        self.server.should_exit = True
        self.thread.join(PATIENCE)

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():  # noqa: ASYNC110 - it comes from another thread
                await asyncio.sleep(0.01)

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await getattr(self, scope["path"].strip("/"))(scope, receive, send)

    async def opened_gate(self) -> None:
        while not self.gate.is_set():  # noqa: ASYNC110 - another thread opens it
            await asyncio.sleep(0.01)

    async def echo(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept", "headers": [(b"x-echo", b"yes")]})
        while (message := await receive())["type"] == "websocket.receive":
            await send({**message, "type": "websocket.send"})
        self.log.append(message["code"])

    async def late(self, scope: Any, receive: Any, send: Any) -> None:
        self.log.append("late")
        await self.opened_gate()
        await self.echo(scope, receive, send)

    async def deny(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"999")]
        await send({"type": "websocket.http.response.start", "status": 429, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"not now"})

    async def close_unopened(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.close", "code": 4000})

    async def nothing(self, scope: Any, receive: Any, send: Any) -> None:
        pass

    async def failure(self, scope: Any, receive: Any, send: Any) -> None:
        raise ValueError

    async def failure_later(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        raise ValueError

    async def nonsense(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.send", "text": "before it is open"})

    async def leave(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    async def close(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "last words"})
        await send({"type": "websocket.close", "code": 4001, "reason": "ö" * 100})

    async def deaf(self, scope: Any, receive: Any, send: Any) -> None:
        """Hears nothing until the gate is open."""
        await send({"type": "websocket.accept"})
        await self.opened_gate()
        while (message := await receive())["type"] == "websocket.receive":
            self.log.append(message["bytes"][:2])

    async def talkative(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        for number in range(600):
            await send({"type": "websocket.send", "bytes": struct.pack("!H", number) + KILOBYTES})
            self.log.append(number)

    async def carried(self, scope: Any, receive: Any, send: Any) -> None:
        """Says back what it hears; `bye` ends it, `flood` never waits, `pause` stops the ears for a while."""
        carrier = socket_of(scope, receive, send, MAX_SIZE)

        def hear(data: bytes, binary: bool) -> None:
            if data == b"bye":
                carrier.hang_up(4002, "as you like")
                carrier.hang_up(4003, "too late")
            elif data == b"flood":
                for _ in range(MAX_BYTES // len(KILOBYTES) * 8):
                    carrier.send(KILOBYTES, True)
            elif data == b"pause":
                carrier.pause_reading()
                asyncio.get_running_loop().call_later(5 * PING, carrier.resume_reading)
            carrier.send(data, binary)

        await send({"type": "websocket.accept"})
        if scope["query_string"] == b"late":  # messages wait for whoever carries
            await self.opened_gate()
        keepalive = Keepalive(PING, PING) if scope["query_string"] == b"ping" else None
        await carry(carrier, hear, lambda: self.log.append("lost"), keepalive)

    async def refused(self, scope: Any, receive: Any, send: Any) -> None:
        socket_of(scope, receive, send, MAX_SIZE).hang_up(4004)


def served(ws: str = WEBSOCKETS, ping: float | None = None) -> Iterator[House]:
    house = House(ws, ping)
    yield house
    house.stop()


@pytest.fixture
def house() -> Iterator[House]:
    yield from served()


@pytest.fixture
def impatient() -> Iterator[House]:
    yield from served(ping=PING)


@pytest.fixture(params=[WEBSOCKETS, "websockets-sansio"], ids=["run", "uvicorn"])
def any_house(request: pytest.FixtureRequest) -> Iterator[House]:
    """Ours, and a server that knows ASGI alone."""
    yield from served(request.param)


def handshake(path: str = "/echo", **changes: str | None) -> bytes:
    headers = {
        "Host": "localhost",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()


def frame(opcode: Opcode, data: bytes) -> bytes:
    return Frame(opcode, data).serialize(mask=True)


class Raw:
    """A client that says what it likes. `async with` closes it."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def __aenter__(self) -> "Raw":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.transport.abort()

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> tuple[int, dict[str, str]]:
        async with asyncio.timeout(PATIENCE):
            line, *fields = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
        return int(line.split()[1]), dict(field.lower().split(": ", 1) for field in fields)

    async def hear(self) -> bytes:
        """A frame of up to 125 bytes, whole."""
        async with asyncio.timeout(PATIENCE):
            start = await self.reader.readexactly(2)
            return start + await self.reader.readexactly(start[1])

    async def rest(self) -> bytes:
        """All that still comes, until the end."""
        with suppress(ConnectionResetError):
            async with asyncio.timeout(PATIENCE):
                return await self.reader.read()
        return b""


@pytest.fixture
async def raw(house: House) -> AsyncIterator[Raw]:
    async with Raw(house.port) as raw:
        yield raw


async def ended(client: ClientConnection) -> tuple[int, str] | None:
    """Code and reason of the end; None if there was no closing handshake."""
    async with asyncio.timeout(PATIENCE):
        try:
            while True:
                await client.recv()
        except ConnectionClosed as end:
            return end.rcvd and (end.rcvd.code, end.rcvd.reason)


# Handshake


async def test_a_handshake_may_come_in_pieces(raw: Raw):
    raw.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for start in range(0, len(handshake()), 40):
        await raw.say(handshake()[start : start + 40])
        await asyncio.sleep(0.002)  # so that they are several segments
    status, headers = await raw.head()
    assert (status, headers.get("x-echo"), headers.get("sec-websocket-accept")) == (101, "yes", "s3pplmbitxaq9kygzzhzrbk+xoo=")
    await raw.say(frame(Opcode.TEXT, b"hello"))
    assert await raw.hear() == b"\x81\5hello"


async def test_what_follows_a_handshake_in_its_segment_is_heard(house: House):
    """No client may do that (RFC 6455 section 4.1) and uvicorn drops it, so the protocol stands alone here."""
    await house.until(lambda: house.server.started)
    loop = asyncio.get_running_loop()
    alone = await loop.create_server(lambda: WireProtocol(house.server.config, ServerState(), {}), "127.0.0.1", 0)
    async with Raw(alone.sockets[0].getsockname()[1]) as raw:
        await raw.say(handshake() + frame(Opcode.TEXT, b"one") + frame(Opcode.TEXT, b"two")[:3])
        assert (await raw.head())[0] == 101
        assert await raw.hear() == b"\x81\3one"
    alone.close()


async def test_what_comes_before_the_application_accepts_waits(house: House, raw: Raw):
    await raw.say(handshake("/late"))
    await house.until(lambda: house.log == ["late"])
    for number in range(40):  # more than wait before reading stops
        await raw.say(frame(Opcode.TEXT, b"%d" % number))
    house.gate.set()
    assert (await raw.head())[0] == 101
    assert [(await raw.hear())[2:] for _ in range(40)] == [b"%d" % number for number in range(40)]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Sec_WebSocket_Key": None}, 400),
        ({"Sec_WebSocket_Key": "short"}, 400),
        ({"Sec_WebSocket_Version": "8"}, 426),
        ({"Host": None}, 400),
    ],
)
async def test_a_bad_handshake_is_refused_by_http(raw: Raw, changes: dict[str, str | None], status: int):
    await raw.say(handshake(**changes))
    answered, headers = await raw.head()
    assert answered == status
    assert len(await raw.rest()) == int(headers.get("content-length", 0))
    assert answered != 426 or headers["sec-websocket-version"] == "13"


async def test_a_denial_is_told_as_the_application_wrote_it(raw: Raw):
    await raw.say(handshake("/deny"))
    status, headers = await raw.head()
    assert (status, headers["content-type"], headers["content-length"]) == (429, "text/plain", "7")
    assert await raw.rest() == b"not now"


@pytest.mark.parametrize(
    ("path", "status"), [("close_unopened", 403), ("refused", 403), ("nothing", 500), ("failure", 500), ("nonsense", 500)]
)
async def test_what_is_never_accepted_is_answered_by_http(house: House, path: str, status: int):
    with pytest.raises(InvalidStatus) as refused:
        await connect(house.url(path))
    assert refused.value.response.status_code == status


# The end


@pytest.mark.parametrize(("path", "code"), [("failure_later", 1011), ("leave", 1000)])
async def test_an_application_that_ends_closes_its_socket(house: House, path: str, code: int):
    async with connect(house.url(path)) as client:
        assert await ended(client) == (code, "")


async def test_a_close_has_the_code_and_as_much_of_the_reason_as_fits(house: House):
    async with connect(house.url("close")) as client:
        assert await client.recv() == "last words"
        assert await ended(client) == (4001, "ö" * 61)


@pytest.mark.parametrize(("code", "told"), [(4100, 4100), (None, 1005)])
async def test_the_application_hears_the_code_of_its_client(house: House, raw: Raw, code: int | None, told: int):
    await raw.say(handshake())
    await raw.head()
    await raw.say(frame(Opcode.CLOSE, b"" if code is None else struct.pack("!H", code)))
    assert await raw.rest() == (b"\x88\0" if code is None else b"\x88\2" + struct.pack("!H", code))
    await house.until(lambda: house.log)
    assert house.log == [told]


async def test_a_lost_connection_is_told_as_1006(house: House, raw: Raw):
    await raw.say(handshake())
    await raw.head()
    raw.writer.transport.abort()
    await house.until(lambda: house.log)
    assert house.log == [1006]


async def test_a_break_of_the_protocol_is_answered_by_its_code(house: House, raw: Raw):
    await raw.say(handshake())
    await raw.head()
    await raw.say(frame(Opcode.TEXT, b"\xff"))
    assert (await raw.hear())[:4] == b"\x88\x13" + struct.pack("!H", 1007)
    await house.until(lambda: house.log)
    assert house.log == [1007]
    assert await raw.rest() == b""  # who does not answer a close is cut


async def test_a_server_that_ends_says_so(house: House):
    async with connect(house.url("echo")) as client, Raw(house.port) as waiting:
        await waiting.say(handshake("/late"))
        await client.send("is it on?")
        assert await client.recv() == "is it on?"
        house.server.should_exit = True
        assert await ended(client) == (1012, "")
        assert (await waiting.head())[0] == 503
    house.gate.set()


# Backpressure


async def test_who_is_not_heard_cannot_fill_our_memory(house: House):
    async with connect(house.url("deaf"), max_size=None) as client:
        sent = 0

        async def send() -> None:
            nonlocal sent
            for number in range(600):
                await client.send(struct.pack("!H", number) + KILOBYTES)
                sent = number + 1

        sending = asyncio.create_task(send())
        before = -1
        while before < sent:  # until nothing goes any more
            before = sent
            await asyncio.sleep(0.5)
        assert 0 < sent < 600
        house.gate.set()
        await sending
        await house.until(lambda: len(house.log) == 600)
    assert house.log == [struct.pack("!H", number) for number in range(600)]


async def test_an_application_that_talks_waits_for_its_listener(house: House):
    """It is not cut for what we let it say: little waits for who does not read, in the kernel and in the transport."""
    house.listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    listener.connect(("127.0.0.1", house.port))
    async with connect(house.url("talkative"), max_queue=1, sock=listener) as client:
        before = -1
        while before < len(house.log):
            before = len(house.log)
            await asyncio.sleep(0.5)
        assert 0 < before < 16
        heard = [bytes(await client.recv())[:2] for _ in range(600)]
    assert heard == [struct.pack("!H", number) for number in range(600)]


async def test_who_never_reads_what_is_said_to_him_is_cut(any_house: House):
    async with connect(any_house.url("carried"), max_queue=1) as client:
        await client.send("flood")
        await any_house.until(lambda: any_house.log)
        client.transport.abort()
    assert any_house.log == ["lost"]


# Keepalive


async def test_who_answers_pings_or_talks_lives(impatient: House):
    async with connect(impatient.url("echo")) as client, Raw(impatient.port) as raw:
        await raw.say(handshake())
        await raw.head()
        pings = 0
        while pings < 5:
            heard = await raw.hear()
            pings += heard == b"\x89\0"
            await raw.say(frame(Opcode.TEXT, b"no pong, but a word"))
        await client.send("still there")
        assert await client.recv() == "still there"


@pytest.mark.parametrize("path", ["echo", "carried?ping"])
async def test_who_is_silent_is_cut(impatient: House, path: str):
    async with Raw(impatient.port) as raw:
        await raw.say(handshake(f"/{path}"))
        await raw.head()
        begun = time.monotonic()
        assert await raw.rest() in {b"\x89\0", b""}
        assert time.monotonic() - begun >= PING
    await impatient.until(lambda: impatient.log)
    assert impatient.log == ["lost" if "carried" in path else 1006]


async def test_a_carried_socket_is_pinged_on_demand_only(impatient: House):
    async with connect(impatient.url("carried?ping")), Raw(impatient.port) as own:
        await own.say(handshake("/carried"))
        await own.head()
        await asyncio.sleep(4 * PING)  # he would be cut by now
        await own.say(frame(Opcode.TEXT, b"here"))
        assert await own.hear() == b"\x81\4here"
        assert impatient.log == []


async def test_who_is_not_listened_to_is_not_taken_for_silent(house: House):
    async with connect(house.url("carried?ping")) as client:
        await client.send("pause")
        await client.send("heard later")
        assert [await client.recv(), await client.recv()] == ["pause", "heard later"]
    await house.until(lambda: house.log)
    assert house.log == ["lost"]


# Carried


async def test_a_carried_socket_says_and_hears_text_and_binary(any_house: House):
    async with connect(any_house.url("carried"), max_size=None) as client:
        for message in ("text", b"binary", "длинный " * 100, bytes(100_000), ""):
            await client.send(message)
            assert await client.recv() == message
    await any_house.until(lambda: any_house.log)
    assert any_house.log == ["lost"]


async def test_whoever_carries_chooses_how_it_ends(any_house: House):
    async with connect(any_house.url("carried")) as client:
        await client.send("bye")
        assert await ended(client) == (4002, "as you like")
    await any_house.until(lambda: any_house.log)
    assert any_house.log == ["lost"]


async def test_what_came_before_it_was_carried_is_heard_first(house: House):
    async with connect(house.url("carried?late")) as client:
        for number in range(40):
            await client.send(str(number))
        house.gate.set()
        assert [await client.recv() for _ in range(40)] == [str(number) for number in range(40)]


async def test_what_ended_before_it_was_carried_is_lost(house: House):
    async with connect(house.url("carried?late")) as client:
        await client.send("bye")
    house.gate.set()
    await house.until(lambda: house.log)
    assert house.log == ["lost"]
