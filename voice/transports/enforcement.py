"""Ends seats and sockets whose rights have ended: at once by the news on the bus, and by a sweep if news was lost."""

import asyncio
import logging

from channels.db import database_sync_to_async

from projectvoice.kernel.events import GROUP, AccessChanged, MemberMoved, bus, event_of
from voice.access import review
from voice.transports.switchboard import Connection, Switchboard

logger = logging.getLogger(__name__)

SWEEP_EVERY = 20.0
SWEEP_SIZE = 500  # connections looked at in one sweep; the next one goes on where it ended
READY_PATIENCE = 2.0


class Enforcement:
    """Runs beside the sockets of one process, from its first connection on."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self._listening = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def ready(self) -> None:
        """Before somebody may sit down, we listen; without a bus we go on, and the sweep stands in."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(work()) for work in (self._listen, self._check, self._sweep)]
        try:
            async with asyncio.timeout(READY_PATIENCE):
                await self._listening.wait()
        except TimeoutError:
            logger.warning("The bus does not answer, the sweep stands in")

    async def _listen(self) -> None:
        layer = bus()
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(GROUP, channel)
                self._listening.set()
                while True:
                    event = event_of(await layer.receive(channel))
                    if isinstance(event, AccessChanged):
                        self._hear(event)
                    elif isinstance(event, MemberMoved):
                        await self._switchboard.move(event)
            except Exception:
                logger.exception("Listening on the bus failed, trying again")
                self._listening.clear()
                await asyncio.sleep(1)

    def _hear(self, event: AccessChanged) -> None:
        self._switchboard.changes += 1
        board = self._switchboard
        asked = board.connections if event.user_id is None else board.connections_of(event.user_id)
        board.suspect([connection.key for connection in asked if self._concerns(event, connection)])

    def _concerns(self, event: AccessChanged, connection: Connection) -> bool:
        if connection.identity is None:
            return False
        if event.server_id is None and event.channel_id is None:
            return True
        room = self._switchboard.hub.room_of(connection.key)
        if room is None or not room.channel:
            return False
        server_id = None if connection.standing is None else connection.standing.server_id
        return event.server_id in {None, server_id} and event.channel_id in {None, int(room.name)}

    async def _check(self) -> None:
        while True:
            await self._switchboard.doubt.wait()
            claims = self._switchboard.take_suspects()
            if not claims:
                continue
            try:
                self._switchboard.enforce(await database_sync_to_async(review, thread_sensitive=False)(claims))
            except Exception:
                logger.exception("Rights could not be checked, the next sweep will")

    async def _sweep(self) -> None:
        start = 0
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            ids = [connection.key for connection in self._switchboard.connections]
            start = start if start < len(ids) else 0
            self._switchboard.suspect(ids[start : start + SWEEP_SIZE])
            start += SWEEP_SIZE
