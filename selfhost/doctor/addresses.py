"""Addresses of STUN and TURN servers, names and what they stand for."""

import asyncio
import re
import socket
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

from selfhost.doctor.waiting import CONNECT, in_thread
from turn.words import Transport

Host = IPv4Address | IPv6Address

_URL = re.compile(
    r"(?P<scheme>stuns?|turns?):(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(?P<port>[0-9]{1,5}))?(?:\?transport=(?P<over>\w+))?"
)
_CONTAINERS = ip_network("172.16.0.0/12")  # where Docker takes its networks from


class Server(NamedTuple):
    """One way to a STUN or TURN server, by name."""

    url: str
    host: str
    port: int
    transport: Transport

    @property
    def relays(self) -> bool:
        return self.url.startswith("turn")


def server_of(url: str) -> Server:
    """Raises ValueError, which says why, for what no browser takes (RFC 7064, RFC 7065)."""
    parts = _URL.fullmatch(url)
    if parts is None:
        raise ValueError(f"{url} does not read turn:host:port?transport=udp")
    scheme, over = parts["scheme"], parts["over"]
    secure = scheme.endswith("s")
    port = int(parts["port"] or (5349 if secure else 3478))
    if over not in {None, "udp", "tcp"} or (over and scheme.startswith("stun")):
        raise ValueError(f"{url} has a transport that does not exist")
    if secure and over == "udp":
        raise ValueError(f"{url} is DTLS, which browsers do not speak")
    if not 0 < port < 65536:
        raise ValueError(f"{url} has a port that does not exist")
    transport = Transport.TLS if secure else Transport(over or "udp")
    return Server(url, parts["host"].strip("[]"), port, transport)


async def resolve(host: str) -> Host:
    """What the name stands for, IPv4 before IPv6. Raises OSError if for nothing, TimeoutError if nobody says."""
    look = partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
    async with asyncio.timeout(CONNECT):
        try:
            found = await in_thread(look)
        except UnicodeError as error:  # a label too long, or empty
            raise OSError(f"{host} is no name") from error
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    return min(addresses, key=lambda address: address.version)


def is_public(host: Host) -> bool:
    return host.is_global and not host.is_multicast


def is_contained(host: Host) -> bool:
    """Looks like a container's."""
    return host.version == 4 and host in _CONTAINERS
