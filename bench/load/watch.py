"""What an instance that ./run keeps takes of the machine: CPU seconds and memory of each of its parts, from /proc."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bench.rest.cpu import TICKS, Process, processes

PARTS = (("launch.web", "web"), ("postgres", "postgres"), ("valkey", "valkey"), ("runturn", "relay"), ("push_events", "hooks"))
OWN = "run"  # ./run itself
USED = (0, 1, 2, 5, 6, 7)  # columns of /proc/stat: not idle, not waiting for disks


class Cpu(NamedTuple):
    """Seconds so far."""

    at: float
    parts: Mapping[str, float]
    machine: float  # of all that ran on it, whoever it was, with what the host took

    def since(self, before: "Cpu") -> "Cpu":
        parts = {part: seconds - before.parts.get(part, 0.0) for part, seconds in self.parts.items()}
        return Cpu(self.at - before.at, parts, self.machine - before.machine)

    @property
    def total(self) -> float:
        return sum(self.parts.values())


class Memory(NamedTuple):
    """Bytes: proportional (shared pages in equal parts), and resident."""

    pss: Mapping[str, int]
    rss: Mapping[str, int]


class Watch:
    """Web processes are told apart by a number: `web 1`, `web 2`."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._names: dict[int, str] = {}
        self._last: dict[int, tuple[str, float]] = {}  # part and seconds of each process, which count on when it has ended
        self._ended: dict[str, float] = {}

    def cpu(self) -> Cpu:
        found = processes()
        seconds: dict[str, float] = {}
        there = self._tree(found)
        for pid in self._last.keys() - there.keys():
            part, spent = self._last.pop(pid)
            self._ended[part] = self._ended.get(part, 0.0) + spent
        for pid, part in there.items():
            self._last[pid] = part, found[pid].own / TICKS
            seconds[part] = seconds.get(part, 0.0) + found[pid].own / TICKS
        parts = {part: seconds.get(part, 0.0) + self._ended.get(part, 0.0) for part in seconds.keys() | self._ended.keys()}
        return Cpu(time.monotonic(), parts, machine_seconds())

    def memory(self) -> Memory:
        pss: dict[str, int] = {}
        rss: dict[str, int] = {}
        for pid, part in self._tree(processes()).items():
            told = rollup(pid)
            pss[part] = pss.get(part, 0) + told.get("Pss", 0)
            rss[part] = rss.get(part, 0) + told.get("Rss", 0)
        return Memory(pss, rss)

    def _tree(self, found: Mapping[int, Process]) -> dict[int, str]:
        """The part that each process belongs to: what its command line says, or its parent's."""
        children: dict[int, list[int]] = {}
        for pid, process in found.items():
            children.setdefault(process.parent, []).append(pid)
        tree, names = [self._root], {self._root: OWN}
        for pid in tree:
            for child in sorted(children.get(pid, ())):
                tree.append(child)
                names[child] = names[pid] if names[pid] != OWN else self._named(child)
        return names

    def _named(self, pid: int) -> str:
        """A command line changes while a process begins: only what is known for sure is kept."""
        if pid not in self._names or self._names[pid] == OWN:
            line = command_line(pid)
            part = next((part for mark, part in PARTS if mark in line), OWN)
            if part == "web":
                part = f"web {1 + sum(name.startswith('web') for name in self._names.values())}"
            self._names[pid] = part
        return self._names[pid]


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:  # it has ended
        return ""


def rollup(pid: int) -> dict[str, int]:
    """Bytes by name; nothing of a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return {}
    return {name: int(size.split()[0]) * 1024 for name, _, size in (line.partition(":") for line in lines)}


def machine_seconds() -> float:
    columns = [int(column) for column in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return sum(columns[column] for column in USED) / TICKS
