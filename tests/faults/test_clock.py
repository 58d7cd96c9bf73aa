"""The clock of the machine jumps by an hour, forth and back: whatever has a time stated holds until then, and nothing else notices."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import requests

from tests.conftest import PATIENCE
from tests.faults.rig import Rig, rig, until
from tests.protocol.conftest import Client, Connect, talks
from tests.turn.probe import UDP, Probe, code
from turn.protocol.attributes import LIFETIME
from turn.protocol.stun import Method
from turn.words import Transport

HOUR = 3600
TTL = 600  # seconds, of credentials for the relay
CLOCK_READ_EVERY = 1  # seconds, by each process for itself
READ_BY_ALL = CLOCK_READ_EVERY + 1.5  # whole seconds are compared, and have to be more
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
LOGINS_PER_ACCOUNT, WINDOW = 10, 300


class Machine:
    """A whole ./run on a machine whose clock can be set. The test itself keeps the true time."""

    def __init__(self, rig: Rig, clock: Path) -> None:
        self.rig = rig
        self._clock = clock

    def set(self, ahead: int) -> None:
        """By so many seconds from the true time. Its processes know it afterwards."""
        self._clock.write_text(f"{ahead:+d}\n")
        time.sleep(READ_BY_ALL)  # the relay, and the worker that is not asked here, have clocks of their own to read
        until(lambda: all(self._is_ahead(ahead) for _ in range(4)), self.rig.server)

    def _is_ahead(self, ahead: int) -> bool:
        said = datetime.fromisoformat(self.rig.api("GET", "/health").json()["server_time"])
        return abs((said - datetime.now(UTC)).total_seconds() - ahead) < HOUR / 4


def tidy_up() -> None:
    """libfaketime's processes leave files behind when they are killed; who has such a one's pid later, as another user, would not start."""
    for left in Path("/dev/shm").glob("*faketime_*"):
        if not Path("/proc", left.name.rpartition("_")[2]).exists():
            with suppress(OSError):  # another user's, or gone by now
                left.unlink()


@pytest.fixture(scope="module")
def running_machine() -> Iterator[Machine]:
    if LIBRARY is None:
        pytest.skip("the package faketime is not installed: the clock cannot be set for some processes alone")
    tidy_up()
    with TemporaryDirectory(prefix="projectvoice-clock-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL under root is another user
        clock = Path(folder) / "clock"
        clock.write_text("+0\n")
        faked = {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_CACHE_DURATION": str(CLOCK_READ_EVERY),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        with rig(**faked, DONT_FAKE_MONOTONIC="1", RATE_LIMITS="on", TURN_TTL=str(TTL)) as one:
            yield Machine(one, clock)


@pytest.fixture
def machine(running_machine: Machine) -> Iterator[Machine]:
    yield running_machine
    running_machine.set(0)


def me(machine: Machine, user: dict) -> int:
    """Of both workers, in all likelihood."""
    answers = {machine.rig.api("GET", "/auth/me", user["token"]).status_code for _ in range(8)}
    assert len(answers) == 1
    return answers.pop()


def test_tokens_hold_for_seven_days_whatever_the_clock_did_meanwhile(machine: Machine):
    ann = machine.rig.sign_up("ann")
    machine.set(HOUR)
    bob = machine.rig.sign_up("bob")
    assert me(machine, ann) == me(machine, bob) == 200
    machine.set(-HOUR)
    carl = machine.rig.sign_up("carl")
    assert me(machine, ann) == me(machine, bob) == me(machine, carl) == 200
    machine.set(7 * 24 * HOUR - HOUR // 2)
    assert (me(machine, ann), me(machine, bob), me(machine, carl)) == (200, 200, 401)
    machine.set(7 * 24 * HOUR + HOUR // 2)
    assert (me(machine, ann), me(machine, bob)) == (401, 200)


def test_an_invite_ends_at_its_time(machine: Machine):
    owner, ann, bob = (machine.rig.sign_up(name) for name in ("owner", "ann", "bob"))
    server, _ = machine.rig.voice_channel(owner)
    ends = (datetime.now(UTC) + timedelta(seconds=HOUR / 2)).isoformat()
    answer = machine.rig.api("POST", f"/invite/{server}/invite", owner["token"], expiresAt=ends)
    assert answer.status_code in {200, 201}, answer.text
    invite = answer.json()["invite"]["token"]

    def accept(user: dict) -> int:
        return machine.rig.api("POST", f"/invite/invite/{invite}/accept", user["token"]).status_code

    machine.set(HOUR)
    assert accept(ann) in {400, 403, 404, 410}
    machine.set(-HOUR)
    assert accept(ann) == 200
    machine.set(0)
    assert accept(bob) == 200


def test_throttles_count_anew_and_lock_nobody_out_for_longer_than_their_window(machine: Machine):
    ann, bob = machine.rig.sign_up("ann"), machine.rig.sign_up("bob")

    def sign_in(user: dict, password: str) -> requests.Response:
        return machine.rig.api("POST", "/auth/login", email=user["user"]["email"], password=password)

    def until_refused(user: dict) -> int:
        for tried in range(2 * LOGINS_PER_ACCOUNT + 1):  # a window may end meanwhile
            answer = sign_in(user, "wrong-password")
            if answer.status_code == 429:
                assert 0 < int(answer.headers["Retry-After"]) <= WINDOW
                return tried
            assert answer.status_code == 400
        raise AssertionError("nobody was counting")

    for ahead in (0, HOUR, -HOUR):
        machine.set(ahead)
        assert until_refused(ann) >= LOGINS_PER_ACCOUNT
        assert sign_in(bob, "password123").status_code == 200


def credentials(machine: Machine, user: dict) -> dict[str, Any]:
    servers = machine.rig.api("GET", "/voice/ice-servers", user["token"]).json()["iceServers"]
    return next(server for server in servers if "credential" in server)


async def test_a_call_notices_nothing_and_credentials_of_the_relay_end_at_their_time(machine: Machine, connect: Connect):
    owner, ann, bob = [await asyncio.to_thread(machine.rig.sign_up, name) for name in ("owner", "ann", "bob")]
    _, channel = await asyncio.to_thread(machine.rig.voice_channel, owner, ann, bob)
    one, other = [await connect(user, instance=machine.rig, worker=worker) for worker, user in enumerate((ann, bob))]
    await one.join(channel)
    await other.join(channel)
    await one.until("user-connected")
    minted = await asyncio.to_thread(credentials, machine, ann)
    async with Probe.to(machine.rig.relay, Transport.UDP, minted["username"], minted["credential"]) as talker:
        await talker.allocate()
        for ahead in (HOUR, -HOUR, 0):
            await asyncio.to_thread(machine.set, ahead)
            await talks(one, other)
            fresh = await asyncio.to_thread(credentials, machine, ann)
            assert await expires_in(machine, fresh, TTL)
            assert (await is_refused(machine, minted)) == (ahead == HOUR)
            assert not await is_refused(machine, fresh)
        assert code(await talker.request(Method.REFRESH, (LIFETIME, 600))) is None  # his allocation has lived all the time
    assert silent(one, other)


async def expires_in(machine: Machine, minted: dict[str, Any], seconds: int) -> bool:
    said = (await asyncio.to_thread(machine.rig.api, "GET", "/health")).json()["server_time"]
    left = int(minted["username"].partition(":")[0]) - datetime.fromisoformat(said).timestamp()
    return 0 < left <= seconds + PATIENCE


async def is_refused(machine: Machine, minted: dict[str, Any]) -> bool:
    async with Probe.to(machine.rig.relay, Transport.UDP, minted["username"], minted["credential"]) as probe:
        refusal = code(await probe.request(Method.ALLOCATE, UDP))
        assert refusal in {None, 401}
        return refusal == 401


def silent(*clients: Client) -> bool:
    """Nobody was told that somebody went, or that something failed."""
    return not any(client.all(name) for client in clients for name in ("user-disconnected", "disconnect", "error"))
