"""Everybody comes back at the same moment: after a cut line, and after all web processes were killed."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.conftest import Instance
from tests.faults.conftest import Length
from tests.faults.population import Population

PEOPLE_LONG, PEOPLE = 2000, 200
SEATS = 10  # of one user
ROOM = 5


@pytest.fixture(scope="module")
def site(instance: Instance) -> Iterator[Instance]:
    own = Instance(instance.env, workers=2)
    own.start()
    yield own
    own.stop()


async def test_all_who_come_back_at_once_find_each_other(site: Instance, length: Length):
    count = PEOPLE_LONG if length.long else PEOPLE
    seats = await asyncio.to_thread(town, site, count)
    everybody = Population(site.port, seats, length.seed)
    try:
        length.tell(f"{count} clients came within {await everybody.come():.1f} s")
        everybody.lose()
        length.tell(f"all lines cut: back within {await everybody.until_whole(2):.1f} s")
        for worker in (0, 1):
            await asyncio.to_thread(site.kill, worker)
        site.processes = [site._begin(worker) for worker in (0, 1)]
        length.tell(f"both processes killed: back within {await everybody.until_whole(3):.1f} s, their start included")
    finally:
        await everybody.leave()


def town(site: Instance, count: int) -> list[tuple[str, int]]:
    """(token, voice channel) of each client: a user has several, all in other channels, and a channel has some."""
    owner, *others = [site.sign_up("crowd") for _ in range(count // SEATS)]
    server, _ = site.voice_channel(owner, *others)
    path = f"/servers/{server}/channels"
    rooms = [site.api("POST", path, owner["token"], name=f"room-{n}", type="voice").json()["id"] for n in range(count // ROOM)]
    return [((owner, *others)[n % (count // SEATS)]["token"], rooms[n // ROOM]) for n in range(count)]
