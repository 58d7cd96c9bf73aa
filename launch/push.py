"""The process that pushes events to hooks, `manage.py push_events`. What it owes waits in the database."""

from collections.abc import Mapping
from pathlib import Path

from launch.crew import Child, Crew
from launch.keeping import Kept
from launch.options import ROOT

GRACE = 3.0


class Push:
    def __init__(self, crew: Crew, python: Path, environment: Mapping[str, str]) -> None:
        self._crew, self._environment = crew, environment
        self._command: list[str | Path] = [python, ROOT / "manage.py", "push_events"]
        self._kept = Kept(crew, self._start, GRACE)
        self._kept.settled = True  # its death is never the end
        self.stop = self._kept.stop

    async def start(self) -> None:
        await self._kept.begin()

    async def _start(self) -> Child:
        return await self._crew.start("push", self._command, self._environment)
