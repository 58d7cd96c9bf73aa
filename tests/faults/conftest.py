"""Faults, in seconds by default; with `--faults` in the long form, for minutes and at random.

`./test --faults` is `pytest tests/faults --faults`. The seed is printed, and can be given: `./test --faults --seed 7`.
"""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.rig import Rig
from tests.faults.rig import rig as running_rig
from tests.protocol.conftest import cast, channel, connect, pair

__all__ = ["cast", "channel", "connect", "pair"]

SHORT_SEED = 7


class Length(NamedTuple):
    """How long and by what chance this run tests; where it can tell its figures."""

    long: bool
    minutes: float
    seed: int
    tell: Callable[[str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults", action="store_true", help="tests/faults in the long form")
    parser.addoption("--seed", type=int, help="of what the long form does at random")
    parser.addoption("--minutes", type=float, default=10.0, help="for which the long form does it")


@pytest.fixture(scope="session")
def length(pytestconfig: pytest.Config) -> Length:
    """The options are known only where tests/faults is named on the command line."""
    if not pytestconfig.getoption("faults", False):
        return Length(long=False, minutes=0.0, seed=SHORT_SEED, tell=print)
    plugins = pytestconfig.pluginmanager
    reporter, capture = plugins.get_plugin("terminalreporter"), plugins.get_plugin("capturemanager")

    def tell(words: str) -> None:
        """At once, and of a test that passes too."""
        with capture.global_and_fixture_disabled():
            reporter.write_line(words)

    seed = pytestconfig.getoption("seed")
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    tell(f"\nfaults: --seed {seed}")
    return Length(long=True, minutes=pytestconfig.getoption("minutes"), seed=seed, tell=tell)


@pytest.fixture
def rig() -> Iterator[Rig]:
    """By ./run: two web processes, the relay, PostgreSQL and Valkey of this test alone."""
    if not Path("/proc/self/task").exists():
        pytest.skip("finds the parts through /proc")
    with running_rig() as one:
        yield one
