"""What can be known of a million people without them: small simulations, with what was measured put in.

.venv/bin/python -m bench.load.simulate

Each is drawn by numbers of one seed, so the page says the same every time. What is assumed stands in `World`.
"""

import heapq
import json
import math
import random
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bench.load.model import BUSY, Habits, Units, habits_of, people_per_core, units, variants

SEED = 7
SECONDS_OF_DAY = 86_400


@dataclass(frozen=True)
class World:
    """Assumed: nobody has measured them."""

    people: int = 1_000_000
    shrunk: int = 10  # of so many people and servers one is drawn; processes and rooms all are
    most_servers: int = 8  # of one person, each number as likely
    steepness: float = 0.8  # of sizes: the n-th server draws people by 1 / n ** steepness
    people_per_server: int = 45
    presences: float = 4 / 3600  # changes of a person, a second
    kept_days: int = 7  # EVENTS_KEPT_DAYS
    heartbeats: float = 2 / 2.0  # of a process, a second: HEARTBEAT of voice/transports/cluster.py and of live/nodes.py


# Who has to hear of whom


@dataclass(frozen=True)
class Reach:
    """The share of all processes that have to hear of what happens on a server, on average over what happens."""

    anywhere: float
    by_home: float


def reach(world: World, processes: int) -> Reach:
    """People are members of several servers and connect to a process: any, or that of their own first server."""
    chance = random.Random(SEED)
    people = world.people // world.shrunk
    count = people // world.people_per_server
    weights = list(accumulate((1 + number) ** -world.steepness for number in range(count)))
    anywhere: list[set[int]] = [set() for _ in range(count)]
    by_home: list[set[int]] = [set() for _ in range(count)]
    activity = [0] * count
    for _ in range(people):
        chosen = [bisect(weights, chance.random() * weights[-1]) for _ in range(chance.randint(1, world.most_servers))]
        somewhere = chance.randrange(processes)
        for server in chosen:
            anywhere[server].add(somewhere)
            by_home[server].add(chosen[0] % processes)
            activity[server] += 1

    def share(hearers: list[set[int]]) -> float:
        return sum(len(of) * often for of, often in zip(hearers, activity, strict=True)) / sum(activity) / processes

    return Reach(share(anywhere), share(by_home))


# Where rooms lie


def placed(rooms: int, processes: int, slack: float, seed: int = SEED) -> list[int]:
    """How many rooms each process has: each goes to the first in its own order that is not yet `slack` over the mean."""
    chance = random.Random(seed)
    most, loads = math.ceil((1 + slack) * rooms / processes) if slack < math.inf else rooms, [0] * processes
    for _ in range(rooms):
        place = chance.randrange(processes)
        while loads[place] >= most:
            place = chance.randrange(processes)
        loads[place] += 1
    return loads


# Who comes back when a process dies


@dataclass(frozen=True)
class Storm:
    half: float  # seconds until half are back
    nearly_all: float  # 99 %
    all: float
    attempts: int
    at_most: float  # greatest share of a core that the others were busy with it


FIRST_DELAY, LONGEST_DELAY, SPREAD, GIVE_UP = 1.0, 5.0, 0.5, 20.0  # of socket.io's client, as it is documented


