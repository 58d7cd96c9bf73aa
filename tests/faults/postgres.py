"""A PostgreSQL of a test's own, which it stops and starts as often as it likes."""

import asyncio
import threading
from pathlib import Path

from launch.bootstrap import VENV
from launch.crew import Crew
from launch.postgres import Cluster


class Postgres:
    """As ./test has one, in a folder that others may enter. It is served from a thread of its own."""

    def __init__(self, home: Path) -> None:
        self.url = ""
        self._home = home
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """It answers afterwards."""
        self._up, self._error = threading.Event(), list[BaseException]()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._up.wait()
        if self._error:
            raise self._error[0]

    def stop(self) -> None:
        """Fast: whoever is in the middle of something is cut off, as by `systemctl restart`."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._error.append(error)
        finally:
            self._up.set()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with Cluster(self._home, VENV, throw_away=True).serve(Crew()) as self.url:
            self._up.set()
            await self._over.wait()
