"""What a run found, as the section of docs/performance.md and its pictures.

.venv/bin/python -m bench.load.page figures.json      # keeps them as bench/load/measured.json, writes docs and pictures
.venv/bin/python -m bench.load.page                   # writes docs from what is kept
"""

import argparse
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.load import model, simulate
from bench.load.plots import lines
from launch.options import ROOT

MEASURED = Path(__file__).with_name("measured.json")
PERFORMANCE, CAPACITY, PICTURES = ROOT / "docs/performance.md", ROOT / "docs/capacity.md", ROOT / "docs/pictures"
MIB, MINUTE = 1 << 20, 60.0
SERVER = ("web 1", "web 2", "valkey")  # whose memory must be flat; PostgreSQL fills its caches
Found = Mapping[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", type=Path, nargs="?", help="of bench.load.run --json")
    options = parser.parse_args()
    if options.figures:
        MEASURED.write_text(in_lines(json.loads(options.figures.read_text())))
    found = measured()
    for name, picture in pictures(found).items():
        (PICTURES / name).write_text(picture)
    for page, blocks in pages(found).items():
        text = page.read_text()
        for name, block in blocks.items():
            text = filled(text, name, block)
        page.write_text(text)


def in_lines(found: Found) -> str:
    """JSON with a line for each name: ten minutes of windows would fill thousands."""
    rows = (f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in found.items())
    return "{\n" + ",\n".join(rows) + "\n}\n"


def measured() -> dict[str, Any]:
    return dict(json.loads(MEASURED.read_text()))


def pages(found: Found) -> dict[Path, dict[str, str]]:
    """What is written between the marks of a page, by the marks' names."""
    units, habits = model.units(found), model.variants(model.habits_of(found))
    return {
        PERFORMANCE: {"load": told(found)},
        CAPACITY: {
            "units": model.told_units(units),
            "model": model.told(units, habits),
            "simulated": simulate.told(units, habits[model.BUSY]),
        },
    }


def filled(text: str, name: str, block: str) -> str:
    """The page with this between its marks."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    head, _, rest = text.partition(begin)
    return f"{head}{begin}\n{block}\n{end}{rest.partition(end)[2]}"


def told(found: Found) -> str:
    parts = [conditions(found)]
    if found.get("hold"):
        parts += [results(found), rest_table(found)]
    if found.get("steps"):
        parts.append(steps_table(found))
    if found.get("checked"):
        parts.append(checked(found))
    return "\n\n".join(parts)


def conditions(found: Found) -> str:
    plan, machine = found["plan"], found["machine"]
    people = plan["idle"] + plan["rooms"] * plan["room_size"]
    cpu = ", ".join(machine["cpu"])
    lines_of_it = [
        f"{found['at']}, {machine['cpus']} CPUs ({cpu}), kernel {machine['kernel']}, Python {machine['python']}; server, database and load share them.",
        f"{people} people on {plan['rooms']} servers of {people // plan['rooms']}, each with a WebSocket of his own on `/socket`, signed in and subscribed to live events; "
        f"{plan['rooms'] * plan['room_size']} of them in {plan['rooms']} calls.",
        f"A second: {plan['moves']:g} people leave their call and come back (the others offer, they answer), {plan['mics']:g} microphones, {plan['rest']:g} REST requests.",
    ]
    return "\n".join(lines_of_it)


def results(found: Found) -> str:
    hold, held = found["hold"], found["held"]
    signals, growth = hold["ms"]["signals"], memory_growth(found)
    seconds = hold["seconds"]
    rows = [
        (
            "held",
            f"{seconds:.0f} s of {held['asked']:.0f}, at {held['rate']:.0f} signals a second: {_half(found)}",
        ),
        ("faults", _faults(found)),
        ("signals, p50 / p99 / p99.9 ms one way", _three(signals)),
        ("of the windows' p99: median, greatest ms", _spread([window["ms"]["signals"]["p99"] for window in found["windows"]])),
        ("microphones, until all others know", _three(hold["ms"].get("mics"))),
        ("leaving, until all others know", _three(hold["ms"].get("leaves"))),
        ("joining, until all connections are agreed on", _three(hold["ms"].get("joins"))),
        ("REST, p50 / p99 / p99.9 ms", _three(hold["rest"]["ms"].get("all"))),
        ("CPUs: web and Valkey, PostgreSQL, the load, others", _cpus(hold)),
        ("connecting everybody", _ramp(found)),
        ("memory of web and Valkey, PSS", growth),
    ]
    return table(("", ""), rows)


def rest_table(found: Found) -> str:
    rest = found["hold"]["rest"]["ms"]
    rows = [
        (name, f"{share} %", *_of(rest.get(name), "count", "p50", "p99"))
        for name, share in sorted(found["mix"].items(), key=lambda one: -one[1])
    ]
    return table(("the REST mix", "share", "requests", "p50 ms", "p99 ms"), rows)


def steps_table(found: Found) -> str:
    rows = [
        (
            f"{step['rate']:.0f}",
            *_of(step["ms"].get("signals"), "p50", "p99", "p999"),
            f"{step['reached']:.1%}",
            f"{_server_cpu(step['cpu']) / step['seconds']:.2f}",
            f"{(step['load'] + step['loadRest']) / step['seconds']:.2f}",
            "yes" if step["carries"] else "no",
        )
        for step in found["steps"]
    ]
    return table(
        ("signals a second", "p50 ms", "p99 ms", "p99.9 ms", "relayed at once", "server's CPUs", "load's CPUs", "carried"), rows
    )


def checked(found: Found) -> str:
    told = found["checked"]
    return (
        f"At the end everybody in a call left and came back, and saw in his list exactly those who were there; over the whole run "
        f"{told['signals']} signals, {told['joins']} joins, {told['leaves']} leaves and {told['mics']} microphone changes were each heard by whom they "
        f"concern, once and in order, and {told['posts']} messages by {told['messagesTold']} people."
    )


def memory_growth(found: Found) -> str:
    """The first minute after the warm-up beside the last."""
    samples = [(sample["at"], _server_memory(sample["pss"])) for sample in found.get("memory", ())]
    samples = [(at, size) for at, size in samples if at >= found["plan"]["warm_up"]]
    if len(samples) < 2:
        return "too short to tell"
    first = statistics.mean(size for at, size in samples if at <= samples[0][0] + MINUTE)
    last = statistics.mean(size for at, size in samples if at >= samples[-1][0] - MINUTE)
    return f"{first / MIB:.1f} MiB in the first minute after the warm-up, {last / MIB:.1f} in the last: {last / first - 1:+.1%}"


def pictures(found: Found) -> dict[str, str]:
    windows = found["windows"]
    times = [(window["at"], window["ms"]["signals"]) for window in windows if "signals" in window["ms"]]
    latency = {name: [(at, ms[key]) for at, ms in times] for name, key in (("p50", "p50"), ("p99", "p99"), ("p99.9", "p999"))}
    names = {part for window in windows for part in window["cpu"]}
    cpu: dict[str, list[tuple[float, float]]] = {
        part: [(window["at"], window["cpu"].get(part, 0.0) / window["seconds"]) for window in windows]
        for part in (*sorted(name for name in names if name.startswith("web")), "postgres", "valkey")
    }
    cpu["the load"] = [(window["at"], (window["load"] + window["loadRest"]) / window["seconds"]) for window in windows]
    parts = ("web 1", "web 2", "postgres", "valkey")
    memory = {part: [(sample["at"], sample["pss"].get(part, 0) / MIB) for sample in found.get("memory", ())] for part in parts}
    return {
        "load-latency.svg": lines("Signals one way, ms", "seconds", latency, logarithmic=True),
        "load-cpu.svg": lines("CPUs", "seconds", cpu),
        "load-memory.svg": lines("Memory, MiB of PSS", "seconds", memory),
    }


# Cells


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join([_row(heads), f"|---|{'--:|' * (len(heads) - 1)}", *map(_row, rows)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _half(found: Found) -> str:
    return f"half of {found['carried']:.0f}" if found["carried"] else "the first step of the search, which was too much already"


def _faults(found: Found) -> str:
    return ", ".join(f"{count} {name}" for name, count in found["faults"].items()) or "none"


def _three(ms: Mapping[str, float] | None) -> str:
    return " / ".join(_of(ms, "p50", "p99", "p999"))


def _of(ms: Mapping[str, float] | None, *keys: str) -> list[str]:
    return [_number(ms[key]) for key in keys] if ms else ["–"] * len(keys)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _spread(values: Sequence[float]) -> str:
    return f"{_number(statistics.median(values))}, {_number(max(values))}"


def _server_cpu(cpu: Mapping[str, float]) -> float:
    """With PostgreSQL and all else that ./run keeps."""
    return sum(cpu.values())


def _server_memory(pss: Mapping[str, int]) -> int:
    return sum(pss.get(part, 0) for part in SERVER)


def _cpus(record: Found) -> str:
    cpu, seconds = record["cpu"], record["seconds"]
    load = record["load"] + record["loadRest"]
    parts = (
        sum(cpu.get(part, 0.0) for part in SERVER),
        cpu.get("postgres", 0.0),
        load,
        record["machine"] - _server_cpu(cpu) - load,
    )
    return ", ".join(f"{max(part, 0) / seconds:.2f}" for part in parts)


def _ramp(found: Found) -> str:
    ramp = found["stretches"]["ramp"]
    return f"{ramp['seconds']:.0f} s, {ramp['now']['online'] / ramp['seconds']:.0f} a second, until subscribed: p99 {ramp['ms']['connects']['p99'] / 1000:.2f} s"


if __name__ == "__main__":
    main()
