"""The processes of one machine tell each other their figures, so that a scrape of any of them is one of all.

Each listens on a Unix socket of the folder that they share, and writes down what grows before it tells it: a successor goes on
from there, so that nothing that was told is ever less. Of who does not answer what is written counts, and nothing else.
"""

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import Final

import orjson

from telemetry import process
from telemetry.registry import Snapshot, added_up, growing, snapshot

logger = logging.getLogger(__name__)

PATIENCE: Final = 2.0  # seconds that another process has to answer
SOCKET: Final = ".figures"
KEPT: Final = ".counted"
UP: Final = "1 for a process that answered this scrape; 0 for one that did not: it died, or its loop stands still."


class Exchange:
    """`folder` is None for a process that has nobody beside it."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._name = process.name()
        self._former: Snapshot = []
        self._keeping = asyncio.Lock()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        if self._folder is None:
            return
        self._former = _read(self._folder / f"{self._name}{KEPT}")
        address = self._folder / f"{self._name}{SOCKET}"
        address.unlink(missing_ok=True)  # of one who was killed
        self._server = await asyncio.start_unix_server(self._answer, address)

    async def stop(self) -> None:
        """What was counted last is kept for the next of this name."""
        if self._server is not None:
            self._server.close()
            await self.own()

    async def own(self) -> Snapshot:
        """This process, with those before it under the same name."""
        if self._folder is None:
            return snapshot()
        async with self._keeping:
            told = added_up([snapshot(), self._former])
            await asyncio.to_thread(_write, self._folder / f"{self._name}{KEPT}", orjson.dumps(growing(told)))
        return told

    async def everybody(self) -> Snapshot:
        """All processes of this machine."""
        folder = self._folder
        mine, others = await asyncio.gather(self.own(), asyncio.gather(*map(_ask, self._others(folder) if folder else [])))
        up = {self._name: True, **{path.stem: told is not None for path, told in others}}
        samples = [["projectvoice_process_up", {"process": name}, float(there)] for name, there in up.items()]
        counted = [_read(path.with_suffix(KEPT)) if told is None else told for path, told in others]
        return added_up([[["projectvoice_process_up", "gauge", UP, samples]], mine, *counted])

    def _others(self, folder: Path) -> list[Path]:
        """Where those listen who are here, or were."""
        names = {path.stem for path in folder.iterdir() if path.suffix in {SOCKET, KEPT}} - {self._name}
        return [folder / f"{name}{SOCKET}" for name in sorted(names)]

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError), contextlib.closing(writer):
            writer.write(orjson.dumps(await self.own()))
            await writer.drain()


async def _ask(address: Path) -> tuple[Path, Snapshot | None]:
    """None: nobody answers there."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_unix_connection(address)
            with contextlib.closing(writer):
                return address, orjson.loads(await reader.read(-1))
    except (OSError, TimeoutError, orjson.JSONDecodeError):
        return address, None


def _read(path: Path) -> Snapshot:
    try:
        return list(orjson.loads(path.read_bytes()))
    except (FileNotFoundError, orjson.JSONDecodeError):
        return []


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    try:
        path.with_suffix(".new").write_bytes(content)
        path.with_suffix(".new").replace(path)
    except OSError as error:
        logger.warning("Figures cannot be kept over a restart: %s", error)
