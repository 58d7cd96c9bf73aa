"""clients/python/listen.py, as somebody runs it who tries it out."""

import asyncio
import json
import os
import re
import signal
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.conftest import PATIENCE, ROOT, Instance

PROGRAM = ROOT / "clients" / "python" / "listen.py"


class Listener:
    """The program, and the lines it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def until(self, pattern: str) -> str:
        """The next line in which that is found."""
        assert self.process.stdout
        async with asyncio.timeout(PATIENCE):
            while line := (await self.process.stdout.readline()).decode():
                self.lines.append(line)
                if re.search(pattern, line):
                    return line
        raise AssertionError(f"it ended without {pattern}: {self.lines}")

    async def end(self) -> int:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), PATIENCE)


Listen = Callable[..., Awaitable[Listener]]


@pytest.fixture
async def listen(instance: Instance, tmp_path: Path) -> AsyncIterator[Listen]:
    """`await listen(user, …)`: started with these arguments; what it keeps lies in `tmp_path / "kept.json"`."""
    listeners: list[Listener] = []

    async def begun(user: dict, *arguments: str, password: str = "password123", instance: Instance = instance) -> Listener:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(PROGRAM), instance.url, f"{user['user']['username']}@example.com"),
            *("--state", str(tmp_path / "kept.json"), *arguments),
            env={**os.environ, "PROJECTVOICE_PASSWORD": password},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        listeners.append(Listener(process))
        return listeners[-1]

    yield begun
    for listener in listeners:
        await listener.end()


def text_channel(instance: Instance, owner: dict) -> int:
    server = instance.api("POST", "/servers", owner["token"], name="Server").json()["id"]
    return instance.api("POST", f"/servers/{server}/channels", owner["token"], name="talk", type="text").json()["id"]


async def test_it_signs_in_once_speaks_and_keeps_its_session_to_itself(listen: Listen, instance: Instance, tmp_path: Path):
    owner = instance.sign_up("owner")
    channel = text_channel(instance, owner)
    first = await listen(owner, "--say", str(channel), "Hello, everybody")
    await first.until("said")
    assert await first.end() == 0
    kept = tmp_path / "kept.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text())["token"] != owner["token"]
    second = await listen(owner, "--say", str(channel), "And again", password="not needed any more")
    await second.until("said")
    said = instance.api("GET", f"/messages?channelId={channel}", owner["token"]).json()["messages"]
    assert [message["content"] for message in said] == ["Hello, everybody", "And again"]


async def test_a_wrong_password_ends_it_with_the_servers_words(listen: Listen, instance: Instance):
    listener = await listen(instance.sign_up("ann"), password="wrong password")
    await listener.until("^Wrong password$")
    assert await asyncio.wait_for(listener.process.wait(), PATIENCE) == 1


def test_its_requirements_are_those_it_is_tested_with():
    wanted = (PROGRAM.parent / "requirements.txt").read_text().replace("[asyncio_client]", "").split()
    locked = (ROOT / "requirements-dev.txt").read_text()
    assert all(f"\n{requirement} \\\n" in locked for requirement in wanted)


async def test_it_prints_what_happens_and_started_again_what_it_missed(listen: Listen, instance: Instance):
    owner = instance.sign_up("owner")
    channel = text_channel(instance, owner)

    def say(text: str) -> None:
        assert instance.api("POST", "/messages", owner["token"], channelId=channel, content=text).status_code == 201

    first = await listen(owner)
    await first.until("subscribed")
    say("now")
    assert (await first.until("message-created")).endswith(f"#{channel} {owner['user']['username']}: now\n")
    assert await first.end() == 0
    for number in range(20):
        say(f"meanwhile {number}")
    second = await listen(owner)
    await second.until("resumed")
    missed = [line.rpartition(": ")[2].strip() for line in second.lines if " message-created " in line]
    assert missed == [f"meanwhile {number}" for number in range(20)]
    say("again")
    assert "again" in await second.until("message-created")
