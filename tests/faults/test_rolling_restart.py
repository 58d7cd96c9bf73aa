"""SIGUSR1 to ./run: all web processes are renewed, one after another. No request fails, and calls find together again."""

import asyncio
import itertools
import signal
from collections.abc import Iterator

import pytest

from tests.conftest import PATIENCE, Site
from tests.faults.population import Population
from tests.faults.rig import Rig, rig
from tests.faults.strict import Strict

RENEWED = "The web processes were renewed."


@pytest.fixture(scope="module")
def house() -> Iterator[Rig]:
    with rig() as one:
        yield one


class Caller:
    """Reads and writes without a pause. `keep`: over one connection, or a new one for each request. Any failure ends it."""

    def __init__(self, site: Site, user: dict, server: int, channel: int, name: str, *, keep: bool) -> None:
        self.answers = 0
        self._client = Strict(site.port, user["token"], keep=keep)
        self._server, self._channel, self._name = server, channel, name

    async def run(self) -> None:
        for number in itertools.count():
            said = f"{self._name}-{number}"
            for method, path, body in (
                ("GET", f"/api/servers/{self._server}", {}),
                ("POST", "/api/messages", {"channelId": self._channel, "content": said, "nonce": said}),
                ("GET", f"/api/messages?channelId={self._channel}&limit=5", {}),
            ):
                answer = await self._client.ask(method, path, **body)
                assert answer.status in {200, 201}, answer
                self.answers += 1


async def test_no_request_fails_while_all_are_renewed(house: Rig):
    owner, *others = [await asyncio.to_thread(house.sign_up, name) for name in ("owner", "ann", "bob", "carl")]
    server, voice = await asyncio.to_thread(house.voice_channel, owner, *others)
    answer = await asyncio.to_thread(house.api, "POST", f"/servers/{server}/channels", owner["token"], name="talk", type="text")
    channel = answer.json()["id"]
    calls = Population(house.port, [(user["token"], voice) for user in (owner, *others)], seed=1)
    callers = [Caller(house, owner, server, channel, f"caller-{n}", keep=n % 2 == 0) for n in range(4)]
    working = [asyncio.create_task(caller.run()) for caller in callers]

    async def each_is_answered() -> None:
        before = [caller.answers for caller in callers]
        async with asyncio.timeout(PATIENCE):
            while any(caller.answers < then + 6 for caller, then in zip(callers, before, strict=True)):
                assert not [work.exception() for work in working if work.done()]
                await asyncio.sleep(0.05)

    try:
        await calls.come()
        await each_is_answered()
        former = house.pids()
        house.server.send(signal.SIGUSR1)
        await asyncio.to_thread(house.server.until, RENEWED)
        await each_is_answered()
        await calls.until_whole(2)
    finally:
        await calls.leave()
        for work in working:
            work.cancel()
        ends = await asyncio.gather(*working, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends
    now = house.pids()
    assert {part for part in former if now[part] != former[part]} == {"web 0", "web 1"}
    assert "did not stop" not in house.server.output


def test_the_number_of_run_is_where_a_service_manager_finds_it(house: Rig):
    assert int((house.data_dir / "run.lock").read_text()) == house.server.pid
