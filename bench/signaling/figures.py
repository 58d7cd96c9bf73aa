"""What came out of a run: kept by part, server and case, one measure of each round; then told as tables and as JSON."""

import contextlib
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.signaling.clients import Bare, Dialect, SocketIO
from bench.signaling.load import Heard
from bench.signaling.servers import OURS, Server
from launch.console import LaunchError, complain

FLAT_OUT = "flat out"
KILOBYTES = "kB"
REACHED = 0.97  # of a rate; the rest is chance
SOCKETIO, WEBSOCKET = "Socket.IO", "WebSocket"
FAILURES = (OSError, LaunchError, LookupError, ValueError, ArithmeticError)


@dataclass(frozen=True)
class Entry:
    server: Server
    speaks: str
    processes: int = 1
    who: str = ""  # of its clients

    @property
    def name(self) -> str:
        return ", ".join(filter(None, (self.server.name, self.speaks, self.who)))

    def dialect(self, token: str) -> Dialect:
        return SocketIO(token) if self.speaks == SOCKETIO else Bare()


@dataclass(frozen=True)
class Measure:
    cpu: float  # seconds per 100 000 signals
    heard: Heard

    @property
    def per_second(self) -> float:
        return self.heard.relayed / self.heard.seconds

    def latency(self, percent: int) -> float:
        return statistics.quantiles(self.heard.latencies, n=100)[percent - 1]


@dataclass
class Part:
    title: str
    tell: Callable[["Part"], None]
    entries: Sequence[Entry]
    found: dict[Entry, dict[str, list[Any]]] = field(default_factory=dict)  # measures, or kB of memory
    failures: list[str] = field(default_factory=list)

    def add(self, entry: Entry, case: str, value: Any) -> None:
        self.found.setdefault(entry, {}).setdefault(case, []).append(value)

    @contextlib.contextmanager
    def failing(self, entry: Entry) -> Iterator[None]:
        """One server that fails does not end the run of the others."""
        try:
            yield
        except FAILURES as error:
            failure = f"{entry.name}: {type(error).__name__}: {str(error)[:300]}"
            complain(failure)
            if failure not in self.failures:  # by other rounds
                self.failures.append(failure)

    def faults(self, entry: Entry) -> dict[str, int]:
        counts: dict[str, int] = {}
        for values in self.found[entry].values():
            for value in values:
                for fault, count in value.heard.faults.items() if isinstance(value, Measure) else ():
                    counts[fault] = counts.get(fault, 0) + count
        return counts

    @property
    def faultless(self) -> bool:
        return not self.failures and not any(map(self.faults, self.found))

    def summary(self) -> dict[str, Any]:
        servers = {
            entry.name: {case: summary_of(values) for case, values in cases.items()} | {"faults": self.faults(entry)}
            for entry, cases in self.found.items()
        }
        return {"title": self.title, "servers": servers, "failures": self.failures}


def summary_of(values: Sequence[Any]) -> dict[str, Any]:
    if not isinstance(values[0], Measure):
        return spread(values)
    latencies = {f"p{percent}": spread([value.latency(percent) for value in values]) for percent in (50, 99) if timed(values)}
    return {
        "cpuSecondsPer100000": spread([value.cpu for value in values]),
        "perSecond": spread([value.per_second for value in values]),
        "latencyMs": latencies,
        "loadBusy": max(value.heard.busy for value in values),
    }


def timed(values: Sequence[Measure]) -> bool:
    return all(len(value.heard.latencies) > 1 for value in values)


def spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


# Tables


def tell(part: Part) -> None:
    print(f"\n{part.title}\n")
    if part.found:
        part.tell(part)
    for failure in part.failures:
        print(f"\nFailed: {failure}")
    print(flush=True)


def tell_signals(part: Part) -> None:
    rates = [case for case in cases_of(part) if case != FLAT_OUT]
    heads = ["CPU s per 100 000", "least to most", "× ours", "a second", *(f"p50 / p99 ms at {rate}/s" for rate in rates)]
    print_head("server", *heads, "load's CPU", "faults")
    for entry, cases in part.found.items():
        cpu = spread([measure.cpu for measure in cases[FLAT_OUT]])
        ours = next(
            (cases for other, cases in part.found.items() if other.server is OURS and other.speaks == entry.speaks), None
        )
        times = f"{cpu['median'] / statistics.median(measure.cpu for measure in ours[FLAT_OUT]):.2f}" if ours else "–"
        cells = [f"{cpu['median']:.2f}", f"{cpu['min']:.2f} to {cpu['max']:.2f}", times]
        cells += [f"{statistics.median(measure.per_second for measure in cases[FLAT_OUT]):.0f}"]
        cells += [latencies(cases.get(rate, ()), rate) for rate in rates]
        print_row(entry, *cells, f"{max(measure.heard.busy for measure in cases[FLAT_OUT]):.0%}", faults(part, entry))


def tell_rooms(part: Part) -> None:
    counts = cases_of(part)
    print_head("CPU s per 100 000, rooms:", *counts, "most / least", "faults")
    for entry, cases in part.found.items():
        cpu = {count: spread([measure.cpu for measure in measures]) for count, measures in cases.items()}
        cells = [
            f"{cpu[count]['median']:.2f} ({cpu[count]['min']:.2f} to {cpu[count]['max']:.2f})" if count in cpu else "–"
            for count in counts
        ]
        medians = [of["median"] for of in cpu.values()]
        print_row(entry, *cells, f"{max(medians) / min(medians):.2f}", faults(part, entry))


def tell_memory(part: Part) -> None:
    print_head("server", "kB per idle connection", "least to most")
    for entry, cases in part.found.items():
        kilobytes = spread(cases[KILOBYTES])
        print_row(entry, f"{kilobytes['median']:.1f}", f"{kilobytes['min']:.1f} to {kilobytes['max']:.1f}")


def cases_of(part: Part) -> list[str]:
    """Of all servers: one that failed lacks some."""
    return list(dict.fromkeys(case for cases in part.found.values() for case in cases))


def latencies(measures: Sequence[Measure], rate: str) -> str:
    """Medians of the rounds, one way; and how many arrived, if the server is too slow for this rate."""
    if not measures or not timed(measures):
        return "–"
    told = " / ".join(f"{statistics.median(measure.latency(percent) for measure in measures):.2f}" for percent in (50, 99))
    reached = statistics.median(measure.per_second for measure in measures)
    return told if reached > REACHED * float(rate) else f"{told} ({reached:.0f} reached)"


def faults(part: Part, entry: Entry) -> str:
    return ", ".join(f"{count} {fault}" for fault, count in part.faults(entry).items()) or "none"


def print_head(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |\n|---|{'--:|' * (len(cells) - 1)}")


def print_row(entry: Entry, *cells: str) -> None:
    print(f"| {entry.name} | {' | '.join(cells)} |")
