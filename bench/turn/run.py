"""What a relayed packet costs: our relay beside coturn and pion/turn, by turns in one run. See bench/turn/README.md.

.venv/bin/python -m bench.turn.run --quick
"""

import argparse
import asyncio
import contextlib
import os
import resource
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.report import keep, machine
from bench.rest.run import folder_for
from bench.signaling.servers import Running
from bench.turn.figures import (
    DOWN,
    FEW,
    INDICATIONS_DOWN,
    INDICATIONS_UP,
    MEMORY,
    NO_RELAY,
    OURS,
    OURS_PORTABLE,
    PACED,
    PEER,
    PEER_TWO_WORKERS,
    PION,
    TCP_DOWN,
    TCP_UP,
    TWO_WORKERS,
    UP,
    Entry,
    Measure,
    Part,
    tell,
    tell_aims,
    tell_cost,
    tell_memory,
    tell_scale,
    tell_workers,
)
from bench.turn.load import Words, compiled, loaded, together
from bench.turn.servers import CPUS, HOST, PASSWORD, USER, Stage, stage
from bench.turn.uclient import NEEDS, Echoed, echoed
from launch.bootstrap import DEVELOPMENT, RUNTIME, ensure_venv
from launch.console import LaunchError, complain, say
from launch.crew import Crew

WARM_UP = 0.5


@dataclass(frozen=True)
class Plan:
    """How much is measured. Seconds are of load, for one relay and one case in each round."""

    rounds: int
    seconds: float
    crowd_rounds: int  # of `scale` and `memory`
    messages: int  # of each stream of turnutils_uclient


FULL = Plan(rounds=5, seconds=3, crowd_rounds=3, messages=1_000)
QUICK = Plan(rounds=2, seconds=1, crowd_rounds=1, messages=300)


def parts() -> dict[str, tuple[Part, Callable[["Bench", Part], Awaitable[None]]]]:
    """What is measured, and how."""
    up, down, both = {"direction": "up"}, {"direction": "down"}, {"direction": "both"}
    send_up, send_down = up | {"indications": True}, down | {"indications": True}
    peers = (PEER, PION)
    crowds = {str(count): up | {"allocations": count} for count in (10, 100, 500, 2_000, 5_000)}
    many = up | {"allocations": 5_000, "base": 500, "seconds": 0.5}
    tools = {"uclient, UDP": {}, "uclient, UDP, Send": {"flags": "-s"}, "uclient, TCP": {"flags": "-t"}}
    return {
        "flat": (
            Part(
                "Flat out, 500 allocations",
                tell_cost,
                (OURS, *peers),
                {UP: up, DOWN: down, INDICATIONS_UP: send_up, INDICATIONS_DOWN: send_down},
            ),
            Bench.by_turns,
        ),
        "paced": (
            Part(
                "At the pace of voices, 500 allocations", tell_cost, (OURS, *peers, NO_RELAY), {PACED: both | {"rate": 25_000}}
            ),
            Bench.by_turns,
        ),
        "tcp": (
            Part(
                "Clients that come by TCP, flat out, 500 allocations",
                tell_cost,
                (OURS, *peers),
                {TCP_UP: up | {"tcp": True}, TCP_DOWN: down | {"tcp": True}},
            ),
            Bench.by_turns,
        ),
        "fallback": (
            Part("Without a compiler, flat out, 500 allocations", tell_cost, (OURS_PORTABLE, PEER), {UP: up, DOWN: down}),
            Bench.by_turns,
        ),
        "scale": (
            Part("More and more allocations, flat out, channels up", tell_scale, (OURS, FEW, PEER), crowds),
            Bench.crowds,
        ),
        "memory": (
            Part(
                "Memory of 4 500 allocations beyond the first 500, each with a channel that was used",
                tell_memory,
                (OURS, OURS_PORTABLE, *peers),
                {MEMORY: many, "TCP": many | {"tcp": True}},
            ),
            Bench.memory,
        ),
        "workers": (
            Part(
                "As many CPUs as workers, each with a load of its own",
                tell_workers,
                (OURS, TWO_WORKERS, PEER, PEER_TWO_WORKERS),
                {UP: up, DOWN: down},
            ),
            Bench.workers,
        ),
        "uclient": (
            Part("By coturn's own client and echo peer", tell_cost, (OURS, OURS_PORTABLE, *peers), tools),
            Bench.echoes,
        ),
    }


