"""kill -9 of each part, under load; afterwards everything that was promised is there, and everything works as before."""

import asyncio
import time

import pytest

from tests.faults.conftest import Length
from tests.faults.rig import Rig
from tests.faults.town import BACKEND, Town


async def test_each_part_is_killed_under_load_and_comes_back(rig: Rig, length: Length):
    """In an order of chance, which is the same each time."""
    town = Town(rig, length.seed)
    parts = [*rig.parts, BACKEND]
    town.load.random.shuffle(parts)
    async with town.at_work():
        for part in parts:
            await town.lose(part)
    length.tell(town.figures())


async def test_parts_die_at_random_and_also_two_at_once(rig: Rig, length: Length):
    if not length.long:
        pytest.skip("takes minutes: ./test --faults")
    town = Town(rig, length.seed)
    random, end = town.load.random, time.monotonic() + 60 * length.minutes
    async with town.at_work():
        while time.monotonic() < end:
            await asyncio.sleep(random.uniform(0, 5))
            await town.lose(*random.choice([_one, _two])(town))
    length.tell(town.figures())


def _one(town: Town) -> list[str]:
    return [town.load.random.choice([*town.rig.parts, BACKEND])]


def _two(town: Town) -> list[str]:
    """The relay dies alone: what was written down of it must be known right then."""
    return town.load.random.sample([part for part in (*town.rig.parts, BACKEND) if part != "relay"], 2)
