"""The load of bench/load must notice what an instance does wrong, or its figures say nothing."""

import asyncio
import itertools
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from bench.load.crowd import Crowd, Heard, Times, bucket, compiled, upper_end

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler, cc")

ROOMS, ROOM_SIZE, IDLE = 3, 4, 5
PEOPLE = ROOMS * ROOM_SIZE + IDLE
Frames = list[tuple[str, str, Any]]  # (to whom, name, data)
Twist = Callable[[Frames], Frames]


class Server:
    """The words of an instance without anything behind them. What it says to others goes through `twist`."""

    def __init__(self, twist: Twist) -> None:
        self._twist, self._numbers = twist, itertools.count()
        self._rooms: dict[str, list[str]] = {}
        self._ends: dict[str, ServerConnection] = {}
        self.pongs = 0

    async def __call__(self, end: ServerConnection) -> None:
        own = f"id{next(self._numbers):04}"
        self._ends[own] = end
        await end.send('0{"sid":"engine"}')
        await end.send("2")
        try:
            async for said in end:
                await self._hear(own, str(said))
        except ConnectionClosed:
            pass

    async def _hear(self, own: str, said: str) -> None:
        if said == "3":
            self.pongs += 1
        elif said == "40":
            await self._ends[own].send(f'40{{"sid":"{own}"}}')
        else:
            name, *args = json.loads(said[2:])
            for to, told, data in self._twist(self._answer(own, name, *args)):
                if told == "close":
                    await self._ends[to].close()
                else:
                    await self._ends[to].send("42" + json.dumps([told, data], separators=(",", ":")))

    def _answer(self, own: str, name: str, *args: Any) -> Frames:
        mates = next((people for people in self._rooms.values() if own in people), [])
        others = [mate for mate in mates if mate != own]
        match name:
            case "subscribe":
                return [(own, "subscribed", {})]
            case "join-room":
                people = self._rooms.setdefault(args[0], [])
                there = list(people)
                people.append(own)
                roster = [{"socketId": mate} for mate in people]
                return [
                    (own, "created", {"participants": roster}),
                    *((mate, "user-connected", {"socketId": own}) for mate in there),
                ]
            case "leave-room":
                mates.remove(own)
                return [(mate, "user-disconnected", own) for mate in others]
            case "toggle-mic":
                return [(mate, "user-mic-toggle", {"socketId": own, "micToggle": args[0]}) for mate in others]
        body = dict(args[0])
        return [(body.pop("to"), "signal", {**body, "from": own})]


@contextmanager
def served_by(twist: Twist, folder: Path) -> Iterator[tuple[Crowd, Server]]:
    server, loop, port, over = Server(twist), asyncio.new_event_loop(), [0], asyncio.Event()
    ready = threading.Event()

    async def live() -> None:
        async with serve(server, "127.0.0.1", 0, compression=None, ping_interval=None) as listening:
            port[0] = next(iter(listening.sockets)).getsockname()[1]
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(live(),))
    thread.start()
    ready.wait()
    tokens = [f"token{number}" for number in range(PEOPLE)]
    crowd = Crowd(compiled(folder), port[0], tokens, [f"{number}" for number in range(ROOMS)], ROOM_SIZE)
    try:
        yield crowd, server
    finally:
        crowd.close()
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def ramp(crowd: Crowd) -> Heard:
    return crowd.run(60, connecting=8, joining=ROOMS, until_done=1)


def whole_run(crowd: Crowd) -> Heard:
    heard = ramp(crowd)
    heard += crowd.run(0.4, signals=500, mics=20, moves=20)
    heard += crowd.run(1, until_done=1)
    return heard


def only(name: str, nth: int, change: Callable[[str, Any], Frames]) -> Twist:
    """Every `nth` frame of this name becomes what `change` makes of it."""
    seen = itertools.count(1)

    def twist(frames: Frames) -> Frames:
        out: Frames = []
        for to, told, data in frames:
            out += change(to, data) if told == name and next(seen) % nth == 0 else [(to, told, data)]
        return out

    return twist


