"""Valkey is restarted, or gone for a while: requests and calls go on, throttles throttle, and rosters heal."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.conftest import PATIENCE, Instance
from tests.faults.conftest import Length
from tests.faults.strict import Strict
from tests.protocol.bus.conftest import Valkey, own_valkey
from tests.protocol.conftest import Cast, Client, Connect, talks

__all__ = ["own_valkey"]

LOGINS_PER_ACCOUNT = 10
LEASE = 6.0  # seconds of silence after which a node counts as dead


@pytest.fixture
def workers(instance: Instance, own_valkey: Valkey) -> Iterator[Instance]:
    own = Instance({**instance.env, "REDIS_URL": own_valkey.url, "RATE_LIMITS": "on"}, workers=2)
    own.start()
    yield own
    own.stop()


async def call(workers: Instance, connect: Connect, cast: Cast, channel: int) -> tuple[Client, Client, Client]:
    """Two on one worker, one on the other; all know of each other."""
    people = [
        await connect(user, instance=workers, worker=worker) for user, worker in ((cast.ann, 0), (cast.bob, 0), (cast.owner, 1))
    ]
    for person in people:
        await person.join(channel)
    await people[0].until("user-connected", 2)
    await people[1].until("user-connected")
    return people[0], people[1], people[2]


async def works(client: Strict, cast: Cast) -> None:
    """Reads and writes."""
    assert (await client.ask("GET", f"/api/servers/{cast.server}")).status == 200
    assert (await client.ask("PUT", f"/api/servers/{cast.server}", name="Still here")).status == 200


async def throttles(workers: Instance, cast: Cast) -> None:
    """By its stated choice: each process counts for itself. A window may end meanwhile."""
    client = Strict(workers.port, keep=False)
    stranger = {"email": f"{cast.bob['user']['username']}@example.com", "password": "wrong-password"}
    tried = 0
    while (status := (await client.ask("POST", "/api/auth/login", **stranger)).status) != 429:
        tried += 1
        assert status == 400
        assert tried < 2 * 2 * LOGINS_PER_ACCOUNT + 1
    assert tried >= LOGINS_PER_ACCOUNT


async def ready(workers: Instance, status: int) -> None:
    client = Strict(workers.port, keep=False)
    async with asyncio.timeout(PATIENCE):
        while {(await client.ask("GET", "/readyz")).status for _ in range(4)} != {status}:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_without_valkey_all_goes_on_and_with_it_rosters_heal(
    workers: Instance, own_valkey: Valkey, connect: Connect, cast: Cast, channel: int, length: Length
):
    ann, bob, carl = await call(workers, connect, cast, channel)
    late = await connect(cast.stranger, instance=workers, worker=0)
    own_valkey.kill()
    await ready(workers, 503)
    client = Strict(workers.port, cast.owner["token"])
    await works(client, cast)
    await throttles(workers, cast)
    await late.say("join-room", channel)  # a stranger is refused as ever
    await late.until("error")
    dora = await connect(cast.owner, instance=workers, worker=0)
    await dora.join(channel)
    over = asyncio.get_running_loop().time() + (60.0 if length.long else LEASE + 1)
    while asyncio.get_running_loop().time() < over:  # nobody may be given up for Valkey's absence
        await talks(ann, bob)
        await talks(ann, dora)
        await works(client, cast)
        await asyncio.sleep(0.5)
    assert not ann.all("user-disconnected")
    own_valkey.start()
    await ready(workers, 200)
    await carl.until("user-connected")
    await talks(carl, dora)
    await talks(ann, carl)
    await works(client, cast)
    assert not any(one.all("disconnect") for one in (ann, bob, carl, dora, late))


async def test_a_restart_of_valkey_costs_no_request_and_no_call(
    workers: Instance, own_valkey: Valkey, connect: Connect, cast: Cast, channel: int
):
    ann, bob, carl = await call(workers, connect, cast, channel)
    done = asyncio.Event()

    async def ask(keep: bool) -> None:
        client = Strict(workers.port, cast.owner["token"], keep=keep)
        while not done.is_set():
            await works(client, cast)

    asking = [asyncio.create_task(ask(keep)) for keep in (True, False)]
    for _ in range(3):
        await asyncio.to_thread(own_valkey.kill)
        await talks(ann, bob)
        await asyncio.to_thread(own_valkey.start)
    await ready(workers, 200)
    done.set()
    await asyncio.gather(*asking)
    async with asyncio.timeout(PATIENCE):
        while True:  # what is said from process to process is lost until both are back
            await ann.say("signal", {"to": carl.id, "type": "again"})
            if carl.all("signal"):
                break
            await asyncio.sleep(0.2)
    assert not any(one.all("user-disconnected") or one.all("disconnect") for one in (ann, bob, carl))
