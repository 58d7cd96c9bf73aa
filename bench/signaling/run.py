"""What a relayed signal costs: our servers beside those of Node and Go, by turns in one run. See bench/signaling/README.md.

.venv/bin/python -m bench.signaling.run --quick
"""

import argparse
import asyncio
import contextlib
import ctypes
import os
import resource
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bench.report import keep, machine
from bench.rest.run import folder_for
from bench.signaling.clients import Dialect
from bench.signaling.figures import (
    FLAT_OUT,
    KILOBYTES,
    SOCKETIO,
    WEBSOCKET,
    Entry,
    Measure,
    Part,
    tell,
    tell_memory,
    tell_rooms,
    tell_signals,
)
from bench.signaling.load import Load, compiled, seated
from bench.signaling.servers import (
    GORILLA,
    OURS,
    SOCKET_IO,
    SOCKET_IO_REDIS,
    UNDER_DAPHNE,
    UNDER_UVICORN,
    WS,
    Running,
    Stage,
    stage,
)
from launch.bootstrap import DEVELOPMENT, RUNTIME, ensure_venv
from launch.console import LaunchError, complain, say
from launch.crew import Crew

CPUS = sorted(os.sched_getaffinity(0))
ROOMS, ROOM_SIZE, WINDOW = 50, 4, 4  # signals of each client on their way, flat out
RATES = (1_000, 5_000)  # signals a second, of all clients together
FEW = 20  # signals on their way in however many rooms of two; also the clients that speak where only some do
WARM_UP = 1.5
SETTLE = 3.0  # before memory is read


@dataclass(frozen=True)
class Plan:
    """How much is measured. Seconds are of load, for one server and one case in each round."""

    rounds: int
    seconds: float
    paced_seconds: float
    crowd_rounds: int  # where many connect: `memory` and `rooms`
    idle: int = 2_000
    rooms: tuple[int, ...] = (10, 100, 500, 2_000)


FULL = Plan(rounds=4, seconds=6, paced_seconds=5, crowd_rounds=3)
QUICK = Plan(rounds=2, seconds=2, paced_seconds=2, crowd_rounds=1)


def parts() -> dict[str, tuple[Part, Callable[["Bench", Part], Awaitable[None]]]]:
    ours, ours_bare = Entry(OURS, SOCKETIO), Entry(OURS, WEBSOCKET)
    one = (ours, Entry(SOCKET_IO, SOCKETIO))
    bare = (ours_bare, Entry(GORILLA, WEBSOCKET), Entry(WS, WEBSOCKET))
    two = (Entry(OURS, SOCKETIO, 2), Entry(SOCKET_IO_REDIS, SOCKETIO, 2), Entry(OURS, WEBSOCKET, 2))
    asgi = (*one, Entry(UNDER_UVICORN, SOCKETIO), Entry(UNDER_DAPHNE, SOCKETIO))
    crossing = "Two processes and their Valkey, each signal crosses from one to the other"
    crowds = f"Rooms of two, {FEW} signals on their way"
    return {
        "socketio": (Part("Socket.IO, one process", tell_signals, one), Bench.signals),
        "websocket": (Part("Bare WebSocket, one process", tell_signals, bare), Bench.signals),
        "nodes": (Part(crossing, tell_signals, two), Bench.signals),
        "memory": (Part("Idle connections", tell_memory, (*one, *bare)), Bench.memory),
        "rooms": (Part(crowds, tell_rooms, (ours, ours_bare)), Bench.rooms),
        "asgi": (Part("Ours under other servers", tell_signals, asgi), Bench.signals),
    }


USUAL = ("socketio", "websocket", "nodes", "memory", "rooms")


