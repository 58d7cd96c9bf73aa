"""How many connections one address may have in this process: sessions of Engine.IO, by whatever transport, and WebSockets."""

from collections import Counter
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

from prometheus_client import Counter as Metric

from telemetry.registry import OWN

TURNED_AWAY: Final = Metric(
    "projectvoice_sockets_turned_away_total",
    "Sockets refused before they opened: `crowded`, too many of one address; `origin`, a page that may not.",
    ["reason"],
    registry=OWN,
)
IPV6_HOUSE: Final = 64  # bits: who has one address has all that begin like it


class Crowd:
    """Who was let in says when he leaves: `enter` answers the name under which he is counted."""

    def __init__(self, most: int | None = None) -> None:
        """None: as many as like to."""
        self.most = most
        self._counts: Counter[str] = Counter()

    def enter(self, scope: Mapping[str, Any]) -> str | None:
        """None: there are enough of this address. `scope` is a request's or a WebSocket's."""
        name = _house(scope)
        if self.most is not None and name and self._counts[name] >= self.most:
            TURNED_AWAY.labels("crowded").inc()
            return None
        self._counts[name] += 1
        return name

    def leave(self, name: str) -> None:
        self._counts[name] -= 1
        if not self._counts[name]:
            del self._counts[name]

    def __len__(self) -> int:
        return self._counts.total()


def _house(scope: Mapping[str, Any]) -> str:
    """Empty for a socket file, or a proxy's "unknown": nobody can tell these apart, so they are not limited."""
    host = (scope.get("client") or ("",))[0].partition("%")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, IPV6_HOUSE), strict=False))
    return host


crowd: Final = Crowd()
"""Of this process; `asgi.py` sets its limit."""
