"""The two addresses of the Socket.IO clients."""

from typing import NamedTuple

import pytest


class Address(NamedTuple):
    path: str
    namespace: str


REAL = Address("/socket", "/")  # the web client; its joins are announced with a delay
SAMPLE = Address("/socket.io", "/socket")  # the sample of seed 002
ADDRESSES = [pytest.param(REAL, id="socket"), pytest.param(SAMPLE, id="socket.io")]
