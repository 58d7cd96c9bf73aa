"""The relay, `manage.py runturn`. Once it has served, its death is not the end: calls that need none go on meanwhile."""

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from launch.crew import Child, Crew
from launch.keeping import keep
from launch.options import ROOT

GRACE = 3.0


class Turn:
    def __init__(self, crew: Crew, python: Path, environment: Mapping[str, str]) -> None:
        self._crew, self._environment = crew, environment
        self._command: list[str | Path] = [python, ROOT / "manage.py", "runturn"]
        self._child: Child | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._served = False

    async def start(self) -> None:
        """Returns when it serves. If it dies before that, all ends."""
        reader, writer = os.pipe()
        try:
            child = await self._start(writer)
        finally:
            os.close(writer)
        self._keeper = asyncio.create_task(keep(self._crew, child, self._start, lambda: not self._served))
        try:
            self._served = await _first_byte(reader) != b""
        finally:
            os.close(reader)
        if not self._served:
            await self._keeper

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._child is not None:
            await self._child.stop(GRACE)

    async def _start(self, ready: int | None = None) -> Child:
        told = [] if ready is None else ["--ready-fd", str(ready)]
        self._child = await self._crew.start(
            "turn",
            [*self._command, *told],
            self._environment,
            inherited=[] if ready is None else [ready],
            stop_signal=signal.SIGINT,  # at once: SIGTERM would let those who talk finish
        )
        return self._child


async def _first_byte(pipe: int) -> bytes:
    """None if nobody has the other end any more."""
    readable = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(pipe, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(pipe)
    return os.read(pipe, 1)
