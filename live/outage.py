"""Trying again: told once, with pauses that grow."""

import asyncio
import logging
from typing import Final

from django.db import InterfaceError, OperationalError

logger = logging.getLogger(__name__)

NO_DATABASE: Final = (OperationalError, InterfaceError)
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0


class Outage:
    def __init__(self, consequence: str) -> None:
        self._consequence = consequence
        self._pause = 0.0

    def over(self) -> None:
        if self._pause:
            logger.warning("%s no longer", self._consequence)
        self._pause = 0.0

    async def wait(self, error: Exception) -> None:
        """A database that does not answer is one line in the log; what else is wrong is told whole."""
        if not self._pause:
            if isinstance(error, NO_DATABASE):
                logger.warning("%s: %s", self._consequence, str(error).strip().partition("\n")[0])
            else:
                logger.error("%s", self._consequence, exc_info=error)
        self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
        await asyncio.sleep(self._pause)
