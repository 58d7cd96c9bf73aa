"""Ports for the servers that are measured and tested."""

import random
import socket
from itertools import cycle, islice, product
from typing import Final

ANY: Final = {socket.AF_INET: "0.0.0.0"} | ({socket.AF_INET6: "::"} if socket.has_dualstack_ipv6() else {})

# Below those that the kernel gives to clients: one of these may be anybody's before its server starts. None comes twice soon.
_ports = list(range(15_000, 32_000))
random.SystemRandom().shuffle(_ports)  # Hypothesis sets the seed of the other
_next = cycle(_ports)


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