PROGRAMS = (("turnserver", "--version"), ("go", "version"), ("cc", "--version"))
"""Whose versions the figures depend on."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--part", action="append", choices=list(parts()), help="may be repeated; usually all")
    parser.add_argument("--only", action="append", metavar="TEXT", help="relays with this in their name; may be repeated")
    parser.add_argument("--json", type=Path, help="write all figures there")
    options = parser.parse_args()
    try:
        ensure_venv([RUNTIME, DEVELOPMENT])
        with folder_for(None) as folder:
            plan, chosen = QUICK if options.quick else FULL, options.part or list(parts())
            faultless = asyncio.run(bench(plan, chosen, options.only or [""], folder, options.json))
    except LaunchError as error:
        complain(str(error))
        return 1
    return 0 if faultless else 1


async def bench(plan: Plan, chosen: Sequence[str], only: Sequence[str], folder: Path, file: Path | None) -> bool:
    """Whether every relay could be measured, and ours brought every packet where it should."""
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    figures: dict[str, Any] = {"machine": machine(*PROGRAMS), "plan": vars(plan), "parts": {}}
    todo = {name: parts()[name] for name in chosen}
    for part, _ in todo.values():
        part.entries = [entry for entry in part.entries if wanted(entry, only)]
    ours_too = any(entry.is_ours for part, _ in todo.values() for entry in part.entries)
    crew = Crew()
    crew.obey_signals()
    try:
        async with stage(crew, folder, ours_too=ours_too) as where:
            running = Bench(plan, where, compiled(folder))
            await prepare([part for part, _ in todo.values()], where)
            for name, (part, measure) in todo.items():
                await measure(running, part)
                tell(part)
                figures["parts"][name] = part.summary()
                keep(figures, file)
    except asyncio.CancelledError:
        raise LaunchError(crew.fallen or "Interrupted.") from None
    tell_aims({name: part for name, (part, _) in todo.items()})
    return all(part.faultless for part, _ in todo.values())


def wanted(entry: Entry, only: Sequence[str]) -> bool:
    return any(text.lower() in entry.name.lower() for text in only)


async def prepare(parts: Sequence[Part], stage: Stage) -> None:
    """Leaves in the parts what can run here; what cannot is named, with what it lacks."""
    for server in dict.fromkeys(entry.server for part in parts for entry in part.entries if entry.server):
        if server.missing:
            say(f"{server.name} is left out. To have it measured: apt-get install {server.missing}")
        else:
            await stage.prepare(server)
    for part in parts:
        part.entries = [entry for entry in part.entries if not entry.server or not entry.server.missing]


@dataclass(frozen=True)
class Bench:
    plan: Plan
    stage: Stage
    program: Path

    async def by_turns(self, part: Part) -> None:
        """Every relay once, then the next case; after all cases, the next round."""
        await self._rounds(part, self.plan.rounds, self._load)

    async def crowds(self, part: Part) -> None:
        await self._rounds(part, self.plan.crowd_rounds, self._load)

    async def echoes(self, part: Part) -> None:
        if missing := [tool for tool in NEEDS if not shutil.which(tool)]:
            say(f"No {missing[0]}, so nothing is measured with it: apt-get install coturn")
            return
        await self._rounds(part, self.plan.crowd_rounds, self._echo)

    async def memory(self, part: Part) -> None:
        """Each time in a new process: what one has freed would hide what the next allocations take."""
        for turn in range(self.plan.crowd_rounds):
            for case in part.cases:
                for entry in part.entries:
                    with part.failing(entry):
                        assert entry.server
                        async with self.stage.start(entry.server) as server:
                            measure = await asyncio.to_thread(self._load, entry, server, part.cases[case])
                        part.add(entry, case, turn, measure)
                        kib = f"{measure.kib:.2f} KiB and {measure.kernel_kib:.2f} of the kernel"
                        say(f"{entry.name}, {case}: {kib} for each allocation")

    async def workers(self, part: Part) -> None:
        """Load and worker share a CPU, so that two of them have all that two CPUs can do."""
        if len(CPUS) < 2:
            say("Two workers are not measured on one CPU.")
            return
        async with contextlib.AsyncExitStack() as stack:
            servers = await self._started(part, stack)
            for turn in range(self.plan.rounds):
                for case, words in part.cases.items():
                    for entry, server in servers:
                        loads = [self._words(server, words) | {"cpu": cpu, "sleep": True} for cpu in CPUS[: entry.workers]]
                        with part.failing(entry):
                            assert server
                            found = await asyncio.to_thread(loaded, self.program, *loads, pids=server.pids)
                            note(part, entry, case, turn, together(found))

    async def _rounds(self, part: Part, rounds: int, measure: Callable[[Entry, Running | None, Words], Measure]) -> None:
        async with contextlib.AsyncExitStack() as stack:
            servers = await self._started(part, stack)
            for turn in range(rounds):
                for case, words in part.cases.items():
                    for entry, server in servers:
                        with part.failing(entry):
                            found = await asyncio.to_thread(measure, entry, server, words)
                            note(part, entry, case, turn, found)

    async def _started(self, part: Part, stack: contextlib.AsyncExitStack) -> list[tuple[Entry, Running | None]]:
        servers: list[tuple[Entry, Running | None]] = []
        for entry in part.entries:
            with part.failing(entry):
                started = self.stage.start(entry.server, entry.workers) if entry.server else contextlib.nullcontext()
                servers.append((entry, await stack.enter_async_context(started)))
        return servers

    def _load(self, entry: Entry, server: Running | None, words: Words) -> Any:
        speakers = {"speakers": entry.speakers} if entry.speakers else {}
        if server:
            server.wait_until_calm()
        (found,) = loaded(self.program, self._words(server, words) | speakers, pids=server.pids if server else ())
        return found

    def _words(self, server: Running | None, words: Words) -> dict[str, str | float | bool]:
        to: Words = {"server": f"{HOST}:{server.ports[0]}", "user": USER, "password": PASSWORD} if server else {"direct": True}
        return {"cpu": CPUS[-1], "warm_up": WARM_UP, "seconds": self.plan.seconds, **to, **words}

    def _echo(self, entry: Entry, server: Running | None, words: Words) -> Echoed:
        assert server
        server.wait_until_calm()
        return echoed(server, self.plan.messages, *str(words.get("flags", "")).split())


def note(part: Part, entry: Entry, case: str, turn: int, measure: Measure) -> None:
    part.add(entry, case, turn, measure)
    faults = "".join(f", {count} {fault}" for fault, count in measure.faults.items())
    say(f"{entry.name}, {case}: {measure.cpu:.2f} s, {measure.per_second:.0f} a second, load {os.getloadavg()[0]:.1f}{faults}")


if __name__ == "__main__":
    raise SystemExit(main())
