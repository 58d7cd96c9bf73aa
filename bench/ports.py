"""Ports for the servers that are measured and tested."""

import os
import random
import socket
from itertools import cycle, islice, product
from typing import Final

ANY: Final = {socket.AF_INET: "0.0.0.0"} | ({socket.AF_INET6: "::"} if socket.has_dualstack_ipv6() else {})

KERNELS: Final = range(32_768, 61_000)
"""What Linux gives to clients: one of these may be anybody's before its server starts."""


def _own(first: int, end: int) -> range:
    """This worker's of pytest-xdist, if it is one: what it draws and has not yet bound, another would draw as well."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    size = (end - first) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return range(first + number * size, first + (number + 1) * size)


_ports = list(_own(15_000, 32_000))  # none comes twice soon
random.SystemRandom().shuffle(_ports)  # Hypothesis sets the seed of the other
_next = cycle(_ports)
RELAYED: Final = _own(KERNELS.stop, 2**16)
"""For a relay beside which a test looks whether one is free."""


def free_port(together: int = 1) -> int:
    """The first of so many that are free for UDP and for TCP, of any address, at this moment."""
    for port in islice(_next, 1000):
        if all(map(_is_free, range(port, port + together))):
            return port
    raise RuntimeError("no port is free")


def _is_free(port: int) -> bool:
    try:
        for (family, host), kind in product(ANY.items(), (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
            with socket.socket(family, kind) as probe:
                probe.bind((host, port))
    except OSError:
        return False
    return True
