"""The relay's figures for Prometheus, on loopback: who may see them is whoever is on the machine, or a proxy's affair."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping

from projectvoice import __version__
from telemetry import registry as telemetry
from turn.guests import Guests
from turn.listeners import Listeners
from turn.relay import Relay

HOST = "127.0.0.1"
PATIENCE = 5.0
"""Seconds for a request and its answer."""
PREFIX = "projectvoice_turn_"
OF_ANY_PROCESS = ("projectvoice_process_", "projectvoice_loop_", "projectvoice_database_")

Samples = Mapping[tuple[tuple[str, str], ...], int]
"""Values by their labels."""


def exposition(relay: Relay, listeners: Listeners, guests: Guests) -> str:
    """In Prometheus' text format, version 0.0.4: the relay's own figures, and those that every process of ours has."""
    return "".join(_families(relay, listeners, guests)) + _of_any_process()


def _families(relay: Relay, listeners: Listeners, guests: Guests) -> Iterator[str]:
    server, plane, usage, drops = relay.server, relay.plane, relay.usage, relay.plane.counters()
    information = (("version", __version__), ("plane", plane.name), ("workers", str(plane.workers)))
    yield _family("info", "gauge", "What serves.", {information: 1})
    yield _family("draining", "gauge", "1 while no new allocations are given.", {(): int(server.draining)})
    live = {"transport": {transport.value: count for transport, count in relay.allocations.items()}}
    yield _family("allocations", "gauge", "Live allocations, by the client's transport.", _by(**live))
    yield _family("allocations_limit", "gauge", "Allocations that it gives at most.", {(): server.policy.allocations})
    yield _family("users", "gauge", "Users with live allocations.", {(): len(relay.users())})
    yield _family("allocations_opened_total", "counter", "Allocations opened.", {(): relay.opened})
    refusals = {"code": {str(code): count for code, count in server.refusals.items()}}
    yield _family("refusals_total", "counter", "Requests refused, 401 and 438 among them as usual.", _by(**refusals))
    yield _family("unanswered_total", "counter", "Refusals not sent: too many to one address.", {(): server.unanswered})
    packets, octets = (usage.packets_up, usage.packets_down), (usage.bytes_up, usage.bytes_down)
    for name, (up, down) in (("packets", packets), ("bytes", octets)):
        relayed = {"direction": {"up": up, "down": down}}
        yield _family(f"relayed_{name}_total", "counter", f"Application {name} relayed; up is from clients.", _by(**relayed))
    dropped = {**drops._asdict(), "malformed": drops.malformed + server.malformed}
    yield _family("dropped_total", "counter", "What was not relayed or not understood.", _by(reason=dropped))
    yield _family("control_messages_total", "counter", "STUN messages worked on.", {(): relay.control_messages})
    connections = {transport.value: count for transport, count in relay.connections.items()}
    yield _family("connections", "gauge", "Client connections.", _by(transport=connections))
    yield _family("connections_waiting", "gauge", "Of those and of arrivals: without an allocation.", {(): len(guests)})
    peers = relay.tcp_peers
    yield _family("peer_connections", "gauge", "TCP connections with peers.", _by(state=peers.connections))
    yield _family("peer_connections_refused_total", "counter", "Peers turned away.", {(): peers.refused})
    turned_away = dict(listeners.refused)
    yield _family("connections_refused_total", "counter", "Connections turned away.", _by(reason=turned_away))
    yield _family("failures_total", "counter", "Errors of the relay itself; see its log.", {(): relay.journal.failures})


def _of_any_process() -> str:
    families = [family for family in telemetry.snapshot() if family[0].startswith(OF_ANY_PROCESS)]
    return telemetry.exposition(families)[0].decode()


def _by(**labels: Mapping[str, int]) -> Samples:
    """By one label."""
    return {((label, key),): value for label, values in labels.items() for key, value in values.items()}


def _family(name: str, kind: str, help_: str, samples: Samples) -> str:
    lines = [f"# HELP {PREFIX}{name} {help_}", f"# TYPE {PREFIX}{name} {kind}"]
    for labels, value in samples.items():
        shown = ",".join(f'{key}="{text}"' for key, text in labels)
        lines.append(f"{PREFIX}{name}{{{shown}}} {value}" if labels else f"{PREFIX}{name} {value}")
    return "\n".join([*lines, ""])


async def serve(port: int, relay: Relay, listeners: Listeners, guests: Guests) -> asyncio.Server:
    """Raises OSError if the port is taken."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
                found = head.split(b" ")[:2] == [b"GET", b"/metrics"]
                body = (exposition(relay, listeners, guests) if found else "GET /metrics\n").encode()
                status = "200 OK" if found else "404 Not Found"
                kind = "text/plain; version=0.0.4; charset=utf-8"
                writer.write(f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n".encode())
                writer.write(b"Connection: close\r\n\r\n" + body)
                await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, HOST, port)
