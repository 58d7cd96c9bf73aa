"""Children that may die: one that does is started again, and the others go on."""

import asyncio
from collections.abc import Awaitable, Callable

from launch.console import say
from launch.crew import Child, Crew, ending

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before one is started again; doubled each time ...
STEADY = 60.0  # ... until one has lived that long


async def keep(crew: Crew, child: Child, again: Callable[[], Awaitable[Child]], fatal: Callable[[], bool]) -> None:
    """Until it is cancelled, or `child` or a successor dies while that is `fatal`: then that is the end of all."""
    clock, pause = asyncio.get_running_loop().time, FIRST_PAUSE
    begun = clock()
    while True:
        how = ending(child, await child.wait())
        if fatal():
            crew.fall(how)
            return
        if clock() - begun >= STEADY:
            pause = FIRST_PAUSE
        say(f"{how} It is started again in {pause:g} s; the others go on.")
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
        child, begun = await again(), clock()
