"""How many people a core and a GiB carry, from what was measured.

.venv/bin/python -m bench.load.model [--in-calls 0.09] [--requests 0.11] [--relayed 0.2] …       # bench/load/measured.json, other habits
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

GIB = 1 << 30
MICRO = 1e6
WEB = ("web 1", "web 2", "valkey", "run", "hooks")
RELAYED_SECONDS = 10.00 / 1e6  # CPU of a packet at the pace of voices: docs/performance.md, "Relay"
VOICE_PACKETS = 50  # a second: Opus in frames of 20 ms, RFC 7587 section 4.2
VOICE_BYTES = 160  # of a packet: as the relay was measured


@dataclass(frozen=True)
class Units:
    """CPU seconds, of web processes and Valkey, and of PostgreSQL; bytes of PSS."""

    idle: float  # a person who is there, for a second
    connect: float  # and subscribe
    connect_database: float
    signal: float
    line: float  # of Valkey alone: published once, heard once
    mic: float
    move: float  # leave a call of this size and come back, offers and answers included
    request: float  # of the mix
    request_database: float
    person: float  # bytes
    process: float  # bytes of a web process that nobody has come to
    event_bytes: float  # of the log, with its indexes
    message_bytes: float
    room_size: int
    listeners: int  # who hear a message of the mix


@dataclass(frozen=True)
class Habits:
    """What one person who is online does, on average. By default what the load does, a reconnection each hour beside."""

    in_calls: float  # share of the people
    requests: float  # a second
    signals: float  # a second of one who is in a call
    mics: float
    moves: float
    reconnects: float = 1 / 3600  # a second: assumed
    busy: float = 0.5  # of a core; the rest is for what comes at once: assumed
    relayed: float = 0.2  # share of the pairs in calls that need the relay: assumed
    talking: float = 1.0  # share of those in calls who send: microphones that are open send silence, too


def units(found: Mapping[str, Any]) -> Units:
    """From the figures of a run: each kind of work by itself, less what is there anyway."""
    stretches, plan = found["stretches"], found["plan"]
    people = plan["idle"] + plan["rooms"] * plan["room_size"]
    idle, ramp = stretches["idle"], stretches["ramp"]
    at_rest = {part: seconds / idle["seconds"] for part, seconds in idle["cpu"].items()}

    def beyond(stretch: Mapping[str, Any], part: Sequence[str], share: float = 1.0) -> float:
        """CPU seconds of these parts, beyond what they take while nothing happens."""
        return max(sum(stretch["cpu"].get(one, 0.0) - share * at_rest.get(one, 0.0) * stretch["seconds"] for one in part), 0.0)

    move = beyond(stretches["moves"], WEB) / max(stretches["moves"]["counts"]["joins"], 1)
    requests = max(stretches["rest"]["rest"]["requests"], 1)
    joins = ramp["counts"]["joins"] * move / 2  # half of a move, and while they come half of the people are there
    steps = [step for step in found["steps"] if step["carries"]]
    steps = steps if len(steps) > 1 else found["steps"]  # what broke tells little, but nothing tells less
    grown = sum(found["after"]["pss"].get(part, 0) - found["before"]["pss"].get(part, 0) for part in WEB)
    return Units(
        idle=sum(at_rest.get(part, 0.0) for part in WEB) / people,
        connect=max(beyond(ramp, WEB, 0.5) - joins, 0.0) / people,
        connect_database=beyond(ramp, ["postgres"], 0.5) / people,
        signal=slope([(step["counts"]["signals"] / step["seconds"], _web(step)) for step in steps]),
        line=slope([(CROSSING * step["counts"]["signals"] / step["seconds"], _valkey(step)) for step in steps]),
        mic=beyond(stretches["mics"], WEB) / max(stretches["mics"]["counts"]["mics"], 1),
        move=move,
        request=beyond(stretches["rest"], WEB) / requests,
        request_database=beyond(stretches["rest"], ["postgres"]) / requests,
        person=grown / people,
        process=sum(found["before"]["pss"].get(part, 0) for part in ("web 1", "web 2")) / 2,
        event_bytes=found["sizes"]["events"],
        message_bytes=found["sizes"]["messages"],
        room_size=plan["room_size"],
        listeners=people // plan["rooms"],
    )


def habits_of(found: Mapping[str, Any]) -> Habits:
    plan = found["plan"]
    seats = plan["rooms"] * plan["room_size"]
    people = plan["idle"] + seats
    rate = found["held"]["rate"]
    return Habits(
        in_calls=seats / people,
        requests=plan["rest"] / people,
        signals=rate / seats,
        mics=plan["mics"] / seats,
        moves=plan["moves"] / seats,
    )


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the straight line nearest to the points."""
    if len(points) < 2:
        return 0.0
    middle_x, middle_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread


def _web(step: Mapping[str, Any]) -> float:
    return sum(step["cpu"].get(part, 0.0) for part in WEB) / float(step["seconds"])


CROSSING = 0.5  # of the signals, where connections fall to either of two processes


def _valkey(step: Mapping[str, Any]) -> float:
    return float(step["cpu"].get("valkey", 0.0)) / float(step["seconds"])


