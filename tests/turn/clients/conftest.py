"""A relay for each way to carry media, for all tests of this package; and who echoes."""

import os
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings

from projectvoice.environment import data_dir
from tests.turn.clients.running import RunTurn, echo_peer
from turn.plane.build import library

USER, PASSWORD, SECRET = "u", "hunter2-of-u", "4uZr1vXy0LwM3nPb5TcK7dJh9FgS2aE4"


@pytest.fixture(scope="package", params=["native", "portable"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunTurn]:
    if request.param == "native" and library(data_dir() / "turn") is None:
        pytest.skip("no C compiler is installed")
    env = {
        **os.environ,
        "SECRET_KEY": settings.SECRET_KEY,
        "TURN_PLANE": request.param,
        "TURN_WORKERS": "2",  # of the native one
        "TURN_USERS": f"{USER}:{PASSWORD}",
        "TURN_SECRET": SECRET,
        "TURN_ALLOCATIONS_PER_USER": "1000",
        "TURN_RFC5766_CHANNELS": "on",  # coturn's client takes numbers up to 0x7FFF
    }
    with RunTurn(tmp_path_factory.mktemp(request.param), env).running() as relay:
        yield relay


@pytest.fixture
def relay(running: RunTurn) -> Iterator[RunTurn]:
    """A test that fails shows what the relay said meanwhile. No client makes it fail inside."""
    before = running.log.stat().st_size
    yield running
    said = running.log.read_bytes()[before:].decode()
    sys.stdout.write(said)
    assert "Traceback" not in said


@pytest.fixture(scope="package")
def echo() -> Iterator[int]:
    """The port of an echoing peer at each of HOSTS."""
    with echo_peer() as port:
        yield port
