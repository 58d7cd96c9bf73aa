"""Whoever looks after the process that pushes asks it by the folder of figures: nothing of it listens at a port."""

import asyncio
import sys
from pathlib import Path

import pytest

from telemetry import process
from telemetry.running import running
from tests.conftest import ROOT


async def ready(folder: Path | None) -> int | None:
    environment = {"VOICE_SOCKETS": str(folder)} if folder else {}
    asking = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "launch.ready", "push", cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await asking.communicate()
    assert bool(complaint) is bool(asking.returncode)
    return asking.returncode


async def test_it_is_ready_while_its_loop_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process, "_name", "push")
    async with running(str(tmp_path)):
        assert await ready(tmp_path) == 0
    assert await ready(tmp_path) == 1


async def test_who_names_no_folder_cannot_ask():
    assert await ready(None) == 1