PROGRAMS = (("node", "--version"), ("go", "version"))
"""Whose versions the figures depend on."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--part", action="append", choices=list(parts()), help=f"may be repeated; usually {', '.join(USUAL)}")
    parser.add_argument("--only", action="append", metavar="TEXT", help="servers with this in their name; may be repeated")
    parser.add_argument("--json", type=Path, help="write all figures there")
    options = parser.parse_args()
    try:
        ensure_venv([RUNTIME, DEVELOPMENT])
        with folder_for(None) as folder:
            plan, chosen = QUICK if options.quick else FULL, options.part or USUAL
            faultless = asyncio.run(bench(plan, chosen, options.only or [""], folder, options.json))
    except LaunchError as error:
        complain(str(error))
        return 1
    return 0 if faultless else 1


async def bench(plan: Plan, chosen: Sequence[str], only: Sequence[str], folder: Path, file: Path | None) -> bool:
    """Whether every signal arrived where it should."""
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    figures: dict[str, Any] = {"machine": machine(*PROGRAMS), "plan": vars(plan), "parts": {}}
    todo = {name: parts()[name] for name in chosen}
    os.sched_setaffinity(0, {CPUS[0]})  # this thread, and so whatever it starts
    crew = Crew()
    crew.obey_signals()
    try:
        async with stage(crew, folder) as where:
            running = Bench(plan, where, compiled(folder))
            await prepare([part for part, _ in todo.values()], only, where)
            for name, (part, measure) in todo.items():
                if not part.entries:
                    continue
                await measure(running, part)
                tell(part)
                figures["parts"][name] = part.summary()
                keep(figures, file)
    except asyncio.CancelledError:
        raise LaunchError(crew.fallen or "Interrupted.") from None
    return all(part.faultless for part, _ in todo.values())


async def prepare(parts: Sequence[Part], only: Sequence[str], stage: Stage) -> None:
    """Leaves in the parts what is wanted and can run here; what cannot is named, with what it lacks."""
    for part in parts:
        part.entries = [entry for entry in part.entries if any(text.lower() in entry.name.lower() for text in only)]
    for server in dict.fromkeys(entry.server for part in parts for entry in part.entries):
        if server.missing:
            say(f"{server.name} is left out. To have it measured: apt-get install {server.missing}")
        else:
            await stage.prepare(server)
    for part in parts:
        part.entries = [entry for entry in part.entries if not entry.server.missing]


@dataclass(frozen=True)
class Bench:
    plan: Plan
    stage: Stage
    library: ctypes.CDLL

    async def signals(self, part: Part) -> None:
        """Flat out, then at each rate."""
        await self._by_turns(part, self.plan.rounds, [partial(self._turn, part)])

    async def rooms(self, part: Part) -> None:
        """As many signals on their way in more and more rooms, where all or only some speak in turn."""
        cases = [partial(self._crowd, part, count) for count in self.plan.rooms]
        await self._by_turns(part, self.plan.crowd_rounds, cases)

    async def memory(self, part: Part) -> None:
        """Each time in a new process: what one has freed would hide what the next connections take."""
        for _ in range(self.plan.crowd_rounds):
            for entry in part.entries:
                with part.failing(entry):
                    async with self.stage.start(entry.server) as server:
                        kilobytes = await asyncio.to_thread(self._idle, entry, server)
                    part.add(entry, KILOBYTES, kilobytes)
                    say(f"{entry.name}: {kilobytes:.1f} kB per idle connection")

    async def _by_turns(self, part: Part, rounds: int, cases: Sequence[Callable[[Entry, Running], None]]) -> None:
        """Every server once, then the next round."""
        async with contextlib.AsyncExitStack() as stack:
            servers = []
            for entry in part.entries:
                with part.failing(entry):
                    servers.append((entry, await stack.enter_async_context(self.stage.start(entry.server, entry.processes))))
            for _ in range(rounds):
                for case in cases:
                    for entry, server in servers:
                        with part.failing(entry):
                            await asyncio.to_thread(case, entry, server)

    def _turn(self, part: Part, entry: Entry, server: Running) -> None:
        under_way = ROOMS * ROOM_SIZE * WINDOW
        with self._around(server, entry, ROOMS, ROOM_SIZE) as load:
            load.run(WARM_UP, under_way=under_way)
            note(part, entry, FLAT_OUT, measured(server, load, self.plan.seconds, under_way=under_way))
            for rate in RATES:
                seconds = self.plan.paced_seconds
                note(part, entry, str(rate), measured(server, load, seconds, rate=rate, most_latencies=int(2 * rate * seconds)))

    def _crowd(self, part: Part, count: int, entry: Entry, server: Running) -> None:
        with self._around(server, entry, count, 2) as load:
            for who, speakers in (("all speak", 2 * count), (f"{FEW} clients speak", FEW)):
                load.run(WARM_UP, under_way=FEW, speakers=speakers)
                measure = measured(server, load, self.plan.seconds / 2, under_way=FEW, speakers=speakers)
                note(part, replace(entry, who=who), str(count), measure)

    def _idle(self, entry: Entry, server: Running) -> float:
        """kB of proportional set size per connection, of those who have joined and heard one signal each."""
        with self._around(server, entry, ROOMS, ROOM_SIZE) as load:
            load.run(WARM_UP, rate=RATES[0])
        server.wait_until_calm()
        before = server.memory()
        with self._around(server, entry, self.plan.idle // ROOM_SIZE, ROOM_SIZE) as load:
            if load.run(SETTLE).closed:
                raise ConnectionError("idle connections were closed")
            return (server.memory() - before) / self.plan.idle / 1024

    @contextlib.contextmanager
    def _around(self, server: Running, entry: Entry, rooms: int, room_size: int) -> Iterator[Load]:
        """Seated clients. Server and load keep off each other's CPU."""
        os.sched_setaffinity(0, {CPUS[-1]})
        dialect: Dialect = entry.dialect(self.stage.token)
        load = Load(self.library, dialect, seated(dialect, server.ports, rooms, room_size), room_size)
        try:
            server.wait_until_calm()
            yield load
        finally:
            load.close()
            server.wait_until_calm()


def measured(server: Running, load: Load, seconds: float, **order: Any) -> Measure:
    cpu = server.cpu_seconds()
    heard = load.run(seconds, **order)
    return Measure((server.cpu_seconds() - cpu) / heard.relayed * 100_000, heard)


def note(part: Part, entry: Entry, case: str, measure: Measure) -> None:
    part.add(entry, case, measure)
    faults = "".join(f", {count} {fault}" for fault, count in measure.heard.faults.items())
    say(f"{entry.name}, {case}: {measure.cpu:.2f} s, {measure.per_second:.0f} a second, load {os.getloadavg()[0]:.1f}{faults}")


if __name__ == "__main__":
    raise SystemExit(main())
