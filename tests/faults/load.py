"""People at work while parts of the instance die: each does one thing without end, keeps what was promised to him, and repeats
what got no answer, as a client does. tests/faults/calls.py and relayed.py have those who talk.
"""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from random import Random
from typing import Any, NamedTuple

import aiohttp

from events.words import KINDS
from tests.conftest import Site
from tests.faults.rig import PATIENCE
from tests.protocol.addresses import SAMPLE
from tests.protocol.conftest import Client

PAUSE = 0.05  # seconds between two acts, and before one is tried again
AWAY = (aiohttp.ClientError, OSError, TimeoutError)


class Answer(NamedTuple):
    status: int
    body: Any


class Load:
    """`surprises`: what no fault excuses. `answers`: how often each status came; 0 for none at all. `slowest`: in seconds."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.random = site, Random(seed)
        self.surprises: list[str] = []
        self.answers: Counter[int] = Counter()
        self.slowest = 0.0
        self.over = False
        """Nobody begins anything new."""
        self.restless = True
        """Callers leave now and then, and come again."""
        self.http: aiohttp.ClientSession
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, method: str, path: str, user: dict | None = None, *, good: tuple[int, ...], **body: Any) -> Answer:
        """Again and again, until one of the good answers comes. In between only 503 with `Retry-After`, or none, is excused."""
        headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {user['token']}"} if user else {})
        while True:
            begun = time.monotonic()
            try:
                async with self.http.request(
                    method, f"{self.site.url}/api{path}", json=body or None, headers=headers
                ) as answer:
                    status, told = answer.status, await answer.json(content_type=None)
            except AWAY:
                self.answers[0] += 1
            else:
                self.answers[status] += 1
                if status in good:
                    return Answer(status, told)
                if status != 503 or "Retry-After" not in answer.headers or not told["error"]:
                    self.surprises.append(f"{method} {path}: {status} {told}")
            finally:
                self.slowest = max(self.slowest, time.monotonic() - begun)
            await self.breathe()

    async def breathe(self) -> None:
        await asyncio.sleep(PAUSE * self.random.uniform(0.5, 1.5))

    def do(self, *works: Coroutine[Any, Any, None]) -> list[asyncio.Task[None]]:
        """Beside all else, until the load ends."""
        tasks = [asyncio.create_task(work) for work in works]
        self._tasks.update(tasks)
        return tasks

    async def until(self, true: Callable[[], bool], told: Callable[[], object]) -> None:
        """Fails with what is `told`, or with the error of somebody's own."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            for task in self._tasks:
                if task.done() and not task.cancelled():
                    task.result()
            assert time.monotonic() < deadline, f"{told()}; {self.answers}; {self.surprises}"
            await asyncio.sleep(PAUSE)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["Load"]:
        """Inside, people can work. An error of the load itself is raised at the end."""
        connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as self.http:
            try:
                yield self
            finally:
                for task in self._tasks:
                    task.cancel()
                ends = await asyncio.gather(*self._tasks, return_exceptions=True)
            for end in ends:
                if isinstance(end, Exception):
                    raise end


class Writer:
    """Writes one message after another, each with a nonce. `written`: nonce → id of those answered with 201."""

    def __init__(self, load: Load, user: dict, channel: int) -> None:
        self._load, self.user, self.channel = load, user, channel
        self.written: dict[str, int] = {}

    async def run(self) -> None:
        while not self._load.over:
            nonce = f"{self.user['user']['id']}-{len(self.written)}"
            said = {"channelId": self.channel, "content": f"message {nonce}", "nonce": nonce}
            self.written[nonce] = (await self._load.ask("POST", "/messages", self.user, good=(200, 201), **said)).body["id"]
            await self._load.breathe()