def storm(people: int, others: int, per_second: float, seed: int = SEED) -> Storm:
    """`people` of a lost process, on `others`, each of which takes so many a second, in order; nobody waits longer than 20 s."""
    chance = random.Random(seed)

    def delay(attempt: int) -> float:
        return min(FIRST_DELAY * 2**attempt, LONGEST_DELAY) * chance.uniform(1 - SPREAD, 1 + SPREAD)

    coming = [(delay(0), number, 0) for number in range(people)]
    heapq.heapify(coming)
    free = [0.0] * others  # when each is free again
    back: list[float] = []
    attempts = 0
    while coming:
        at, number, attempt = heapq.heappop(coming)
        attempts += 1
        place = chance.randrange(others)
        done = max(free[place], at) + 1 / per_second
        if done - at > GIVE_UP:  # its turn came, and it was gone; accepting it cost nothing yet
            heapq.heappush(coming, (at + GIVE_UP + delay(attempt + 1), number, attempt + 1))
            continue
        free[place] = done
        back.append(done)
    back.sort()
    busiest = max(Counter(int(at) for at in back).values()) / per_second / others
    return Storm(back[people // 2], back[int(people * 0.99)], back[-1], attempts, busiest)


# Tables


def told(unit: Units, habit: Habits, world: World | None = None) -> str:
    world = world or World()
    processes = -(-world.people // int(people_per_core(unit, habit)))
    parts = (
        _reach(world, unit, habit, processes),
        _rooms(world, habit, processes),
        _storms(unit, habit),
        _log(world, unit, habit),
    )
    return "\n\n".join("\n".join(part) for part in parts)


def messages_a_second(world: World, habit: Habits) -> float:
    return world.people * habit.requests * POSTS


POSTS = 0.15  # of the requests: the mix


def _reach(world: World, unit: Units, habit: Habits, processes: int) -> Iterator[str]:
    found = reach(world, processes)
    messages, presences = messages_a_second(world, habit), world.people * world.presences
    seats = world.people * habit.in_calls * habit.moves * 2
    beats = world.heartbeats * processes
    yield f"| {world.people:,} people on {processes:,} processes: lines that each hears a second | today: everybody | a channel per server, people anywhere | and people by home |"
    yield "|---|--:|--:|--:|"
    rows = [
        ("presence", *(presences * share for share in (1, found.anywhere, found.by_home))),
        ("seats of voice channels", *(seats * share for share in (1, found.anywhere, found.by_home))),
        ("heartbeats; in cells of 50", beats, *(world.heartbeats * min(CELL, processes) for _ in range(2))),
        (
            "events of the log, read from PostgreSQL by each",
            *(messages * share for share in (1, found.anywhere, found.by_home)),
        ),
    ]
    for name, *heard in rows:
        yield _row(name, *(f"{each:,.0f}" for each in heard))
    lines = [sum(column) * processes for column in zip(*(row[1:] for row in rows[:3]), strict=True)]
    yield _row("all lines through Valkey", *(f"{each:,.0f}" for each in lines))
    yield _row("of its cores", *(f"{each * unit.line / habit.busy:.1f}" for each in lines))
    yield _row("all rows read from the log", *(f"{each * processes:,.0f}" for each in rows[3][1:]))


CELL = 50  # processes that watch over each other


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _rooms(world: World, habit: Habits, processes: int) -> Iterator[str]:
    rooms = int(world.people * habit.in_calls / 4)
    yield f"| {rooms:,} calls of four on {processes:,} processes | signals that cross between processes | fullest process beside the mean |"
    yield "|---|--:|--:|"
    by_people = _loads_by_people(rooms, processes)
    yield f"| people anywhere (today) | {1 - 1 / processes:.1%} | {max(by_people) / (4 * rooms / processes):.2f} |"
    for name, slack in (("rooms by hash", math.inf), ("rooms by hash, at most 10 % over the mean", 0.1)):
        loads = placed(rooms, processes, slack)
        yield f"| {name} | 0 % | {max(loads) / (rooms / processes):.2f} |"


def _loads_by_people(rooms: int, processes: int) -> Sequence[int]:
    chance = random.Random(SEED)
    loads = [0] * processes
    for _ in range(4 * rooms):
        loads[chance.randrange(processes)] += 1
    return loads


def _storms(unit: Units, habit: Habits) -> Iterator[str]:
    people = int(people_per_core(unit, habit))
    each = (1 - habit.busy) / (unit.connect + unit.connect_database)
    yield f"| a process with {people:,} people dies; each of the others takes {each:.0f} back a second | half are back | 99 % | all | busiest second of the others' spare time |"
    yield "|---|--:|--:|--:|--:|"
    for others in (1, 9, 49, 199):
        found = storm(people, others, each)
        yield f"| {others} others | {found.half:.1f} s | {found.nearly_all:.1f} s | {found.all:.1f} s | {found.at_most:.0%} |"


def _log(world: World, unit: Units, habit: Habits) -> Iterator[str]:
    yield "| people online all day | events a second | a day | log of 7 days | messages of a year |"
    yield "|---|--:|--:|--:|--:|"
    for people in (10_000, 100_000, world.people):
        rate = people * habit.requests * POSTS
        kept = rate * SECONDS_OF_DAY * world.kept_days * unit.event_bytes
        year = rate * SECONDS_OF_DAY * 365 * unit.message_bytes
        yield f"| {people:,} | {rate:,.1f} | {rate * SECONDS_OF_DAY / 1e6:,.2f} million | {kept / 2**30:,.1f} GiB | {year / 2**40:,.2f} TiB |"


def main() -> None:
    from bench.load.page import MEASURED

    found = json.loads(MEASURED.read_text())
    habits = variants(habits_of(found))
    print(told(units(found), habits[BUSY]))


if __name__ == "__main__":
    main()
