"""CPU time of processes, read from /proc (Linux). It does not depend on what else the machine does."""

import os
from pathlib import Path
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")


class Process(NamedTuple):
    parent: int
    own: int  # ticks of itself
    reaped: int  # ticks of the children that have ended


def processes() -> dict[int, Process]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        found[int(folder.name)] = Process(int(fields[1]), sum(map(int, fields[11:13])), sum(map(int, fields[13:15])))
    return found


def seconds_of_tree(root: int) -> float:
    """So far, of a process with all that it started, whether still there or not."""
    now = processes()
    tree, seconds = [root], 0
    for pid in tree:
        seconds += now[pid].own + now[pid].reaped
        tree += [child for child, process in now.items() if process.parent == pid]
    return seconds / TICKS


def seconds_of_queries(postmaster: int) -> float:
    """So far, of PostgreSQL for its clients: of their backends, and of workers and backends that have ended.

    What writes to disk in the background goes on whoever is served, and is left out.
    """
    now = processes()
    backends = [pid for pid, process in now.items() if process.parent == postmaster and _serves_client(pid)]
    return (now[postmaster].own + now[postmaster].reaped + sum(now[pid].own for pid in backends)) / TICKS


def _serves_client(pid: int) -> bool:
    try:
        title = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    except OSError:
        return False
    return b"[local]" in title or b"parallel worker" in title