def test_a_faithful_instance_has_no_faults(tmp_path):
    with served_by(lambda frames: frames, tmp_path) as (crowd, server):
        heard = whole_run(crowd)
        mustered = crowd.run(60, joining=ROOMS, muster=1, until_done=1)
    assert (heard.faults, mustered.faults, heard.first_fault) == ({}, {}, "")
    assert (mustered.now["online"], mustered.now["seated"], mustered.now["under_way"]) == (PEOPLE, ROOMS * ROOM_SIZE, 0)
    assert mustered.counts["joins"] == ROOMS * ROOM_SIZE
    assert heard.counts["signals"] == heard.counts["signals_sent"] > 0
    assert heard.counts["mics"] > 0
    assert heard.counts["leaves"] > 0
    offers = 2 * sum(range(ROOM_SIZE)) * ROOMS + 2 * (ROOM_SIZE - 1) * heard.counts["leaves"]
    assert heard.times["signals"].total == heard.counts["signals"] - offers, "offers and answers wait for others"
    assert server.pongs == heard.counts["pings"] == PEOPLE


def test_what_never_arrives_is_missed(tmp_path):
    with served_by(only("signal", 40, lambda to, data: []), tmp_path) as (crowd, _):
        heard = crowd.run(5, connecting=8, joining=ROOMS, until_done=1)
        heard += crowd.run(0.4, signals=500)
        heard += crowd.run(1, until_done=1)
    assert heard.counts["signals_sent"] - heard.counts["signals"] > 0
    assert heard.now["under_way"] > 0


FAULTS: dict[str, tuple[Twist, str]] = {
    "a signal twice": (only("signal", 30, lambda to, data: [(to, "signal", data)] * 2), "disordered"),
    "in another's name": (only("signal", 30, lambda to, data: [(to, "signal", data | {"from": "id9999"})]), "misrouted"),
    "to another": (only("signal", 30, lambda to, data: [(data["from"], "signal", data)]), "misrouted"),
    "a coming twice": (only("user-connected", 9, lambda to, data: [(to, "user-connected", data)] * 2), "unexpected"),
    "a going of somebody else": (
        only("user-disconnected", 3, lambda to, data: [(to, "user-disconnected", "id9999"), (to, "user-disconnected", data)]),
        "unexpected",
    ),
    "a wrong microphone": (
        only("user-mic-toggle", 3, lambda to, data: [(to, "user-mic-toggle", data | {"micToggle": not data["micToggle"]})]),
        "unexpected",
    ),
    "a ghost in the list": (
        only(
            "created", 3, lambda to, data: [(to, "created", {"participants": [*data["participants"], {"socketId": "ghost"}]})]
        ),
        "wrong_rosters",
    ),
    "somebody is not in the list": (
        only("created", 3, lambda to, data: [(to, "created", {"participants": data["participants"][:-1]})]),
        "wrong_rosters",
    ),
    "a refusal": (
        only("subscribed", 3, lambda to, data: [(to, "error", {"message": "No"}), (to, "subscribed", {})]),
        "refused",
    ),
    "a hanging up": (only("user-mic-toggle", 3, lambda to, data: [(to, "close", None)]), "closed"),
}


@pytest.mark.parametrize(("twist", "fault"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_told(twist, fault, tmp_path):
    with served_by(twist, tmp_path) as (crowd, _):
        heard = crowd.run(4, connecting=8, joining=ROOMS, until_done=1)
        heard += crowd.run(0.4, signals=500, mics=20, moves=20)
    assert heard.faults.get(fault, 0) > 0
    assert heard.first_fault


def test_who_is_not_served_is_told(tmp_path):
    crowd = Crowd(compiled(tmp_path), 1, ["token"], [], ROOM_SIZE)
    heard = crowd.run(5, connecting=1, until_done=1)
    crowd.close()
    assert (heard.faults, heard.now["online"]) == ({"closed": 1}, 0)
    assert "refused" in heard.first_fault


@pytest.mark.parametrize("microseconds", [0, 1, 31, 32, 33, 999, 1000, 50_000, 1_000_000])
def test_times_are_known_within_three_percent(microseconds):
    times = Times()
    times.add(microseconds / 1e6)
    told = times.at(0.99)
    assert told is not None
    assert microseconds < told * 1000 <= microseconds * 1.04 + 1
    assert upper_end(bucket(microseconds)) > microseconds


def test_shares_of_many_times():
    times = Times()
    for milliseconds in range(1, 101):
        times.add(milliseconds / 1000)
    summary = times.summary()
    assert summary["count"] == 100
    assert summary["p50"] == pytest.approx(50, rel=0.05)
    assert summary["p99"] == pytest.approx(99, rel=0.05)
    assert Times().at(0.5) is None
