"""The relay, `manage.py runturn`. Once it has served, its death is not the end: calls that need none go on meanwhile."""

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from launch.crew import Child, Crew
from launch.keeping import Kept
from launch.options import ROOT

GRACE = 3.0


class Turn:
    def __init__(self, crew: Crew, python: Path, environment: Mapping[str, str]) -> None:
        self._crew, self._environment = crew, environment
        self._command: list[str | Path] = [python, ROOT / "manage.py", "runturn"]
        self._kept = Kept(crew, self._start, GRACE)
        self._ready: int | None = None
        self.stop = self._kept.stop

    async def start(self) -> None:
        """Returns when it serves. If it dies before that, all ends."""
        reader, self._ready = os.pipe()
        try:
            await self._kept.begin()
        finally:
            os.close(self._ready)
            self._ready = None
        try:
            self._kept.settled = await _first_byte(reader) != b""
        finally:
            os.close(reader)
        if not self._kept.settled:
            await self._kept.ended()

    async def _start(self) -> Child:
        told = [] if self._ready is None else ["--ready-fd", str(self._ready)]
        return await self._crew.start(
            "turn",
            [*self._command, *told],
            self._environment,
            inherited=[] if self._ready is None else [self._ready],
            stop_signal=signal.SIGINT,  # at once: SIGTERM would let those who talk finish
        )


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
