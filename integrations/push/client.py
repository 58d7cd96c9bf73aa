"""One POST to an address that a stranger chose: which hosts it may reach is decided at the address that is then connected to."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from ipaddress import ip_address
from time import monotonic
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import h11

from projectvoice import __version__
from turn.policy import Peers

PATIENCE = 10.0  # seconds for all of it
MOST_READ = 65_536  # bytes of an answer; what follows is not waited for
SAFE = "/%:=&?~+!$,;'@()*[]"  # as it was given, but for what is not ASCII
PORTS = {"http": 80, "https": 443}


class Answer(NamedTuple):
    """`status` is None if there was none: then `error` says why."""

    status: int | None
    error: str | None
    latency_ms: int

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def __str__(self) -> str:
        return self.error or f"HTTP {self.status}"


class Unreachable(Exception):
    """Says no more than its caller may know."""


async def post(url: str, body: bytes, headers: Mapping[str, str], peers: Peers) -> Answer:
    """Follows no redirect. Never raises."""
    begun = monotonic()
    status, error = None, None
    try:
        async with asyncio.timeout(PATIENCE):
            status = await _post(url, body, headers, peers)
    except TimeoutError:
        error = f"No answer within {PATIENCE:g} s"
    except Unreachable as why:
        error = str(why)
    except ssl.SSLError as why:
        error = f"TLS: {why.reason or why}"[:200]
    except (OSError, h11.ProtocolError, ValueError) as why:
        error = f"{type(why).__name__}: {why}"[:200].replace("\0", "")
    return Answer(status, error, round((monotonic() - begun) * 1000))


async def _post(url: str, body: bytes, headers: Mapping[str, str], peers: Peers) -> int:
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise Unreachable("Only http and https")
    host, port = parts.hostname.encode("idna").decode(), parts.port or PORTS[parts.scheme]
    tls = _tls() if parts.scheme == "https" else None
    address = await _address(host, port, peers)
    reader, writer = await asyncio.open_connection(address, port, ssl=tls, server_hostname=host if tls else None)
    try:
        told = {
            "Host": (f"[{host}]" if ":" in host else host) + (f":{parts.port}" if parts.port else ""),
            "User-Agent": f"ProjectVoice/{__version__}",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **headers,
        }
        target = quote(parts.path or "/", SAFE) + (f"?{quote(parts.query, SAFE)}" if parts.query else "")
        http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_READ)
        for event in (
            h11.Request(method="POST", target=target, headers=list(told.items())),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            writer.write(http.send(event) or b"")
        return await _status(http, reader, writer)
    finally:
        writer.close()


async def _address(host: str, port: int, peers: Peers) -> str:
    """The first that may be called. Which names exist in a closed network, and where, is not told."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        found = []
    for *_, address in found:
        literal = str(address[0]).partition("%")[0]
        if peers.allows(ip_address(literal).packed):
            return literal
    raise Unreachable("The host has no address that may be called")


async def _status(http: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    """Of the answer, once it is whole, or as much of it has come as is read."""
    status, left = 0, MOST_READ
    drained = asyncio.ensure_future(writer.drain())
    try:
        while True:
            match http.next_event():
                case h11.Response(status_code=code):
                    status = code
                case h11.EndOfMessage():
                    return status
                case h11.NEED_DATA:
                    data = await reader.read(16_384)
                    left -= len(data)
                    if status and (not data or left <= 0):
                        return status
                    http.receive_data(data)
                case _:
                    pass
    finally:
        drained.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await drained


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
