"""The parts of a run, one after another: all come, each kind of work by itself, the search for the limit, the hold, the muster."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bench.load.crowd import Crowd, Heard
from bench.load.figures import Figures, Plan
from bench.load.mix import Answers, Mix
from bench.load.watch import Cpu, Watch
from launch.console import LaunchError, say

BROKEN_P99 = 50.0  # milliseconds: the promise at half of what it carries
REACHED = 0.97  # of the signals of a step, within it
FACTOR = 1.6  # from one step of the search to the next
MOST_OF_ONE = 150  # signals a second of one person: an instance takes 200
TRIES = 2  # of a step: a neighbour on the machine is no limit of ours
DRAIN = 20.0  # seconds at most, until what is under way is done
UNIT_FACTOR = 4  # mics and moves by themselves: as many times more often as in the hold
AT_THE_END = 30.0  # seconds that the hold leaves for what comes after it
MEMORY_EVERY = 10.0


class Stretches:
    def __init__(self, plan: Plan, crowd: Crowd, mix: Mix, watch: Watch, figures: Figures) -> None:
        self._plan, self._crowd, self._mix, self._watch, self._figures = plan, crowd, mix, watch, figures
        self._posts: dict[int, int] = {}
        self._all = Heard()

    def ramp(self) -> None:
        """Everybody connects, signs in, subscribes; those of the rooms are seated one after another."""
        plan, figures = self._plan, self._figures
        order = {"connecting": plan.connecting, "joining": plan.joining, "until_done": 1}
        found = self._stretch("ramp", plan.ramp_patience, **order)
        online, seated = found["now"]["online"], found["now"]["seated"]
        say(f"{online} are online and {seated} in calls after {found['seconds']:.0f} s")
        if online < plan.people or seated < self._crowd.seats:
            raise LaunchError(f"Not everybody came: {figures.found['firstFaults']}")
        figures.note("after", self._watch.memory()._asdict())

    def units(self) -> None:
        """Each kind of work by itself, for what it costs."""
        plan = self._plan
        self._stretch("idle", plan.unit)
        self._stretch("mics", plan.unit, mics=plan.mics * UNIT_FACTOR)
        self._stretch("moves", plan.unit, moves=plan.moves * UNIT_FACTOR)
        self._drain()
        self._mix.rate = plan.rest
        self._stretch("rest", plan.unit)

    def search(self) -> float:
        """Signals a second that are carried beside all the rest: the last step that did not break."""
        carried, rate = 0.0, self._plan.first_rate
        while rate <= self._crowd.seats * MOST_OF_ONE:
            if not any(self._carries(rate) for _ in range(TRIES)):
                break
            carried, rate = rate, rate * FACTOR
        self._figures.note("carried", carried)
        say(f"It carries {carried:.0f} signals a second")
        return carried

    def hold(self, rate: float, until: float) -> None:
        """Windows until the time is over; a run that may not last so long holds as long as it may. The first rate of the search is
        held even if it was too much: then it is told by how much."""
        plan, figures = self._plan, self._figures
        begun = time.monotonic()
        end = min(begun + plan.hold, until - AT_THE_END)
        rate = rate or plan.first_rate
        figures.note("held", {"rate": rate, "asked": plan.hold})
        self._mix.rate = plan.rest
        total = Heard()
        before, rest = self._watch.cpu(), Answers()
        with self._remembering(begun):
            while (left := end - time.monotonic()) > plan.window / 2:
                found = self._measured(min(plan.window, left), signals=rate, mics=plan.mics, moves=plan.moves)
                heard, answers, cpu = found
                total += heard
                rest += answers
                figures.found["windows"].append({"at": time.monotonic() - begun, **_window(heard, answers, cpu)})
                figures.note("hold", _record(total, rest, self._watch.cpu().since(before)))
        p99 = total.times["signals"].at(0.99)
        if p99 is None or p99 > BROKEN_P99:
            figures.fault(f"times that p99 of signals was over {BROKEN_P99:g} ms", 1, f"p99 of signals was {p99} ms")

    def muster(self, of_server: Sequence[int]) -> None:
        """Everybody in a call leaves and comes back, one of each room at a time: what the instance and they know of each other is
        exact. Then nothing may be missing: no signal, no message, no person."""
        quiet, figures = self._mix.quiet(DRAIN), self._figures
        figures.fault("REST requests that were never answered", not quiet)
        self._drain()
        found = self._stretch("muster", 2 * DRAIN, joining=self._plan.joining, muster=1, until_done=1)
        counts, now = self._all.counts, found["now"]
        figures.fault("people who did not move in the muster", self._crowd.seats - found["counts"]["joins"])
        figures.fault("people who are not in their rooms", self._crowd.seats - now["seated"])
        figures.fault("people who are gone", self._plan.people - now["online"])
        figures.fault("signals lost", counts["signals_sent"] - counts["signals"])
        missed = [self._posts.get(at, 0) - told for at, told in zip(of_server, self._crowd.told, strict=True)]
        figures.fault("messages that people were not told of, or twice", sum(map(abs, missed)))
        checked = {"signals": counts["signals"], "joins": counts["joins"], "leaves": counts["leaves"], "mics": counts["mics"]}
        figures.note("checked", checked | {"messagesTold": sum(self._crowd.told), "posts": sum(self._posts.values())})

    def _carries(self, rate: float) -> bool:
        plan = self._plan
        heard, answers, cpu = self._measured(plan.step, signals=rate, mics=plan.mics, moves=plan.moves)
        p99, reached = heard.times["signals"].at(0.99), heard.counts["signals"] / heard.counts["signals_sent"]
        carries = p99 is not None and p99 <= BROKEN_P99 and reached >= REACHED
        step = {"rate": rate, "carries": carries, "reached": reached, **_window(heard, answers, cpu)}
        self._figures.found["steps"].append(step)
        self._figures.note("steps", self._figures.found["steps"])
        say(f"{rate:.0f} signals a second: p99 {p99 or 0:.1f} ms, {reached:.1%} at once, {cpu.total / cpu.at:.2f} CPUs")
        if not carries:
            self._drain()
        return carries

    def _drain(self) -> None:
        """What broke loose is over before something else is measured."""
        heard = self._take(self._crowd.run(DRAIN, until_done=1))
        if heard.now["under_way"]:
            self._figures.fault("signals under way for too long", heard.now["under_way"])

    def _stretch(self, name: str, seconds: float, **order: float) -> dict[str, Any]:
        record = _record(*self._measured(seconds, **order))
        self._figures.found["stretches"][name] = record
        self._figures.note("stretches", self._figures.found["stretches"])
        return record

    def _measured(self, seconds: float, **order: float) -> tuple[Heard, Answers, Cpu]:
        self._take_answers()
        before = self._watch.cpu()
        heard = self._take(self._crowd.run(seconds, **order))
        return heard, self._take_answers(), self._watch.cpu().since(before)

    def _take(self, heard: Heard) -> Heard:
        self._all += heard
        for name, count in heard.faults.items():
            self._figures.fault(name, count, heard.first_fault)
        return heard

    def _take_answers(self) -> Answers:
        answers = self._mix.take()
        for server, count in answers.posts.items():
            self._posts[server] = self._posts.get(server, 0) + count
        for name, count in answers.faults.items():
            self._figures.fault(name, count, answers.first_fault)
        return answers

    @contextmanager
    def _remembering(self, begun: float) -> Iterator[None]:
        """Memory is read beside the load, which would else stand still for it."""
        over, samples = threading.Event(), self._figures.found.setdefault("memory", [])

        def sample() -> None:
            while True:
                samples.append({"at": time.monotonic() - begun, **self._watch.memory()._asdict()})
                if over.wait(MEMORY_EVERY):
                    return

        thread = threading.Thread(target=sample)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _record(heard: Heard, answers: Answers, cpu: Cpu) -> dict[str, Any]:
    return {
        "seconds": heard.seconds,
        "cpu": dict(cpu.parts),
        "load": heard.own_cpu,
        "loadRest": answers.own_cpu,
        "machine": cpu.machine,
        "counts": heard.counts,
        "now": heard.now,
        "ms": {kind: times.summary() for kind, times in heard.times.items() if times.total},
        "rest": {"requests": answers.total, "bytes": answers.bytes, "ms": answers.summary()},
    }


def _window(heard: Heard, answers: Answers, cpu: Cpu) -> dict[str, Any]:
    """The same in short."""
    record = _record(heard, answers, cpu)
    record["counts"] = {name: count for name, count in record["counts"].items() if count}
    record["rest"] = {"requests": answers.total, "ms": answers.all_times.summary()}
    return record
