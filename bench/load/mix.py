"""The REST traffic beside the sockets: what the web client of each of these people would ask for, in these shares."""

import asyncio
import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from bench.load.crowd import Times
from bench.rest.load import Connection, Request, get, post, put

CONNECTIONS = 32  # kept open, each from an address of its own
WORDS = "The quick brown fox jumps over the lazy dog. " * 2


class Person(NamedTuple):
    token: str
    server: int
    channel: int  # of text
    last: int  # message that is known there


@dataclass(frozen=True)
class Kind:
    name: str
    share: int  # of a hundred
    request: Callable[[Person], Request]


def _post(person: Person) -> Request:
    body = {"channelId": person.channel, "content": WORDS}
    return post("/api/messages", person.token, json.dumps(body).encode())


def _read(person: Person) -> Request:
    return put("/api/messages/read", person.token, json.dumps({"channelId": person.channel, "messageId": person.last}).encode())


def _search(person: Person) -> Request:
    return get("/api/messages/search", person.token, channelId=person.channel, query="fox")


MIX = (
    Kind("GET messages", 30, lambda person: get("/api/messages", person.token, channelId=person.channel)),
    Kind("POST messages", 15, _post),
    Kind("PUT messages/read", 15, _read),
    Kind("GET servers", 8, lambda person: get("/api/servers", person.token)),
    Kind("GET servers/:id", 8, lambda person: get(f"/api/servers/{person.server}", person.token)),
    Kind("GET members", 6, lambda person: get(f"/api/serverMembers/{person.server}/members", person.token)),
    Kind("GET messages/unread", 6, lambda person: get("/api/messages/unread", person.token)),
    Kind("GET friends", 4, lambda person: get("/api/friends", person.token)),
    Kind("GET auth/me", 4, lambda person: get("/api/auth/me", person.token)),
    Kind("GET messages/search", 2, _search),
    Kind("GET voice/ice-servers", 2, lambda person: get("/api/voice/ice-servers", person.token)),
)


@dataclass
class Answers:
    """What one stretch of time brought."""

    times: dict[str, Times] = field(default_factory=lambda: {kind.name: Times() for kind in MIX})
    faults: dict[str, int] = field(default_factory=dict)
    first_fault: str = ""
    posts: dict[int, int] = field(default_factory=dict)  # by the server's place
    own_cpu: float = 0
    bytes: int = 0

    def __iadd__(self, later: "Answers") -> Self:
        for name, times in later.times.items():
            self.times[name] += times
        self.own_cpu += later.own_cpu
        self.bytes += later.bytes
        return self

    @property
    def total(self) -> int:
        return sum(times.total for times in self.times.values())

    @property
    def all_times(self) -> Times:
        together = Times()
        for times in self.times.values():
            together += times
        return together

    def summary(self) -> dict[str, dict[str, float | None]]:
        each = {name: times.summary() for name, times in self.times.items() if times.total}
        return each | {"all": self.all_times.summary()}

    def fail(self, what: str, about: str) -> None:
        self.faults[what] = self.faults.get(what, 0) + 1
        self.first_fault = self.first_fault or f"{what}: {about}"[:300]


class Mix:
    """A thread of its own; `rate` is requests a second, and may be changed at any time."""

    def __init__(self, port: int, facts: Mapping[str, Any]) -> None:
        self._port, self._facts = port, facts
        self._last: dict[int, int] = {}  # message of each channel
        self._random, self._answers = random.Random(1), Answers()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        self.rate = 0.0
        self._cpu = 0.0
        self._going, self._under_way = True, 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._going = False
        self._thread.join()
        self._loop.close()

    def quiet(self, patience: float) -> bool:
        """Nothing new, and what is under way is answered. Whether it was, in these seconds."""
        self.rate, deadline = 0.0, time.monotonic() + patience
        while self._under_way and time.monotonic() < deadline:
            time.sleep(0.05)
        return not self._under_way

    def take(self) -> Answers:
        """What came since the last time."""
        return asyncio.run_coroutine_threadsafe(self._take(), self._loop).result()

    async def _take(self) -> Answers:
        taken, self._answers = self._answers, Answers()
        now = time.thread_time()
        taken.own_cpu, self._cpu = now - self._cpu, now
        return taken

    async def _serve(self) -> None:
        free: asyncio.Queue[Connection | None] = asyncio.LifoQueue()
        for _ in range(CONNECTIONS):
            free.put_nowait(None)
        tasks: set[asyncio.Task[None]] = set()
        due = time.monotonic()
        while self._going:
            if not self.rate:
                await asyncio.sleep(0.05)
                due = time.monotonic()
                continue
            due += self._random.expovariate(self.rate)
            await asyncio.sleep(due - time.monotonic())
            if self.rate:
                task = asyncio.create_task(self._one(free, due))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while not free.empty():
            connection = free.get_nowait()
            if connection:
                connection.close()

    async def _one(self, free: "asyncio.Queue[Connection | None]", due: float) -> None:
        """From the moment it was due: waiting for a free connection counts."""
        kind = self._random.choices(MIX, [kind.share for kind in MIX])[0]
        person, at = self._somebody()
        self._under_way += 1
        connection = await free.get()
        try:
            if connection is None or connection.is_stale:
                if connection:
                    connection.close()
                connection = await self._connect()
            request = kind.request(person)
            status, body = await connection.exchange(request)
        except (OSError, ValueError) as error:
            self._answers.fail(f"{kind.name}: {type(error).__name__}", str(error))
            connection = None
        else:
            self._note(kind, person, at, status == request.status, status, body)
            self._answers.times[kind.name].add(time.monotonic() - due)
        finally:
            free.put_nowait(connection)
            self._under_way -= 1

    def _note(self, kind: Kind, person: Person, at: int, good: bool, status: int, body: bytes) -> None:
        self._answers.bytes += len(body)
        if not good:
            self._answers.fail(f"{kind.name}: {status}", body.decode(errors="replace"))
        elif kind.name == "POST messages":
            self._last[person.channel] = json.loads(body)["id"]
            self._answers.posts[at] = self._answers.posts.get(at, 0) + 1

    def _somebody(self) -> tuple[Person, int]:
        number = self._random.randrange(len(self._facts["tokens"]))
        at = self._facts["ofServer"][number]
        channel = self._facts["text"][at]
        last = self._last.get(channel, self._facts["firstMessages"][at])
        return Person(self._facts["tokens"][number], self._facts["servers"][at], channel, last), at

    async def _connect(self) -> Connection:
        own = f"127.2.0.{self._random.randrange(1, 251)}"
        _, connection = await self._loop.create_connection(Connection, "127.0.0.1", self._port, local_addr=(own, 0))
        return connection


def shares(kinds: Sequence[Kind] = MIX) -> dict[str, int]:
    return {kind.name: kind.share for kind in kinds}
