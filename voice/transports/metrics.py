"""What is told of sockets, rooms and joins. On a signal's way two numbers of its connection grow; all else is read at a scrape."""

import re
from collections import Counter as Tally
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import Counter, Histogram

from telemetry import process
from telemetry.registry import OWN, Samples, counter, gauge
from voice.transports.bus import Bus
from voice.transports.crowd import crowd

if TYPE_CHECKING:
    from voice.transports.switchboard import Connection, Switchboard

SEATED: Final = "seated"

CLOSED: Final = Counter(
    "projectvoice_sockets_closed_total",
    "Sockets that are no more: `gone`, their clients left or were lost; else the error for which we closed them.",
    ["dialect", "reason"],
    registry=OWN,
)
OPENED: Final = Counter("projectvoice_sockets_opened_total", "Sockets opened, by what they speak.", ["dialect"], registry=OWN)
JOINS: Final = Counter(
    "projectvoice_joins_total",
    "Wishes to sit in a room: `seated`, `gone` before that, or the error that refused them.",
    ["dialect", "outcome"],
    registry=OWN,
)
JOIN_SECONDS: Final = Histogram(
    "projectvoice_join_seconds",
    "From a wish to sit in a room to the seat, the door and other nodes asked.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
    registry=OWN,
)
REFUSALS: Final = Counter(
    "projectvoice_socket_refusals_total", "Errors told to sockets, by class.", ["dialect", "error"], registry=OWN
)


@cache
def name_of(dialect: type) -> str:
    """`projectvoice`, `room-signaling` …"""
    words = re.findall("[A-Z][a-z]*", dialect.__name__.removesuffix("Dialect").replace("ProjectVoice", "Projectvoice"))
    return "-".join(words).lower()


class Frames:
    """Those of connections that are closed; the rest stand in the connections."""

    def __init__(self) -> None:
        self._heard: Tally[str] = Tally()
        self._said: Tally[str] = Tally()

    def keep(self, connection: "Connection") -> None:
        name = name_of(type(connection.dialect))
        self._heard[name] += connection.heard
        self._said[name] += connection.said

    def now(self, switchboard: "Switchboard") -> Samples:
        heard, said = self._heard.copy(), self._said.copy()
        for connection in switchboard.connections:
            name = name_of(type(connection.dialect))
            heard[name] += connection.heard
            said[name] += connection.said
        return {
            **{(name, "in"): float(number) for name, number in heard.items()},
            **{(name, "out"): float(number) for name, number in said.items()},
        }


def watch(switchboard: "Switchboard") -> None:
    """Of this process; once."""

    def sockets() -> Samples:
        open_: Tally[str] = Tally(name_of(type(connection.dialect)) for connection in switchboard.connections)
        return {(name,): float(number) for name, number in open_.items()}

    def rooms() -> Samples:
        led: Tally[str] = Tally(
            "channel" if room.channel else "open"
            for room in switchboard.hub.rooms
            if not room.is_lobby and switchboard.hub.is_occupied(room) and switchboard.others.leads(room)
        )
        return {(kind,): float(led[kind]) for kind in ("channel", "open")}

    def peers() -> Samples:
        channels, open_ = switchboard.hub.census()
        return {("channel",): float(channels), ("open",): float(open_)}

    gauge("projectvoice_sockets", "Open sockets, by what they speak.", sockets, "dialect")
    counter(
        "projectvoice_frames_total",
        "Frames of calls, by dialect; `in` is from clients.",
        lambda: switchboard.frames.now(switchboard),
        "dialect",
        "direction",
    )
    gauge("projectvoice_users", "Users signed in on sockets of a process.", lambda: float(switchboard.user_count))
    gauge("projectvoice_rooms", "Rooms in which somebody sits; one over several processes is told by one.", rooms, "kind")
    gauge("projectvoice_peers", "People who sit in rooms, by the room's kind.", peers, "kind")
    gauge(
        "projectvoice_connections",
        "Sockets and polling sessions, whether they have said who they are or not.",
        lambda: float(len(crowd)),
    )
    gauge(
        "projectvoice_nodes",
        "Other nodes that a process hears.",
        lambda: {(process.name(),): float(switchboard.others.heard_of)},
        "process",
    )
    watch_bus("calls", switchboard.others.bus)


_buses: Final[dict[str, Bus]] = {}


def watch_bus(name: str, bus: Bus) -> None:
    """One of those of this process; `name` is what it is for."""
    if not _buses:
        _tell_of_buses()
    _buses[name] = bus


def _tell_of_buses() -> None:
    def each(read: Callable[[Bus], Any]) -> Callable[[], Samples]:
        return lambda: {(name,): float(read(bus)) for name, bus in _buses.items()}

    gauge(
        "projectvoice_bus_up",
        "Whether a process is connected to Valkey for this bus.",
        lambda: {(process.name(), name): float(bus.is_up) for name, bus in _buses.items()},
        "process",
        "bus",
    )
    counter("projectvoice_bus_published_total", "Lines said to other processes.", each(lambda bus: bus.published), "bus")
    counter("projectvoice_bus_heard_total", "Lines heard from other processes.", each(lambda bus: bus.heard), "bus")
    counter("projectvoice_bus_lost_total", "Lines that could not be said: the bus was away.", each(lambda bus: bus.lost), "bus")
    counter("projectvoice_bus_outages_total", "Times that a bus which was up was lost.", each(lambda bus: bus.outages), "bus")
