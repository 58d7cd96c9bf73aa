"""Has what was announced taken into the log, and what is old taken out of it. In every process with sockets."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from random import uniform
from typing import Final

from events import doorbell, sequencer
from live import metrics
from live.outage import Outage
from live.pruning import prune
from live.threads import Threads

logger = logging.getLogger(__name__)

LOOK_EVERY: Final = 1.0  # seconds; announcements of other processes, and of commands
PRUNE_EVERY: Final = 3600.0
LATE: Final = 5.0  # seconds that an announcement waits before it is told of
TELL_EVERY: Final = 30.0


class Sequence:
    """What takes long is done in the threads `beside`; `grown` is called when there is something new in the log."""

    def __init__(self, threads: Threads, beside: Threads, grown: Callable[[], None]) -> None:
        self._threads, self._beside, self._grown = threads, beside, grown
        self._rung = asyncio.Event()
        self._told = -TELL_EVERY

    async def run(self) -> None:
        loop = asyncio.get_running_loop()

        def bell() -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._rung.set)

        doorbell.bells.append(bell)
        try:
            await asyncio.gather(self._drain(), self._prune())
        finally:
            doorbell.bells.remove(bell)

    async def _drain(self) -> None:
        outage = Outage("Announcements wait")
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._rung.wait()
            rung = self._rung.is_set()
            self._rung.clear()
            try:
                if rung or await self._threads.run(self._waiting):
                    await self._take()
                outage.over()
            except Exception as error:
                self._rung.set()
                await outage.wait(error)

    async def _take(self) -> None:
        """All there is."""
        while taken := await self._threads.run(sequencer.drain):
            metrics.SEQUENCED.inc(taken)
            self._grown()
            if taken < sequencer.AT_ONCE:
                return

    def _waiting(self) -> bool:
        late = sequencer.waiting()
        if late is not None and late > LATE and time.monotonic() - self._told > TELL_EVERY:
            self._told = time.monotonic()
            logger.warning("An announcement has been waiting for %.0f s to be taken into the log", late)
        return late is not None

    async def _prune(self) -> None:
        await asyncio.sleep(uniform(0, PRUNE_EVERY))  # noqa: S311 - only so that not all come at once
        outage = Outage("The log is not pruned")
        while True:
            try:
                if pruned := await self._beside.run(prune):
                    metrics.PRUNED.inc(pruned)
                    logger.info("%d old events have left the log", pruned)
                outage.over()
                await asyncio.sleep(PRUNE_EVERY)
            except Exception as error:
                await outage.wait(error)
