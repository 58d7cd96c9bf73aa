"""Durations are measured by a clock that nobody sets: where the other one is read, it says why."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROOMS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in {"tests", "bench"})
BY_THE_CALENDAR = {
    "accounts/two_factor.py": "codes of an authenticator app follow from the time",
    "figures/counting.py": "figures are those of a day",
    "integrations/push/pusher.py": "the time stands in a signature",
    "messaging/attachments/links.py": "a link says until when it holds",
    "projectvoice/kernel/limits.py": "all processes of all machines count in the same windows",
    "selfhost/doctor/case.py": "certificates and credentials say until when they hold",
    "turn/relay.py": "credentials say until when they hold; all else goes by the other half of a Moment",
    "turn/tcp_peers.py": "as turn/relay.py",
    "voice/ice.py": "credentials say until when they hold",
    "voice/transports/cluster.py": "when a call began; of two seats of one user on two machines, which is the later",
    "voice/transports/switchboard.py": "as voice/transports/cluster.py; within a process it never goes back (Hub.newest)",
}


def wall_clocks(source: str) -> Iterator[int]:
    """The lines in which `time.time` is named, or imported."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id="time"), attr="time" | "time_ns"):
                yield node.lineno
            case ast.ImportFrom(module="time", names=names) if any(name.name in {"time", "time_ns"} for name in names):
                yield node.lineno


def test_the_check_finds_each_way_to_read_it():
    source = "import time\nfrom time import time as now\nbegun = time.time()\nlater = time.monotonic()\nread = time.time_ns\n"
    assert sorted(wall_clocks(source)) == [2, 3, 5]


def test_the_time_of_day_is_read_only_where_it_is_meant():
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    found = {str(path.relative_to(ROOT)) for path in files if any(wall_clocks(path.read_text()))}
    assert len(files) > 300
    assert found == set(BY_THE_CALENDAR)
