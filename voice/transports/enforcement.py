"""Ends seats and sockets whose rights have ended: at once by the news on the bus, and by a sweep if news was lost."""

import asyncio
import logging
from typing import Any

from channels.db import database_sync_to_async

from projectvoice.kernel.events import GROUP, AccessChanged, bus
from voice.access import Claim, refusals
from voice.transports.switchboard import Connection, Switchboard

logger = logging.getLogger(__name__)

SWEEP_EVERY = 20.0
SWEEP_SIZE = 500  # claims looked at in one sweep; the next one goes on where it ended
READY_PATIENCE = 2.0


class Enforcement:
    """Runs beside the sockets of one process, from its first connection on."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self._listening = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._swept = 0

    async def ready(self) -> None:
        """Before somebody may sit down, we listen; without a bus we go on, and the sweep stands in."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._sweep())]
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
                    await self._hear(await layer.receive(channel))
            except Exception:
                logger.exception("Listening on the bus failed, trying again")
                self._listening.clear()
                await asyncio.sleep(1)

    async def _hear(self, message: dict[str, Any]) -> None:
        event = AccessChanged(message.get("user_id"), message.get("server_id"), message.get("channel_id"))
        self._switchboard.changes += 1
        concerned = {
            connection.id for connection in self._switchboard.connections if _concerns(event, connection, self._switchboard)
        }
        await self._check([claim for claim in self._switchboard.claims() if claim.peer_id in concerned])

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            claims = self._switchboard.claims()
            self._swept = 0 if self._swept >= len(claims) else self._swept
            await self._check(claims[self._swept : self._swept + SWEEP_SIZE])
            self._swept += SWEEP_SIZE

    async def _check(self, claims: list[Claim]) -> None:
        if not claims:
            return
        try:
            refused = await database_sync_to_async(refusals)(claims)
        except Exception:
            logger.exception("Rights could not be checked, the next sweep will")
            return
        self._switchboard.enforce(refused)


def _concerns(event: AccessChanged, connection: Connection, switchboard: Switchboard) -> bool:
    if connection.identity is None:
        return False
    if event.user_id is not None and event.user_id != connection.identity.user.pk:
        return False
    room = switchboard.hub.room_of(connection.id)
    in_channel = room is not None and room.channel
    if event.server_id is not None and not (in_channel and event.server_id == connection.server_id):
        return False
    return event.channel_id is None or bool(in_channel and room and room.name == str(event.channel_id))