def cpu_of_person(unit: Units, habit: Habits) -> dict[str, float]:
    """CPU seconds a second that somebody who is online takes, by what for."""
    return {
        "being there": unit.idle,
        "coming back": habit.reconnects * unit.connect,
        "REST, and telling others": habit.requests * unit.request,
        "signals": habit.in_calls * habit.signals * unit.signal,
        "microphones": habit.in_calls * habit.mics * unit.mic,
        "joining and leaving": habit.in_calls * habit.moves * unit.move,
        "PostgreSQL": habit.requests * unit.request_database + habit.reconnects * unit.connect_database,
    }


def people_per_core(unit: Units, habit: Habits) -> float:
    return habit.busy / sum(cpu_of_person(unit, habit).values())


def people_per_gib(unit: Units) -> float:
    """Beyond the web processes themselves."""
    return GIB / unit.person


def callers_per_relay_core(habit: Habits, room_size: int) -> float:
    """In calls of this size: each sends to each other, and a relayed stream crosses the relay once."""
    packets = habit.talking * (room_size - 1) * habit.relayed * VOICE_PACKETS
    return habit.busy / (packets * RELAYED_SECONDS)


def relay_bits(habit: Habits, room_size: int) -> float:
    """Bits a second through the relays for each who is in a call, in and out."""
    return 2 * 8 * habit.talking * (room_size - 1) * habit.relayed * VOICE_PACKETS * VOICE_BYTES


# Tables


def told_units(unit: Units) -> str:
    rows = [
        ("a person who is there, for a second", f"{unit.idle * MICRO:.2f}", "–"),
        ("coming: connect, sign in, subscribe", f"{unit.connect * MICRO:.0f}", f"{unit.connect_database * MICRO:.0f}"),
        ("a signal, over two processes", f"{unit.signal * MICRO:.1f}", "–"),
        ("of that Valkey, for a line that crosses", f"{unit.line * MICRO:.1f}", "–"),
        (f"a microphone, in a room of {unit.room_size}", f"{unit.mic * MICRO:.0f}", "–"),
        (f"leaving a room of {unit.room_size} and coming back", f"{unit.move * MICRO:.0f}", "–"),
        (
            f"a request of the mix, messages told to {unit.listeners}",
            f"{unit.request * MICRO:.0f}",
            f"{unit.request_database * MICRO:.0f}",
        ),
    ]
    lines = ["| CPU, µs | web and Valkey | PostgreSQL |", "|---|--:|--:|", *(f"| {' | '.join(row)} |" for row in rows), ""]
    lines += ["| bytes | |", "|---|--:|"]
    lines.append(f"| a person who is there, PSS | {unit.person / 1024:.1f} KiB |")
    lines.append(f"| a web process to which nobody has come | {unit.process / 2**20:.0f} MiB |")
    lines.append(f"| an event in the log, a message, with indexes | {unit.event_bytes:.0f}, {unit.message_bytes:.0f} |")
    return "\n".join(lines)


def told(unit: Units, habits: Mapping[str, Habits]) -> str:
    lines = [
        "| of one person online | in calls | requests a minute | signals a minute in a call | µs a second | people per core | per GiB |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, habit in habits.items():
        cpu = sum(cpu_of_person(unit, habit).values()) * MICRO
        cells = [name, f"{habit.in_calls:.1%}", f"{habit.requests * 60:.2f}", f"{habit.signals * 60:.0f}", f"{cpu:.0f}"]
        cells += [f"{people_per_core(unit, habit):.0f}", f"{people_per_gib(unit):.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "| of that, µs a second | " + " | ".join(habits) + " |", "|---|" + "--:|" * len(habits)]
    costs = {name: cpu_of_person(unit, habit) for name, habit in habits.items()}
    for kind in next(iter(costs.values())):
        lines.append(f"| {kind} | " + " | ".join(f"{cost[kind] * MICRO:.2f}" for cost in costs.values()) + " |")
    lines += [
        "",
        "| relayed share of the pairs | people in calls of 4 per relay core | Mbit/s for 1 000 of them |",
        "|---|--:|--:|",
    ]
    for share in (0.1, 0.2, 0.5, 1.0):
        habit = replace(next(iter(habits.values())), relayed=share)
        lines.append(f"| {share:.0%} | {callers_per_relay_core(habit, 4):.0f} | {relay_bits(habit, 4) * 1000 / 1e6:.0f} |")
    return "\n".join(lines)


QUIET = "calls that only signal when somebody joins"
BUSY = "and ten times the REST"


def variants(habit: Habits) -> dict[str, Habits]:
    """As the load had it; with signals as calls really have them; and with ten times the talk in text."""
    quiet = replace(habit, signals=habit.moves * SIGNALS_OF_A_JOIN)
    return {"as loaded": habit, QUIET: quiet, BUSY: replace(quiet, requests=10 * quiet.requests)}


SIGNALS_OF_A_JOIN = 3 * 2 * (1 + 8)
"""In a call of four: with each of the others an offer, an answer, and 8 candidates each way, which is assumed."""


def main() -> None:
    from bench.load.page import MEASURED

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figures", type=Path, default=MEASURED)
    for one in fields(Habits):
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=float)
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    found = json.loads(given.pop("figures").read_text())
    unit, habit = units(found), habits_of(found)
    print(f"{told_units(unit)}\n\n{told(unit, {'so': replace(habit, **given)})}")


if __name__ == "__main__":
    main()
