"""The process that pushes events to hooks, `manage.py push_events`. Its death is never the end: what it owes waits in the database."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from launch.crew import Child, Crew
from launch.keeping import keep
from launch.options import ROOT

GRACE = 3.0


class Push:
    def __init__(self, crew: Crew, python: Path, environment: Mapping[str, str]) -> None:
        self._crew, self._environment = crew, environment
        self._command: list[str | Path] = [python, ROOT / "manage.py", "push_events"]
        self._child: Child | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._keeper = asyncio.create_task(keep(self._crew, await self._start(), self._start, lambda: False))

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._child is not None:
            await self._child.stop(GRACE)

    async def _start(self) -> Child:
        self._child = await self._crew.start("push", self._command, self._environment)
        return self._child
