"""PostgreSQL is restarted under load: who asks meanwhile is told so, nothing is written by halves, calls go on."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

from tests.conftest import PATIENCE, Instance, environment_of
from tests.faults.conftest import Length
from tests.faults.postgres import Postgres
from tests.faults.strict import Strict
from tests.protocol.conftest import Connect, talks

PAUSE = 0.05  # seconds between two messages of one writer


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with TemporaryDirectory(prefix="projectvoice-postgres-") as folder:
        Path(folder).chmod(0o711)  # under root it is another user
        server = Postgres(Path(folder) / "home")
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="module")
def site(postgres: Postgres) -> Iterator[Instance]:
    """Two workers, with the patience that they have by default."""
    own = Instance({**environment_of(postgres.url), "REST_PATIENCE": ""}, workers=2)
    own.manage("migrate", "-v0")
    own.start()
    yield own
    own.stop()


class Writer:
    """Writes one message after another. What got 503 is repeated, with the same nonce. `written`: id → nonce of what was promised."""

    def __init__(self, site: Instance, user: dict, channel: int, number: int) -> None:
        self.written: dict[int, str] = {}
        self.refused = 0
        self.over = False
        """Set: it ends with the answer to its last request."""
        self._client, self._channel, self._name = Strict(site.port, user["token"]), channel, f"writer-{number}"

    async def run(self) -> None:
        while not self.over:
            nonce = f"{self._name}-{len(self.written)}"
            answer = await self._client.ask("POST", "/api/messages", channelId=self._channel, content=nonce, nonce=nonce)
            if answer.status == 503:
                assert answer.headers["retry-after"] == "5"
                assert answer.body["error"]
                self.refused += 1
            else:
                assert answer.status in {200, 201}, answer
                self.written[answer.body["id"]] = nonce
            await asyncio.sleep(PAUSE)


async def test_a_restart_under_load_loses_nothing_that_was_promised(
    site: Instance, postgres: Postgres, connect: Connect, length: Length
):
    owner, ann, bob = [await asyncio.to_thread(site.sign_up, name) for name in ("owner", "ann", "bob")]
    server, voice = await asyncio.to_thread(site.voice_channel, owner, ann, bob)
    answer = await asyncio.to_thread(site.api, "POST", f"/servers/{server}/channels", owner["token"], name="talk", type="text")
    channel = answer.json()["id"]
    one, other = [await connect(user, instance=site, worker=worker) for worker, user in enumerate((ann, bob))]
    await one.join(voice)
    await other.join(voice)
    await one.until("user-connected")

    writers = [Writer(site, user, channel, number) for number, user in enumerate((owner, ann, bob) * 2)]
    working = [asyncio.create_task(writer.run()) for writer in writers]

    async def each(count: Callable[[Writer], int]) -> None:
        """Goes up by three: nobody hangs."""
        before = [count(writer) for writer in writers]
        async with asyncio.timeout(PATIENCE):
            while any(count(writer) < then + 3 for writer, then in zip(writers, before, strict=True)):
                assert not any(work.done() for work in working), [work.exception() for work in working if work.done()]
                await asyncio.sleep(PAUSE)

    try:
        for _ in range(10 if length.long else 2):
            await each(lambda writer: len(writer.written))
            await asyncio.to_thread(postgres.stop)
            await each(lambda writer: writer.refused)
            await talks(one, other)
            await asyncio.to_thread(postgres.start)
        await each(lambda writer: len(writer.written))
        for writer in writers:
            writer.over = True
        await asyncio.gather(*working)
    finally:
        for work in working:
            work.cancel()
        await asyncio.gather(*working, return_exceptions=True)
    assert not any(client.all(name) for client in (one, other) for name in ("disconnect", "error", "user-disconnected"))

    promised = {id: nonce for writer in writers for id, nonce in writer.written.items()}
    stored = dict(rows(site, "SELECT id, nonce FROM messaging_message WHERE channel_id = %s", channel))
    assert promised.items() <= stored.items()
    assert len(set(stored.values())) == len(stored)  # what was repeated is there once
    announced = " UNION ALL ".join(  # in one statement: some may be on their way from one table into the other
        f"SELECT subject_id FROM events_{table} WHERE kind = 'message-created' AND channel_id = {channel}"
        for table in ("event", "announcement")
    )
    told = [id for (id,) in rows(site, announced)]
    assert sorted(told) == sorted(stored)  # each message with its announcement, and no announcement without


def rows(site: Instance, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        return connection.execute(query, values).fetchall()
