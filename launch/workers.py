"""The web processes. Of several, one that dies is started again; without the only one there is nothing to go on with."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from launch.crew import Child, Crew
from launch.folders import make_private, socket_folder
from launch.keeping import keep

GRACE = 5.0  # uvicorn itself gives open requests 2 s


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
        self.folder = _empty_folder(home)
        self._environment = environment
        self._children: dict[int, Child] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self.settled = False
        """Before, the end of any is the end of all."""

    async def start(self) -> None:
        for number in range(self._count):
            child = await self._start(number)
            kept = keep(self._crew, child, partial(self._start, number), lambda: self._count == 1 or not self.settled)
            self._keepers.append(asyncio.create_task(kept))

    async def stop(self) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await asyncio.gather(*(child.stop(GRACE) for child in self._children.values()))

    @property
    def listening(self) -> bool:
        """All of several; of one it can only be found out by asking it."""
        return self._count == 1 or len(list(self.folder.glob("*.sock"))) == self._count

    async def _start(self, number: int) -> Child:
        self._children[number] = await self._crew.start(
            "web" if self._count == 1 else f"web {number}",
            command(self._python, self._descriptors),
            {**self._environment, **environment_of(number, self._count, self.folder)},
            inherited=self._descriptors,
        )
        return self._children[number]


def command(python: str | Path, descriptors: Sequence[int]) -> list[str | Path]:
    return [python, "-m", "launch.web", *map(str, descriptors)]


def environment_of(number: int, count: int, folder: Path) -> dict[str, str]:
    """What one worker knows of itself."""
    return {"VOICE_WORKER": str(number), "VOICE_WORKERS": str(count), "VOICE_SOCKETS": str(folder)}


def _empty_folder(home: Path) -> Path:
    """That nobody else may enter."""
    make_private(home, None)
    folder = socket_folder(home, None)
    for left in folder.iterdir():  # by those who were killed, and what they had counted
        left.unlink()
    return folder
