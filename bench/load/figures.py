"""How much is measured, and what was found: kept as JSON after each stretch, so that a run that is cut short leaves what it has."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.load.mix import shares
from bench.report import keep, machine
from launch.console import complain


@dataclass(frozen=True)
class Plan:
    """Seconds, and how much a second."""

    idle: int
    rooms: int
    room_size: int
    rest: float  # requests
    mics: float
    moves: float  # people who leave their room and come back
    hold: float
    budget: float  # of the whole run: the hold ends earlier, if it must
    connecting: int = 48  # at a time
    joining: int = 48
    ramp_patience: float = 300
    unit: float = 6  # of each kind of work by itself
    step: float = 3  # of the search
    first_rate: float = 1_000  # signals
    window: float = 5  # for which latencies and memory are told
    warm_up: float = 60  # of the hold, after which memory must not grow

    @property
    def people(self) -> int:
        return self.idle + self.rooms * self.room_size


FULL = Plan(idle=10_000, rooms=250, room_size=4, rest=20, mics=20, moves=5, hold=600, budget=775)
SMALL = Plan(idle=500, rooms=12, room_size=4, rest=10, mics=5, moves=2, hold=20, budget=180, unit=4, step=2, warm_up=8)


@dataclass
class Figures:
    """All that was found, written down after each stretch."""

    plan: Plan
    file: Path | None
    found: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.found = {
            "at": time.strftime("%Y-%m-%d %H:%M"),
            "machine": machine() | {"memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")},
            "plan": vars(self.plan),
            "mix": shares(),
            "stretches": {},
            "steps": [],
            "windows": [],
            "faults": {},
            "firstFaults": [],
        }

    def note(self, name: str, value: Any) -> None:
        self.found[name] = value
        keep(self.found, self.file)

    def fault(self, name: str, count: int, about: str = "") -> None:
        if count:
            self.found["faults"][name] = self.found["faults"].get(name, 0) + count
            if about and len(self.found["firstFaults"]) < 20:
                self.found["firstFaults"].append(about)
                complain(about)

    @property
    def faultless(self) -> bool:
        return not self.found["faults"]
