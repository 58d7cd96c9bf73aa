"""A child that dies is followed by another."""

import asyncio
import os
import signal

import pytest

from launch import keeping
from launch.crew import Child, Crew
from launch.keeping import Kept


async def test_what_cannot_be_started_is_tried_again(monkeypatch, capsys):
    monkeypatch.setattr(keeping, "FIRST_PAUSE", 0.01)
    crew, children = Crew(), []
    back = asyncio.Event()

    async def start() -> Child:
        if len(children) == 1:
            children.append(None)
            raise OSError("no more processes")
        children.append(await crew.start("part", ["sleep", "60"], os.environ))
        if len(children) == 3:
            back.set()
        return children[-1]

    kept = Kept(crew, start, grace=5)
    first = await kept.begin()
    kept.settled = True
    first.kill()
    async with asyncio.timeout(60):
        await back.wait()
    assert "part cannot be started: no more processes" in capsys.readouterr().out
    await kept.stop()
    assert children[-1].process.returncode == -signal.SIGTERM


async def test_what_dies_before_it_has_served_is_the_end_of_all():
    async def all_of_it() -> None:
        kept = Kept(crew := Crew(), lambda: crew.start("part", ["sh", "-c", "exit 3"], os.environ), grace=5)
        fallen.append(crew)
        await kept.begin()
        await asyncio.sleep(60)

    fallen: list[Crew] = []
    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(all_of_it())
    assert fallen[0].fallen == "part ended with exit code 3."
