"""The other processes and machines, over Valkey: what is told once and forgotten, and who of them is alive.

The log needs none of it: without Valkey nodes look into it by themselves. Who is present and who is writing stays within a
node then.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any, Final

import orjson

from voice.transports.bus import Bus

logger = logging.getLogger(__name__)

HEARTBEAT: Final = 2.0  # seconds between two
LEASE: Final = 6.0  # seconds of silence after which a node counts as dead
SETTLED: Final = 3.0  # seconds after which we have heard of all who are alive
ALL: Final = "live"

Letter = list[Any]


class Nodes:
    """`hear` is called with a node, a kind and what it says; `meet` when a node may not know what we have: it is to be told,
    all of them if it is None; `lose` when one is gone, and whether it said so.
    """

    def __init__(
        self,
        url: str,
        hear: Callable[[str, str, Letter], None],
        meet: Callable[[str | None], None],
        lose: Callable[[str, bool], None],
    ) -> None:
        self.name = secrets.token_urlsafe(9)
        self._hear, self._meet, self._lose = hear, meet, lose
        self._bus = Bus(url, self._take, self._up, lambda: None)
        self._alive: dict[str, float] = {}  # and when we heard of them last
        self._up_since: float | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._bus.run()), asyncio.create_task(self._beat())]
        for channel in (ALL, f"{ALL}.{self.name}"):
            await self._bus.subscribe(channel)  # or as soon as it is up

    async def stop(self) -> None:
        self.say("bye")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def bus(self) -> Bus:
        return self._bus

    @property
    def is_first(self) -> bool:
        """One of those that hear each other is. It does what is to be done once."""
        return all(self.name < other for other in self._alive)

    @property
    def is_alone(self) -> bool | None:
        """None: that cannot be known yet."""
        if self._up_since is None or not self._bus.is_up or _now() - self._up_since < SETTLED:
            return None
        return not self._alive

    def say(self, kind: str, *letter: Any, to: str | None = None) -> None:
        """What is said while Valkey is away is lost."""
        self._bus.publish(ALL if to is None else f"{ALL}.{to}", orjson.dumps([kind, self.name, *letter]))

    def _take(self, channel: str, line: bytes) -> None:
        kind, node, *letter = orjson.loads(line)
        if node == self.name:
            return
        if kind == "bye":
            self._alive.pop(node, None)
            self._lose(node, True)
            return
        known = node in self._alive
        self._alive[node] = _now()
        if not known and kind != "hello":  # it came before us, or we had given it up
            self.say("hello", to=node)
        if kind == "hello":
            self._meet(node)
        elif kind != "alive":
            self._hear(node, kind, letter)

    def _up(self) -> None:
        """Nobody could be heard until now, and much may have changed."""
        self._up_since = _now()
        self._alive = dict.fromkeys(self._alive, _now())
        self.say("hello")
        self._meet(None)

    async def _beat(self) -> None:
        while True:
            self.say("alive")
            slept_from = _now()
            await asyncio.sleep(HEARTBEAT)
            if _now() - slept_from > HEARTBEAT + 1:  # we were not awake ourselves to hear the others
                self._alive = dict.fromkeys(self._alive, _now())
            if self._bus.is_up:
                for node in [node for node, heard in self._alive.items() if _now() - heard > LEASE]:
                    del self._alive[node]
                    self._lose(node, False)


_now = time.monotonic
