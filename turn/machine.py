"""Which addresses this machine has, as Linux tells; elsewhere only those that routes lead out by."""

import contextlib
import re
import socket
from ipaddress import ip_address
from pathlib import Path

ELSEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Documentation's own (RFC 5737, RFC 3849): a route to them is the default route. Nothing is sent."""


def outward() -> list[str]:
    """The machine's own address on the default route, IPv4 and IPv6; that of loopback if there is no route at all."""
    found = []
    for family, far in ELSEWHERE.items():
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))
            found.append(str(probe.getsockname()[0]))
    return found or ["127.0.0.1"]


def addresses() -> set[bytes]:
    """All that packets may reach it by, packed."""
    found = {ip_address(host).packed for host in (*outward(), "127.0.0.1", "::1")}
    with contextlib.suppress(OSError):  # a leaf of the local table: its address stands in the line before
        leaves = re.findall(r"\|-- ([0-9.]+)\n\s+/32 host LOCAL", Path("/proc/net/fib_trie").read_text())
        found.update(ip_address(leaf).packed for leaf in leaves)
    with contextlib.suppress(OSError):
        found.update(bytes.fromhex(line[:32]) for line in Path("/proc/net/if_inet6").read_text().splitlines())
    return found
