"""A part that may die: it is started again, and the others go on."""

import asyncio
from collections.abc import Awaitable, Callable

from launch.console import LaunchError, say
from launch.crew import Child, Crew, ending

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before one is started again; doubled each time ...
STEADY = 20.0  # ... until one has lived that long


class Kept:
    """One child at a time, each made by `start`; `grace` is what the last one gets to stop in."""

    def __init__(self, crew: Crew, start: Callable[[], Awaitable[Child]], grace: float) -> None:
        self._crew, self._start, self._grace = crew, start, grace
        self._child: Child | None = None
        self._keeper: asyncio.Task[None] | None = None
        self.settled = False
        """Before, its death is the end of all: what has never served is not worth another try."""

    async def begin(self) -> Child:
        self._child = await self._start()
        self._keeper = asyncio.create_task(self._keep(self._child))
        return self._child

    @property
    def child(self) -> Child | None:
        """None while there is none."""
        return self._child

    async def renew(self) -> None:
        """Lets the child end in its grace; another follows at once."""
        if self._child is not None:
            await self._child.stop(self._grace)

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._child is not None:
            await self._child.stop(self._grace)

    async def ended(self) -> None:
        """Returns if it dies before it is settled."""
        if self._keeper is not None:
            await self._keeper

    async def _keep(self, child: Child) -> None:
        clock, pause = asyncio.get_running_loop().time, FIRST_PAUSE
        while True:
            begun = clock()
            status = await child.wait()
            if not self.settled:
                self._crew.fall(ending(child, status))
                return
            if child.expected_to_end:  # it is renewed
                pause = 0.0
            elif clock() - begun >= STEADY:
                pause = FIRST_PAUSE
            if pause:
                say(ending(child, status, f" It is started again in {pause:g} s; the others go on."))
            self._child = None
            while self._child is None:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE) or FIRST_PAUSE
                try:
                    self._child = await self._start()
                except (OSError, LaunchError) as error:  # no memory, no more processes: it may pass
                    say(f"{child.name} cannot be started: {error} It is tried again in {pause:g} s.")
            child = self._child