class Parties:
    """One after another, each on a server of its own, to which all want to come by an invite that is good for three of them.

    `admitted`: by server, who was told that he came in.
    """

    SEATS = 3

    def __init__(self, load: Load, guests: list[dict]) -> None:
        self._load, self._guests = load, guests
        self.admitted: dict[int, set[int]] = {}

    async def run(self) -> None:
        while not self._load.over:
            host = self._guests[len(self.admitted) % len(self._guests)]
            server = (await self._load.ask("POST", "/servers", host, good=(201,), name="party")).body["id"]
            path = f"/invite/{server}/invite"
            invite = (await self._load.ask("POST", path, host, good=(201,), maxUses=self.SEATS)).body["invite"]["token"]
            self.admitted[server] = set()
            await asyncio.gather(*(self._come(server, invite, guest) for guest in self._guests if guest is not host))
            await asyncio.sleep(20 * PAUSE)  # one may own 100 servers

    async def _come(self, server: int, invite: str, guest: dict) -> None:
        """Who got no answer asks again: 400 then says that he is in, or that nobody gets in any more."""
        answer = await self._load.ask("POST", f"/invite/invite/{invite}/accept", guest, good=(200, 400))
        if answer.status == 200:
            self.admitted[server].add(guest["user"]["id"])


class Administrator:
    """Blocks somebody and lets him go again, which the instance's audit log tells. `acts`: those answered with 200."""

    def __init__(self, load: Load, user: dict, victim: dict) -> None:
        self._load, self.user, self.victim = load, user, victim
        self.acts = 0

    async def run(self) -> None:
        for act in itertools.cycle(("block", "unblock")):
            if self._load.over:
                return
            path = f"/admin/users/{self.victim['user']['id']}/{act}"
            # 400: it was done, and not answered.
            answer = await self._load.ask("POST", path, self.user, good=(200, 400), reason="the test")
            self.acts += answer.status == 200
            await asyncio.sleep(10 * PAUSE)


class Subscriber:
    """Hears live events of one server, and after each loss of the line resumes where it was.

    `heard`: number and kind, as they came. `seats`: the sockets in the voice channel.
    """

    def __init__(self, load: Load, user: dict, server: int, channel: int) -> None:
        self.load, self.user, self.server, self.channel = load, user, server, channel
        self.heard: list[tuple[int, str]] = []
        self.seats: set[str] = set()
        self.first: int | None = None
        """It hears everything after this."""
        self.seq = 0
        self.lines = 0

    async def run(self) -> None:
        while True:
            line = Line(self.load.site, self.user, self._hear)
            async with line.held(self.load) as connected:
                if connected:
                    self.lines += 1
                    since = {} if self.first is None else {"since": self.seq}
                    await line.say("subscribe", {"servers": [self.server], **since})
                    await line.lost()

    def _hear(self, line: "Line", name: str, data: Any) -> None:
        match name:
            case "subscribed":
                if self.first is None:
                    self.first = self.seq = data["seq"]
                self.seats = set()
                for state in data["voiceSeats"]:
                    self._seat(state)
            case "voice-seats":
                self._seat(data)
            case "resumed":
                self.seq = max(self.seq, data["seq"])
            case "resync":
                self.load.surprises.append(f"resync {data}")
            case "error":  # the database is away: nobody is subscribed
                line.give_up()
            case _ if name in KINDS and "seq" in (data or {}):
                self.heard.append((data["seq"], name))
                self.seq = data["seq"]

    def _seat(self, state: dict) -> None:
        if state["channelId"] == self.channel:
            self.seats = {seat["socketId"] for seat in state["seats"]}


class Line(Client):
    """A connection that tells what it hears, and is over when it breaks or is given up."""

    def __init__(self, site: Site, user: dict | None, hear: Callable[["Line", str, Any], None], address: Any = SAMPLE) -> None:
        super().__init__(site, user, address, ["websocket"])
        self._tell = hear
        self._over = asyncio.Event()

    def _hear(self, name: str, *args: Any) -> None:
        if name == "disconnect":
            self._over.set()
        self._tell(self, name, args[0] if args else None)

    def give_up(self) -> None:
        self._over.set()

    async def lost(self) -> None:
        await self._over.wait()

    @asynccontextmanager
    async def held(self, load: Load) -> AsyncIterator[bool]:
        """Inside it is connected, unless it could not be; afterwards it is closed, and a moment has passed."""
        try:
            try:
                await self.connect()
                connected = True
            except Exception:  # of engineio, socketio or aiohttp: nobody was there
                connected = False
            yield connected
        finally:
            await self.io.shutdown()
        await load.breathe()
