"""A web process as ./run starts it."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Instance

SOFT = 512


@pytest.fixture
def low_limit() -> Iterator[int]:
    """The hard limit, while the soft one is low."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_connections_may_take_all_descriptors_there_are(low_limit: int, instance: Instance):
    process = Instance(instance.env)
    process.start()
    try:
        limits = Path(f"/proc/{process.pids[0]}/limits").read_text()
    finally:
        process.stop()
    soft, hard = next(line.split()[3:5] for line in limits.splitlines() if line.startswith("Max open files"))
    assert (int(soft), int(hard)) == (low_limit, low_limit)
