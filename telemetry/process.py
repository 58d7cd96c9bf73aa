"""What a process says of itself: its name, its memory and time, and how late its loop is."""

import asyncio
import os
import resource
import threading
from pathlib import Path
from typing import Final

from prometheus_client import Histogram

from telemetry.registry import OWN, Samples, counter, gauge

LOOK_EVERY: Final = 0.25  # seconds between two looks at the loop's lag
_PAGE: Final = resource.getpagesize()
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_name = "manage"

LAG: Final = Histogram(
    "projectvoice_loop_lag_seconds",
    "How much later than due the event loop of a process woke up, looked at four times a second.",
    ["process"],
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0),
    registry=OWN,
)


def name() -> str:
    """`web-0` and on, `push`, `turn`; `manage` for commands."""
    return _name


def call(name: str) -> None:
    global _name
    _name = name


async def watch_loop() -> None:
    """Until it is cancelled."""
    clock, lag = asyncio.get_running_loop().time, LAG.labels(_name)
    while True:
        due = clock() + LOOK_EVERY
        await asyncio.sleep(LOOK_EVERY)
        lag.observe(max(0.0, clock() - due))


def _mine(value: float) -> Samples:
    return {(_name,): value}


def _statistics() -> list[str]:
    """Of proc(5), from the field after the command's name on, which may hold anything."""
    return Path("/proc/self/stat").read_text().rpartition(")")[2].split()


def _memory() -> Samples:
    return _mine(int(_statistics()[21]) * _PAGE)


def _time() -> Samples:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return _mine(used.ru_utime + used.ru_stime)


def _started() -> Samples:
    booted = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
    return _mine(int(booted.split()[1]) + int(_statistics()[19]) / _TICKS)


gauge("projectvoice_process_resident_memory_bytes", "Memory of a process that is in RAM.", _memory, "process")
counter("projectvoice_process_cpu_seconds_total", "CPU time of a process, user and system.", _time, "process")
gauge("projectvoice_process_start_time_seconds", "When a process began, in Unix time.", _started, "process")
gauge(
    "projectvoice_process_open_fds",
    "File descriptors that a process has open.",
    lambda: _mine(len(os.listdir("/proc/self/fd"))),
    "process",
)
gauge(
    "projectvoice_process_max_fds",
    "File descriptors that it may have.",
    lambda: _mine(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
    "process",
)
gauge("projectvoice_process_threads", "Threads of a process.", lambda: _mine(threading.active_count()), "process")
