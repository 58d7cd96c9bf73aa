"""What each worker of pytest-xdist has for itself, beside the database that pytest-django makes it: Valkey and a data folder.

A pytest plugin, because it must come before the settings are read. A numbered database of one Valkey would not do: numbers
do not part its channels, and a test that cuts connections would cut those of all.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from launch.valkey import url_of


def home(worker: str) -> Path:
    """Where ./test keeps what is this worker's."""
    return Path(os.environ["DATA_DIR"]) / worker


if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ |= {"REDIS_URL": url_of(home(worker) / "valkey"), "DATA_DIR": str(home(worker))}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs: Sequence[Any]) -> None:
    if not home(f"gw{len(specs) - 1}").exists():
        raise pytest.UsageError("./test has a Valkey for at most as many workers as there are cores, and none beside REDIS_URL")
