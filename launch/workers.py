"""The web processes. While one that died is started again, others answer; who knocks when there is no other waits."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from launch.console import say
from launch.crew import Child, Crew
from launch.folders import make_private, socket_folder
from launch.keeping import Kept

GRACE = 10.0  # beside DRAIN_SECONDS; of its own will one ends sooner
RENEWAL_TIMEOUT = 60.0


class Workers:
    """All share the `listeners`. `home` is for the Unix sockets by which they reach each other."""

    def __init__(
        self,
        crew: Crew,
        python: Path,
        listeners: Sequence[socket.socket],
        count: int,
        home: Path,
        environment: Mapping[str, str],
    ) -> None:
        self._crew, self._python, self._count = crew, python, count
        self._descriptors = [listener.fileno() for listener in listeners]
        self._folder = _empty_folder(home)
        self._environment = environment
        self._kept = [Kept(crew, partial(self._start, number), GRACE + _drains(environment)) for number in range(count)]

    async def start(self) -> None:
        for worker in self._kept:
            await worker.begin()

    async def stop(self) -> None:
        await asyncio.gather(*(worker.stop() for worker in self._kept))

    def settle(self) -> None:
        """All have served. Before, the end of any is the end of all."""
        for worker in self._kept:
            worker.settled = True

    async def renew(self, serves: Callable[[], Awaitable[bool]]) -> None:
        """One after another gets a successor, each once the one before `serves`. Ends at the first that does not."""
        for number, worker in enumerate(self._kept):
            former = worker.child
            await worker.renew()
            if not await self._followed(worker, former, serves):
                say(f"Web process {number} does not come up again: the renewal ends here.")
                return
        say("The web processes were renewed.")

    async def _followed(self, worker: Kept, former: Child | None, serves: Callable[[], Awaitable[bool]]) -> bool:
        clock = asyncio.get_running_loop().time
        deadline = clock() + RENEWAL_TIMEOUT
        while clock() < deadline:
            if worker.child not in (None, former) and self.listening and await serves():
                return True
            await asyncio.sleep(0.05)
        return False

    @property
    def listening(self) -> bool:
        """All of several; of one it can only be found out by asking it."""
        return self._count == 1 or len(list(self._folder.glob("*.sock"))) == self._count

    async def _start(self, number: int) -> Child:
        return await self._crew.start(
            "web" if self._count == 1 else f"web {number}",
            command(self._python, self._descriptors),
            {**self._environment, **environment_of(number, self._count, self._folder)},
            inherited=self._descriptors,
        )


def _drains(environment: Mapping[str, str]) -> float:
    """DRAIN_SECONDS, of which the process itself says if it can make nothing of it."""
    seconds = environment.get("DRAIN_SECONDS", "").strip()
    return float(seconds) if seconds.isdecimal() else 0.0


def command(python: str | Path, descriptors: Sequence[int]) -> list[str | Path]:
    return [python, "-m", "launch.web", *map(str, descriptors)]


def environment_of(number: int, count: int, folder: Path) -> dict[str, str]:
    """What one worker knows of itself."""
    return {"VOICE_WORKER": str(number), "VOICE_WORKERS": str(count), "VOICE_SOCKETS": str(folder)}


def _empty_folder(home: Path) -> Path:
    """That nobody else may enter."""
    make_private(home, None)
    folder = socket_folder(home, None)
    for left in folder.glob("*.sock"):  # by those who were killed
        left.unlink()
    return folder
