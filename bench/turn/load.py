"""The load (load.c): it is compiled here, told what to do, and what it found is read."""

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launch.console import LaunchError

NEEDS = "apt-get install gcc libc6-dev libssl-dev"
PATIENCE = 120.0  # seconds beyond those of the load; thousands of allocations take a while
Words = Mapping[str, str | float | bool]  # as load.c names its options


@dataclass(frozen=True)
class Heard:
    """What one load found. Loss and faults are of the whole time, warm-up included."""

    allocations: int
    sent: int
    heard: int
    lost: int
    bad: int  # harmed, or heard by another than it was for, or from an address or on a channel that is not its own
    disordered: int  # heard twice, or after a later one
    seconds: float
    cpu: float  # the server's seconds per 1 000 000 packets
    seconds_to_allocate: float
    p50: float  # microseconds, one way
    p90: float
    p99: float
    kib: float  # of the server for each allocation beyond the base
    kernel_kib: float  # of the kernel's slab, likewise; whoever takes it

    @property
    def per_second(self) -> float:
        return self.heard / self.seconds

    @property
    def faults(self) -> dict[str, int]:
        counts = {"lost": self.lost, "bad": self.bad, "disordered": self.disordered}
        return {name: count for name, count in counts.items() if count}


def compiled(folder: Path) -> Path:
    program = folder / "load"
    source = Path(__file__).with_name("load.c")
    command: list[str | Path] = [
        "cc",
        "-std=gnu11",
        "-O2",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-o",
        program,
        source,
        "-lcrypto",
        "-lm",
    ]
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise LaunchError(f"The load is C, and no compiler made it: {NEEDS}") from error
    return program


def loaded(program: Path, *loads: Words, pids: Sequence[int] = ()) -> list[Heard]:
    """As many loads at once. Raises ConnectionError, with the reason, if one of them could not do its work."""
    processes = [
        subprocess.Popen([program, *_arguments(words, pids)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for words in loads
    ]
    found = []
    try:
        for words, process in zip(loads, processes, strict=True):
            told, complaint = process.communicate(timeout=PATIENCE + float(words.get("seconds", 0)))
            if process.returncode:
                raise ConnectionError(f"the load says: {complaint.decode().strip() or process.returncode}")
            found.append(Heard(**json.loads(told)))
            if not found[-1].heard:
                raise ConnectionError("the load says: nothing came through")
    except subprocess.TimeoutExpired:
        raise ConnectionError("the load does not come to an end") from None
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    return found


def together(all_heard: Iterable[Heard]) -> Heard:
    """Loads on one server at once, as if they were one. All of them saw the CPU that it took, each its own packets."""
    all_heard = list(all_heard)
    first, *_ = all_heard
    added = {name: sum(getattr(heard, name) for heard in all_heard) for name in ("sent", "heard", "lost", "bad", "disordered")}
    seconds = max(heard.seconds for heard in all_heard)
    cpu = sum(heard.cpu * heard.heard for heard in all_heard) / len(all_heard) / added["heard"]
    worst = {name: max(getattr(heard, name) for heard in all_heard) for name in ("p50", "p90", "p99")}
    return Heard(**{**vars(first), **added, **worst, "seconds": seconds, "cpu": cpu})


def _arguments(words: Words, pids: Sequence[int]) -> list[str]:
    """{"warm_up": 1, "tcp": True} is --warm-up 1 --tcp."""
    told = [f"--pid={pid}" for pid in pids]
    for name, value in words.items():
        option = "--" + name.replace("_", "-")
        if value is not False:
            told.append(option if value is True else f"{option}={value}")
    return told
