"""What came out of a run: kept by part, relay, case and round; then told as tables, as JSON, and beside what was aimed at."""

import contextlib
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.turn.load import Heard, Words
from bench.turn.servers import COTURN, NATIVE, PION_TURN, PORTABLE, Server
from bench.turn.uclient import Echoed
from launch.console import LaunchError, complain

FAILURES = (OSError, LaunchError, LookupError, ValueError, ArithmeticError)
Measure = Heard | Echoed


@dataclass(frozen=True)
class Entry:
    server: Server | None  # None: packets go straight from client to peer
    workers: int = 1
    speakers: int = 0  # of the clients; 0: all

    @property
    def is_ours(self) -> bool:
        return self.server in (NATIVE, PORTABLE)

    @property
    def name(self) -> str:
        name = self.server.name if self.server else "no relay"
        crowd = f"{name}, {self.speakers} speak" if self.speakers else name
        return f"{crowd}, {self.workers} workers" if self.workers > 1 else crowd


OURS, OURS_PORTABLE, PEER, PION, NO_RELAY = Entry(NATIVE), Entry(PORTABLE), Entry(COTURN), Entry(PION_TURN), Entry(None)
FEW, TWO_WORKERS, PEER_TWO_WORKERS = Entry(NATIVE, speakers=10), Entry(NATIVE, workers=2), Entry(COTURN, workers=2)


@dataclass
class Part:
    title: str
    tell: Callable[["Part"], None]
    entries: Sequence[Entry]
    cases: Mapping[str, Words]
    found: dict[Entry, dict[str, dict[int, Measure]]] = field(default_factory=dict)  # by case and round
    failures: list[str] = field(default_factory=list)

    def add(self, entry: Entry, case: str, turn: int, measure: Measure) -> None:
        self.found.setdefault(entry, {}).setdefault(case, {})[turn] = measure

    @contextlib.contextmanager
    def failing(self, entry: Entry) -> Iterator[None]:
        """One relay that fails does not end the run of the others."""
        try:
            yield
        except FAILURES as error:
            failure = f"{entry.name}: {type(error).__name__}: {str(error)[:600]}"
            complain(failure)
            if failure not in self.failures:  # by other rounds
                self.failures.append(failure)

    def values(self, entry: Entry, case: str, name: str = "cpu") -> list[float]:
        return [getattr(measure, name) for measure in self.found.get(entry, {}).get(case, {}).values()]

    def median(self, entry: Entry, case: str, name: str = "cpu") -> float:
        """Raises LookupError if it was not measured."""
        if values := self.values(entry, case, name):
            return statistics.median(values)
        raise LookupError(f"{entry.name}, {case}")

    def by_rounds(self, one: Entry, other: Entry, case: str, compare: Callable[[Measure, Measure], float]) -> float:
        """The median of what the rounds say: one and the other stood side by side in each. Raises LookupError."""
        ones, others = (self.found.get(entry, {}).get(case, {}) for entry in (one, other))
        if both := ones.keys() & others.keys():
            return statistics.median(compare(ones[turn], others[turn]) for turn in both)
        raise LookupError(f"{one.name} beside {other.name}, {case}")

    def times(self, one: Entry, other: Entry, case: str) -> float:
        """How much of the other's CPU the one takes."""
        return self.by_rounds(one, other, case, lambda mine, peer: mine.cpu / peer.cpu)

    def faults(self, entry: Entry) -> dict[str, int]:
        counts: dict[str, int] = {}
        for measures in self.found.get(entry, {}).values():
            for measure in measures.values():
                for fault, count in measure.faults.items():
                    counts[fault] = counts.get(fault, 0) + count
        return counts

    @property
    def faultless(self) -> bool:
        """Of ours, that is: a peer may lose what it is too slow for."""
        return not self.failures and not any(self.faults(entry) for entry in self.found if entry.is_ours)

    def summary(self) -> dict[str, Any]:
        """Everything that was measured, by relay and case, one of each round."""
        relays = {
            entry.name: {
                case: [vars(measure) | {"per_second": measure.per_second} for measure in measures.values()]
                for case, measures in cases.items()
            }
            for entry, cases in self.found.items()
        }
        return {"title": self.title, "relays": relays, "failures": self.failures}


# Tables


def tell(part: Part) -> None:
    print(f"\n{part.title}\n")
    if part.found:
        part.tell(part)
    for failure in part.failures:
        print(f"\nFailed: {failure}")
    print(flush=True)


def tell_cost(part: Part) -> None:
    """One row for each case and relay."""
    paced = any("rate" in words for words in part.cases.values())
    added = ["p99 added µs"] if paced else []
    print_head(
        "", "relay", "CPU s per 1 000 000", "least to most", "× coturn", "a second", "its CPU", "p50 / p99 µs", *added, "faults"
    )
    for case in part.cases:
        for entry in part.found:
            if not (cpu := part.values(entry, case)):
                continue
            cells = [f"{statistics.median(cpu):.2f}", f"{min(cpu):.2f} to {max(cpu):.2f}"]
            cells.append(cell("{:.2f}", part.times, entry, PEER, case))
            if entry is NO_RELAY:
                cells = ["–"] * len(cells)
            cells.append(f"{part.median(entry, case, 'per_second'):.0f}")
            cells.append(f"{part.median(entry, case) * part.median(entry, case, 'per_second') / 1_000_000:.0%}")
            cells.append(cell("{}", latencies, part, entry, case))
            if paced:
                cells.append(cell("{:.0f}", added_p99, part, entry, case))
            print_row(case, entry.name, *cells, faults(part, entry))


