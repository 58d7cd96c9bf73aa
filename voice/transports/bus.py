"""What carries signals between the hubs of several processes and machines: Valkey's pub/sub, on one connection.

docs/decisions/0036-own-bus.md says why not the channel layer.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from random import uniform
from typing import Final

from voice.transports.valkey import Address, Connection

logger = logging.getLogger(__name__)

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
LASTING: Final = 10.0  # seconds: what held so long is tried anew without the pause of those before


class Bus:
    """Lines to channels and from them, in order per publisher and channel. What is said while it is down is lost.

    All in one event loop. `hear`, `up` and `down` are called within it and must not wait; what they raise is logged.
    """

    def __init__(
        self,
        url: str,
        hear: Callable[[str, bytes], None],
        up: Callable[[], None],
        down: Callable[[], None],
        prefix: str = "pv",
    ) -> None:
        """`url` as redis-py reads it; ValueError if it does not. `prefix` parts those who share a server.

        `hear(channel, line)` for each line of a channel subscribed to. `up` when all channels are subscribed, `down` when
        that connection is lost, but not when `run` is cancelled; nothing is heard from `down` to `up`.
        """
        self._address = Address(url)
        self._hear, self._up, self._down = hear, up, down
        self._prefix = f"{prefix}:"
        self._channels: dict[bytes, str] = {}  # by their names on the server; remembered over connections
        self._connection: Connection | None = None  # the last made
        self._working: Connection | None = None  # the same, while it is up
        self.published = self.lost = self.heard = self.outages = 0
        """Lines, and how often it went down."""

    async def run(self) -> None:
        """Connect, and again after each loss, until cancelled; what was published is then still written."""
        clock = asyncio.get_running_loop().time
        pause, told = FIRST_PAUSE, ""
        while True:
            began = clock()
            try:
                why = await self._live()
            except OSError as error:
                why = f"cannot connect, {str(error) or type(error).__name__}"
            if clock() - began >= LASTING:
                pause, told = FIRST_PAUSE, ""
            if why != told:
                logger.warning("No bus to other processes: %s", why)
                told = why
            await asyncio.sleep(uniform(pause / 2, pause))  # noqa: S311  # only so that not all come at once
            pause = min(2 * pause, LONGEST_PAUSE)

    @property
    def is_up(self) -> bool:
        return self._working is not None and not self._working.over.done()

    def publish(self, channel: str, line: bytes) -> bool:
        """Never waits. `line` has no newline. False while down; when too much is unwritten, that is from now on."""
        if self._working is not None and self._working.publish(self._name(channel), line):
            self.published += 1
            return True
        self.lost += 1
        return False

    async def reach(self, channel: str, line: bytes) -> int:
        """Publish, in order with `publish`, and answer how many subscribers got it; 0 while down."""
        count: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if self._working is None or not self._working.publish(self._name(channel), line, partial(_settle, count)):
            self.lost += 1
            return 0
        self.published += 1
        return await count

    async def subscribe(self, channel: str) -> bool:
        """True once the server has confirmed. False while down, but by the next `up` it is subscribed to."""
        name = self._name(channel)
        self._channels[name] = channel
        if self._working is None or self._working.over.done():
            return False
        confirmed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._working.subscribe([name], partial(_settle, confirmed))
        return bool(await confirmed)

    def unsubscribe(self, channel: str) -> None:
        """Nothing of it is heard any more."""
        name = self._name(channel)
        self._channels.pop(name, None)
        if self._connection is not None and name in self._connection.subscribed:
            self._connection.unsubscribe(name)

    def _name(self, channel: str) -> bytes:
        return (self._prefix + channel).encode()

    async def _live(self) -> str:
        """One connection; answers why it is over. Raises OSError if there never was one."""
        connection = self._connection = Connection(self._address.hello, self._catch_up, self._take)
        await self._address.connect(connection)
        try:
            why = await asyncio.shield(connection.over)
        finally:
            worked, self._working = self._working is connection, None
            connection.close()
        if worked:
            self.outages += 1
            _tell(self._down)
        return why

    def _catch_up(self, answered: int) -> None:
        """Subscribe to what this connection is not subscribed to yet; then it works."""
        connection = self._connection
        if not answered or connection is None:
            return
        missing = [name for name in self._channels if name not in connection.subscribed]
        if missing:
            connection.subscribe(missing, self._catch_up)
            return
        self._working = connection
        logger.info("The bus to other processes is up")
        _tell(self._up)

    def _take(self, channel: bytes, lines: list[bytes]) -> None:
        self.heard += len(lines)
        for line in lines:
            name = self._channels.get(channel)
            if name is None or self._working is None:
                return  # unsubscribed from, perhaps by the line before; or other channels are still to be subscribed
            try:
                self._hear(name, line)
            except Exception:
                logger.exception("A line from the bus was not dealt with")


def _tell(callback: Callable[[], None]) -> None:
    try:
        callback()
    except Exception:
        logger.exception("News of the bus was not dealt with")


def _settle(future: asyncio.Future[int], number: int) -> None:
    if not future.done():  # whoever waited may have been cancelled
        future.set_result(number)
