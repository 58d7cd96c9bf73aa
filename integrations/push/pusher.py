"""The process that pushes: of all that run, the one that holds the lock. Each hook is served by a task of its own, so that one that
hangs waits alone; each has at most one request under way, so that its events come in order.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.db import connections

from integrations.push import deliveries
from integrations.push.client import Answer, post
from integrations.push.deliveries import Parcel
from integrations.push.signing import HEADER, signature
from live.outage import Outage
from turn.policy import Peers

logger = logging.getLogger(__name__)
T = TypeVar("T")

LOOK_EVERY = 0.5  # seconds
AGAIN_AFTER = 2.0  # seconds, without the lock
AT_A_TIME = 500  # hooks that are being served


class Pusher:
    def __init__(self) -> None:
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._thread = ThreadPoolExecutor(1, "push")  # and with it one connection, which holds the lock

    async def run(self) -> None:
        """Until it is cancelled."""
        outage = Outage("Events are not pushed")
        try:
            while True:
                try:
                    try:
                        leader = await self._ask(deliveries.lead)
                        outage.over()
                        if leader:
                            await self._lead(leader)
                    finally:
                        await self._stop()
                    await asyncio.sleep(AGAIN_AFTER)
                except Exception as error:  # an edge: the database is away, or a bug of ours
                    await outage.wait(error)
        finally:
            self._thread.shutdown(wait=True)

    async def _lead(self, leader: int) -> None:
        """While the connection holds; with it goes the lock, and every task."""
        position = await self._ask(deliveries.wake_all)
        while True:
            position = await self._ask(deliveries.wake, leader, position)
            for hook_id in await self._ask(deliveries.due, list(self._tasks), AT_A_TIME - len(self._tasks)):
                task = asyncio.create_task(self._serve(hook_id))
                self._tasks[hook_id] = task
                task.add_done_callback(partial(self._served, hook_id))
            await asyncio.sleep(LOOK_EVERY)

    async def _serve(self, hook_id: int) -> None:
        while parcel := await self._ask(deliveries.take, hook_id):
            answer = await send(parcel)
            await self._ask(deliveries.settle, parcel, answer)
            if not answer.is_good:
                return

    def _served(self, hook_id: int, task: asyncio.Task[None]) -> None:
        del self._tasks[hook_id]
        if not task.cancelled() and (error := task.exception()):
            logger.error("Event hook %d could not be served", hook_id, exc_info=error)

    async def _stop(self) -> None:
        """What is under way is sent again by whoever leads next."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._ask(connections.close_all)

    async def _ask(self, question: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(question, *arguments))


async def send(parcel: Parcel) -> Answer:
    allowed = settings.EVENT_HOOKS_ALLOW_PRIVATE
    signed = signature(parcel.secret, int(time.time()), parcel.body)
    return await post(parcel.url, parcel.body, {HEADER: signed}, Peers(private=allowed, loopback=allowed))
