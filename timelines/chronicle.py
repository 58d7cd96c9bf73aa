"""The witness of the calls: records the sessions of this process, and has them written down now and then."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Final
from uuid import uuid4

from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError

from timelines.recording import Recording, Session
from timelines.services import Page, recorder_close, sessions_end_of_lost, sessions_keep, sessions_prune
from voice.core.words import Command, Event, Room
from voice.transports.metrics import name_of
from voice.transports.switchboard import Connection

logger = logging.getLogger(__name__)

KEEP_EVERY: Final = 5.0  # seconds: so much is lost at most with a process that is killed
SWEEP_EVERY: Final = 12  # times that
PRUNE_EVERY: Final = 720
MOST_WAITING: Final = 10_000  # sessions that are over and wait for a database that is away
ANOTHER_ROOM: Final = "another-room"
SERVER_STOPPED: Final = "server-stopped"


class Chronicle:
    def __init__(self) -> None:
        self.id = uuid4()
        self._running: dict[str, tuple[Room, Recording]] = {}  # by the connection's key
        self._over: deque[Recording] = deque(maxlen=MOST_WAITING)
        self._begun: set[Recording] = set()
        """That the database does not know yet."""
        self._task: asyncio.Task[None] | None = None

    # What the switchboard says

    async def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Whoever is in a call hears that we stop; what is not written down by then is, if the database answers."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for key in list(self._running):
            self._end(key, SERVER_STOPPED)
        if await self._keep():
            await self._do(recorder_close, self.id)

    def sat_down(self, connection: Connection, room: Room) -> None:
        former = self._running.get(connection.key)
        if former is not None and former[0] == room:
            return
        self._end(connection.key, ANOTHER_ROOM)
        identity, standing = connection.identity, connection.standing
        if identity is None or standing is None or standing.server_id is None:
            return
        dialect = name_of(type(connection.dialect))
        session = Session(
            uuid4(), identity.user.pk, standing.server_id, int(room.name), dialect, connection.peer.id, time.time()
        )
        recording = Recording(session)
        self._running[connection.key] = room, recording
        self._begun.add(recording)

    def heard(self, connection: Connection, command: Command) -> None:
        running = self._running.get(connection.key)
        if running is not None:
            running[1].sent(command, time.time())

    def told(self, connection: Connection, event: Event) -> None:
        running = self._running.get(connection.key)
        if running is not None:
            running[1].told(event, time.time())

    def stood_up(self, connection: Connection, why: str) -> None:
        self._end(connection.key, why)

    def _end(self, key: str, why: str) -> None:
        running = self._running.pop(key, None)
        if running is not None:
            if len(self._over) == MOST_WAITING:
                self._begun.discard(self._over[0])
            running[1].end(why, time.time())
            self._over.append(running[1])

    # Writing it down

    async def _run(self) -> None:
        times = 0
        while True:
            await asyncio.sleep(KEEP_EVERY)
            await self._keep()
            if times % SWEEP_EVERY == 0:
                await self._do(sessions_end_of_lost)
            if times % PRUNE_EVERY == 0:
                await self._do(sessions_prune)
            times += 1

    async def _keep(self) -> bool:
        """What the database does not take waits for the next time."""
        over = set(self._over)
        recordings = [*self._over, *(recording for _, recording in self._running.values())]
        pages = [
            Page(one.session, one in self._begun, one.take(), one.omitted, one.ended if one in over else None)
            for one in recordings
        ]
        if not await self._do(sessions_keep, self.id, pages):
            for one, page in zip(recordings, pages, strict=True):
                one.give_back(page.moments)
            return False
        self._begun.difference_update(recordings)
        while self._over and self._over[0] in over:
            self._over.popleft()
        return True

    async def _do(self, work: Callable[..., object], *arguments: object) -> bool:
        try:
            await database_sync_to_async(work, thread_sensitive=False)(*arguments)
        except (OperationalError, InterfaceError) as error:
            logger.warning("The timelines of calls wait for the database: %s", error)
            return False
        return True
