"""Writes down what a web process counts, beside its requests and sockets."""

import asyncio
import logging

from channels.db import database_sync_to_async
from django.db import Error

from figures.services import figures_keep
from projectvoice.kernel.patience import waiting_at_most

logger = logging.getLogger(__name__)

KEEP_EVERY = 15.0  # seconds: so much is lost at most with a process that is killed
PATIENCE = 2.0  # seconds, since a process that ends waits for it


class Keeper:
    """One for a process. Without a database it waits for the next time."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """What was counted up to now is written, if the database answers."""
        if self._task is not None:
            self._task.cancel()
        await self._keep()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(KEEP_EVERY)
            await self._keep()

    async def _keep(self) -> None:
        try:
            with waiting_at_most(PATIENCE):
                await database_sync_to_async(figures_keep, thread_sensitive=False)()
        except Error as error:
            logger.warning("Figures wait for the database: %s", error)


keeper = Keeper()