def tell_scale(part: Part) -> None:
    print_head("CPU s per 1 000 000, allocations:", *part.cases, "around the middle", "faults")
    for entry in part.found:
        cells = [cell("{:.2f}", part.median, entry, case) for case in part.cases]
        print_row(entry.name, *cells, f"± {spread_of(part, entry):.0f} %", faults(part, entry))


def tell_memory(part: Part) -> None:
    print_head("KiB for each allocation", *(f"{case}, {of}" for case in part.cases for of in ("the relay", "the kernel")))
    for entry in part.found:
        cells = [cell("{:.2f}", part.median, entry, case, name) for case in part.cases for name in ("kib", "kernel_kib")]
        print_row(entry.name, *cells)


def tell_workers(part: Part) -> None:
    print_head("", "relay", "a second", "× one worker", "CPU s per 1 000 000", "faults")
    for case in part.cases:
        for entry in part.found:
            cells = [cell("{:.0f}", part.median, entry, case, "per_second"), cell("{:.2f}", faster, part, entry, case)]
            cells.append(cell("{:.2f}", part.median, entry, case))
            print_row(case, entry.name, *cells, faults(part, entry))


def latencies(part: Part, entry: Entry, case: str) -> str:
    return " / ".join(f"{part.median(entry, case, name):.0f}" for name in ("p50", "p99"))


def added_p99(part: Part, entry: Entry, case: str) -> float:
    """Microseconds beyond those of the path without a relay."""
    return part.by_rounds(entry, NO_RELAY, case, lambda mine, direct: mine.p99 - direct.p99)  # type: ignore[union-attr]


def faster(part: Part, entry: Entry, case: str) -> float:
    """Beside the same relay with one worker."""
    return part.by_rounds(entry, Entry(entry.server), case, lambda mine, one: mine.per_second / one.per_second)


def spread_of(part: Part, entry: Entry) -> float:
    """Per cent that the dearest and the cheapest case lie from the middle between them."""
    medians = [part.median(entry, case) for case in part.found[entry]]
    return (max(medians) - min(medians)) / (max(medians) + min(medians)) * 100


def faults(part: Part, entry: Entry) -> str:
    return ", ".join(f"{count} {fault}" for fault, count in part.faults(entry).items()) or "none"


def cell(form: str, find: Callable[..., object], *about: object) -> str:
    """A dash for what was not measured."""
    try:
        return form.format(find(*about))
    except (LookupError, AttributeError, ZeroDivisionError):
        return "–"


def print_head(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |\n|---|{'--:|' * (len(cells) - 1)}")


def print_row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |")


# What was aimed at


@dataclass(frozen=True)
class Aim:
    part: str
    what: str
    bound: float
    reached: Callable[[Part], float]
    at_least: bool = False

    def row(self, part: Part) -> str:
        value = self.reached(part)
        met = value >= self.bound if self.at_least else value <= self.bound
        sign = "≥" if self.at_least else "≤"
        return f"| {self.what} | {sign} {self.bound:g} | {value:.2f} | {'yes' if met else '**no**'} |"


def cost(part: str, case: str, bound: float, entry: Entry = OURS) -> Aim:
    return Aim(part, f"{entry.name}: {case}, × coturn's CPU", bound, lambda found: found.times(entry, PEER, case))


UP, DOWN = "channels up", "channels down"
INDICATIONS_UP, INDICATIONS_DOWN = "indications up", "indications down"
TCP_UP, TCP_DOWN = "TCP, channels up", "TCP, channels down"
PACED, MEMORY = "25 000/s both ways", "UDP"
AIMS = (
    cost("flat", UP, 0.65),
    cost("flat", DOWN, 0.62),
    cost("flat", INDICATIONS_UP, 0.65),
    cost("flat", INDICATIONS_DOWN, 0.45),
    cost("paced", PACED, 0.55),
    Aim("paced", "p99 added, µs", 400, lambda part: added_p99(part, OURS, PACED)),
    cost("tcp", TCP_UP, 0.7),
    cost("tcp", TCP_DOWN, 0.7),
    cost("fallback", UP, 0.95, OURS_PORTABLE),
    cost("fallback", DOWN, 0.95, OURS_PORTABLE),
    Aim("scale", "10 to 5 000 allocations, all speak, ± %", 15, lambda part: spread_of(part, OURS)),
    Aim("scale", "10 to 5 000 allocations, the same 10 speak, ± %", 15, lambda part: spread_of(part, FEW)),
    Aim("memory", "KiB for each allocation", 8, lambda part: part.median(OURS, MEMORY, "kib")),
    Aim("workers", "two workers, × the packets of one", 1.7, lambda part: faster(part, TWO_WORKERS, UP), at_least=True),
)


def tell_aims(parts: Mapping[str, Part]) -> None:
    """Those of the parts that were measured."""
    rows = []
    for aim in AIMS:
        with contextlib.suppress(LookupError):
            rows.append(aim.row(parts[aim.part]))
    if rows:
        print("\n| aimed at | | reached | |\n|---|--:|--:|--:|", *rows, sep="\n", flush=True)
