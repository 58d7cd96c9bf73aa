"""People at work while parts of the instance die: each does one thing without end, keeps what was promised to him, and repeats
what got no answer, as a client does.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from random import Random
from typing import Any, NamedTuple

import aiohttp

from events.words import KINDS
from tests.conftest import PATIENCE, Site
from tests.protocol.addresses import SAMPLE
from tests.protocol.conftest import Client

PAUSE = 0.05  # seconds between two acts, and before one is tried again
AWAY = (aiohttp.ClientError, OSError, TimeoutError)


class Answer(NamedTuple):
    status: int
    body: Any


class Load:
    """`surprises`: what no fault excuses. `answers`: how often each status came; 0 for none at all."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.random = site, Random(seed)
        self.surprises: list[str] = []
        self.answers: Counter[int] = Counter()
        self.http: aiohttp.ClientSession
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, method: str, path: str, token: str | None = None, *, good: tuple[int, ...], **body: Any) -> Answer:
        """Again and again, until one of the good answers comes. In between only 503 with `Retry-After`, or none, is excused."""
        headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {token}"} if token else {})
        while True:
            try:
                async with self.http.request(
                    method, f"{self.site.url}/api{path}", json=body or None, headers=headers
                ) as answer:
                    status, told = answer.status, await answer.json(content_type=None) if answer.content_length != 0 else None
                    self.answers[status] += 1
                    if status in good:
                        return Answer(status, told)
                    if status != 503 or "Retry-After" not in answer.headers or not told["error"]:
                        self.surprises.append(f"{method} {path}: {status} {told} {dict(answer.headers)}")
            except AWAY:
                self.answers[0] += 1
            await asyncio.sleep(PAUSE)

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Beside all else, until the load ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["Load"]:
        """Inside, everybody works. An error of the load itself is raised at the end."""
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as self.http:
            try:
                yield self
            finally:
                tasks = list(self._tasks)
                for task in tasks:
                    task.cancel()
                ends = await asyncio.gather(*tasks, return_exceptions=True)
            for end in ends:
                if isinstance(end, Exception):
                    raise end


class Writer:
    """Writes messages into a channel, one after another, each with a nonce. `written`: nonce → id of those answered with 201."""

    def __init__(self, load: Load, user: dict, channel: int) -> None:
        self._load, self._user, self.channel = load, user, channel
        self.written: dict[str, int] = {}

    @property
    def user_id(self) -> int:
        return self._user["user"]["id"]

    async def run(self) -> None:
        for number in itertools.count():
            nonce = f"{self.user_id}-{number}"
            said = {"channelId": self.channel, "content": f"message {nonce}", "nonce": nonce}
            answer = await self._load.ask("POST", "/messages", self._user["token"], good=(200, 201), **said)
            self.written[nonce] = answer.body["id"]
            await asyncio.sleep(PAUSE)


class Subscriber:
    """Hears live events, and after each loss of the line resumes where it was. `heard`: (seq, kind), each as it came."""

    def __init__(self, load: Load, user: dict) -> None:
        self._load, self.user = load, user
        self.heard: list[tuple[int, str]] = []
        self.first: int | None = None
        """The `seq` from which on it hears everything."""
        self.seq = 0
        self.lines = 0

    async def run(self) -> None:
        while True:
            client = _Line(self._load.site, self.user, self._hear)
            try:
                await client.connect()
                self.lines += 1
                await client.say("subscribe", {} if self.first is None else {"since": self.seq})
                await client.io.wait()
            except Exception as error:
                if isinstance(error, AssertionError):
                    raise
            finally:
                await client.io.shutdown()
            await asyncio.sleep(PAUSE)

    def _hear(self, name: str, data: Any) -> None:
        match name:
            case "subscribed" if self.first is None:
                self.first = self.seq = data["seq"]
            case "resumed":
                self.seq = max(self.seq, data["seq"])
            case "resync" | "error":
                if name == "resync":
                    self._load.surprises.append(f"resync {data}")
            case _ if name in KINDS and "seq" in (data or {}):
                self.heard.append((data["seq"], name))
                self.seq = data["seq"]


class _Line(Client):
    """One connection, which tells what it hears."""

    def __init__(self, site: Site, user: dict, hear: Callable[[str, Any], None]) -> None:
        super().__init__(site, user, SAMPLE, ["websocket"])
        self._tell = hear

    def _hear(self, name: str, *args: Any) -> None:
        self._tell(name, args[0] if args else None)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - people and threads make it true
            await asyncio.sleep(PAUSE)
