"""The database is slow, stands still, or all connections to it are busy: who asks is told soon, and calls go on."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests

from tests.conftest import Instance
from tests.faults.proxy import Proxy, slow_database
from tests.protocol.conftest import Cast, Connect, talks
from tests.protocol.test_handler import WAITING_FOR_LOCKS

THREADS = 2
SLOW = 2.0  # seconds of each question


@pytest.fixture(scope="module")
def way(instance: Instance) -> Iterator[tuple[Proxy, Instance]]:
    """An instance on the cast's database, which it reaches by the proxy. It has patience for one slow question, not for two."""
    with slow_database(instance.env["DATABASE_URL"]) as (proxy, url):
        slow = Instance({**instance.env, "DATABASE_URL": url, "REST_THREADS": str(THREADS), "REST_PATIENCE": "3"})
        slow.start()
        try:
            yield proxy, slow
        finally:
            proxy.latency, proxy.is_open = 0.0, True
            slow.stop()


def refused(answer: requests.Response) -> bool:
    return (answer.status_code, answer.headers.get("Retry-After"), answer.json()["code"]) == (503, "5", 503)


def name_of(instance: Instance, cast: Cast) -> str:
    return instance.api("GET", f"/servers/{cast.server}", cast.owner["token"]).json()["name"]


async def test_a_slow_database_costs_requests_503_and_calls_nothing(
    way: tuple[Proxy, Instance], connect: Connect, cast: Cast, channel: int
):
    proxy, slow = way
    ann, bob, late = [await connect(user, instance=slow) for user in (cast.ann, cast.bob, cast.owner)]
    await ann.join(channel)
    await bob.join(channel)
    await ann.until("user-connected")
    former = await asyncio.to_thread(name_of, slow, cast)

    proxy.latency = SLOW
    path = f"/servers/{cast.server}"
    answers = [
        asyncio.to_thread(slow.api, *("PUT", path, cast.owner["token"]), **{"name": f"Slowly {n}"}) for n in range(2 * THREADS)
    ]
    talking = asyncio.create_task(talks(ann, bob))
    assert all(refused(answer) for answer in await asyncio.gather(*answers))
    await talking
    await late.say("join-room", channel)
    assert (await late.until("error"))["message"].startswith("The service is briefly unavailable")
    assert (await asyncio.to_thread(slow.api, "GET", "/health")).status_code == 200

    proxy.is_open, proxy.latency = False, 0.0
    for _ in range(100):
        await talks(ann, bob)
    assert refused(await asyncio.to_thread(slow.api, "GET", path, cast.owner["token"]))

    proxy.is_open = True
    assert await asyncio.to_thread(name_of, slow, cast) == former  # nothing was half written
    await late.join(channel)
    assert not ann.all("error")


def test_who_finds_all_connections_busy_waits_a_while_and_gets_503(way: tuple[Proxy, Instance], cast: Cast):
    _, slow = way
    path, token = f"/servers/{cast.server}", cast.owner["token"]
    url = slow.env["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as watcher, psycopg.connect(url) as holder, ThreadPoolExecutor(8) as people:
        holder.execute("SELECT FROM servers_server WHERE id = %s FOR UPDATE", [cast.server])
        busy = [people.submit(slow.api, "PUT", path, token, name="Busy") for _ in range(THREADS)]
        while len(watcher.execute(WAITING_FOR_LOCKS).fetchall()) < THREADS:
            assert not any(answer.done() for answer in busy)
        crowd = [people.submit(slow.api, "GET", path, token) for _ in range(4)]
        assert all(refused(answer.result()) for answer in busy)
        assert {answer.result().status_code for answer in crowd} <= {200, 503}
        holder.rollback()
    assert slow.api("PUT", path, token, name="Free").status_code == 200
    assert name_of(slow, cast) == "Free"
