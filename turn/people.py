"""Binds the relay to persons: who lost his access is cut off, and what was carried is written down for each.

Runs beside the relay's I/O, on its loop. It goes on without bus and without database: the sweep finds what news were lost,
and what could not be written waits.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from channels.db import database_sync_to_async
from django.db import Error, connections
from redis.exceptions import RedisError

from accounts.selectors import users_signed_in
from projectvoice.kernel.events import GROUP, AccessEnded, bus, event_of
from turn.journal import Journal
from turn.relay import Relay
from turn.services import usage_add, usage_prune
from turn.usage import Ledger, person_of

SWEEP_EVERY = 20.0
SWEEP_SIZE = 500  # users asked about in one query
WRITE_EVERY = 10.0
PATIENCE = 1.0  # seconds until the bus is tried again


async def look_after(relay: Relay) -> None:
    """A companion of the relay: until it is cancelled, once the relay has stopped."""
    await People(relay).run()


class Neighbour:
    """Tells once that it is away, and once that it is back."""

    def __init__(self, name: str, journal: Journal) -> None:
        self._name, self._journal = name, journal
        self._there = True

    def answers(self) -> None:
        if not self._there:
            self._journal.event(f"{self._name}-back")
        self._there = True

    def fails(self, error: Exception) -> None:
        if self._there:
            self._journal.warn(f"{self._name}-away", error=" ".join(str(error).split()) or type(error).__name__)
        self._there = False


class People:
    def __init__(self, relay: Relay) -> None:
        self._relay, self._journal = relay, relay.journal
        self._ledger = Ledger()
        self._pruned: date | None = None
        self._bus, self._database = Neighbour("bus", self._journal), Neighbour("database", self._journal)
        self._thread = ThreadPoolExecutor(1, "people")  # and one connection to the database with it

    async def run(self) -> None:
        """Until it is cancelled; what was carried last is written then."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen())
                tasks.create_task(self._every(SWEEP_EVERY, self.sweep))
                tasks.create_task(self._every(WRITE_EVERY, self.write))
        finally:
            await self._try(self.write)
            self._thread.submit(connections.close_all)
            self._thread.shutdown(wait=False)

    async def sweep(self) -> None:
        """Cuts off who has live allocations and is gone, blocked or nowhere signed in: the news of it may have been lost."""
        ids = [person for user in self._relay.users() if (person := person_of(user)) is not None]
        for start in range(0, len(ids), SWEEP_SIZE):
            asked = set(ids[start : start + SWEEP_SIZE])
            for person in asked - await self._ask(users_signed_in, asked):
                self._cut(person, "sweep")

    async def write(self) -> None:
        """Writes down what was carried since the last time, and what could not be written then."""
        today = datetime.now(UTC).date()
        self._ledger.add(today, self._relay.carried())
        if lost := self._ledger.take_lost():
            self._journal.warn("usage-lost", users=lost)
        while batch := self._ledger.batch(uuid4()):
            await self._ask(usage_add, batch)
            self._ledger.written()
        if self._pruned != today:
            await self._ask(usage_prune, today)
            self._pruned = today

    async def _listen(self) -> None:
        layer = bus()
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(GROUP, channel)
                self._bus.answers()
                while True:
                    event = event_of(await layer.receive(channel))
                    if isinstance(event, AccessEnded):
                        self._cut(event.user_id, "news")
            except (RedisError, OSError, TimeoutError) as error:
                self._bus.fails(error)
            except Exception as error:  # an edge: the next news must be heard
                self._journal.failed("news", error)
            finally:
                # While it cancels its receiver it swallows a cancellation of ours, too; gather does not.
                await asyncio.gather(layer.flush(), return_exceptions=True)
            await asyncio.sleep(PATIENCE)

    def _cut(self, person: int, why: str) -> None:
        """Without allocations, too: credentials that he has not used yet end as well."""
        allocations = self._relay.server.allocations.count_of(str(person))
        if allocations:
            self._journal.event("cut", user=person, allocations=allocations, by=why)
        self._relay.cut(str(person))

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._try(work)

    async def _try(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Error as error:
            self._database.fails(error)
        except Exception as error:  # an edge: it is tried again
            self._journal.failed(work.__name__, error)

    async def _ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        answer = await database_sync_to_async(function, thread_sensitive=False, executor=self._thread)(*arguments)
        self._database.answers()
        return answer
