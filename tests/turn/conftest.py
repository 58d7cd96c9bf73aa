"""Fixtures of the relay's tests."""

import pytest

from projectvoice.environment import data_dir
from turn.plane.build import library


@pytest.fixture(params=["native", "portable"])
def each_plane(request, settings):
    """The test runs on each."""
    if request.param == "native" and library(data_dir() / "turn") is None:
        pytest.skip("no C compiler is installed")
    settings.TURN_PLANE = request.param
