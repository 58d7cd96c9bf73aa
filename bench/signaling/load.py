"""Clients that signal to each other and check what they hear. The busy part is C (load.c), to be faster than any server.

Flat out, a number of signals is on the way at any time, and what is heard is answered by another: so the server decides
itself how fast it goes. Paced, signals are sent at random moments, whatever comes back.
"""

import ctypes
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import compiling
from bench.signaling.clients import DIGITS, PATIENCE, Client, Dialect, masked

AT_ONCE = 100  # clients that take their seats together: whole rooms
SIZE = 500  # bytes of a signal, in all
PROBE = "probe"
PROBE_AGAIN = 0.5
SILENCE = 2.0  # after which what is still on its way counts as lost


class Order(ctypes.Structure):
    _fields_ = [
        ("under_way", ctypes.c_long),
        ("speakers", ctypes.c_long),
        ("rate", ctypes.c_double),
        ("seconds", ctypes.c_double),
        ("patience", ctypes.c_double),
    ]


class Outcome(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_long) for name in ("sent", "relayed", "misrouted", "disordered", "closed", "timed")),
        ("seconds", ctypes.c_double),
    ]


@dataclass(frozen=True)
class Heard:
    relayed: int
    lost: int
    misrouted: int  # heard by another than it was for, or under another's name
    disordered: int  # heard twice, or after a later one
    closed: int  # connections
    seconds: float
    latencies: list[float]  # milliseconds one way, sorted
    busy: float  # the load's own share of its CPU

    @property
    def faults(self) -> dict[str, int]:
        counts = {"lost": self.lost, "misrouted": self.misrouted, "disordered": self.disordered, "closed": self.closed}
        return {name: count for name, count in counts.items() if count}


def compiled(folder: Path) -> ctypes.CDLL:
    loaded = compiling.compiled(Path(__file__).with_name("load.c"), folder)
    loaded.seat.restype = ctypes.c_void_p
    return loaded


def seated(dialect: Dialect, ports: Sequence[int], rooms: int, room_size: int) -> list[Client]:
    """In open rooms that nobody else knows; neighbours sit at different ports. Each has heard its neighbour, across all."""
    run = secrets.token_hex(4)
    clients = [
        Client(ports[number % len(ports)], room=f"{run}r{number // room_size:04}", id=f"{run}c{number:04}")
        for number in range(rooms * room_size)
    ]
    for first in range(0, len(clients), AT_ONCE):
        together = clients[first : first + AT_ONCE]
        for client in together:
            client.connect(dialect.path(client))
        for client in together:
            client.connected()
        dialect.enter(together)
        rooms_of_them = [together[at : at + room_size] for at in range(0, len(together), room_size)]
        introduce(dialect, [(one, room[at - 1]) for room in rooms_of_them for at, one in enumerate(room)])
        for client in clients[:first]:
            client.attend()
    return clients


def introduce(dialect: Dialect, pairs: Sequence[tuple[Client, Client]]) -> None:
    """A join may take effect after its answer, and on other nodes later still: knock until each one's neighbour has heard."""
    deadline = time.monotonic() + PATIENCE
    while pairs:
        for client, mate in pairs:
            client.say(dialect.signal(mate.id, PROBE))
        again, waiting = time.monotonic() + PROBE_AGAIN, []
        for client, mate in pairs:
            try:
                mate.until(PROBE, again - time.monotonic())
            except TimeoutError:
                if time.monotonic() > deadline:
                    raise
                waiting.append((client, mate))
        pairs = waiting


class Load:
    """All clients around one server, for some seconds at a time."""

    def __init__(self, library: ctypes.CDLL, dialect: Dialect, clients: Sequence[Client], room_size: int) -> None:
        """Clients sit in rooms of this size, one after another. Those at two ports speak only to the other side."""
        self._library, self._clients = library, clients
        at, crossing = [client.port for client in clients], len({client.port for client in clients}) > 1
        rooms = [range(first, first + room_size) for first in range(0, len(clients), room_size)]
        mates = [
            [mate for mate in room if mate != one and not (crossing and at[mate] == at[one])] for room in rooms for one in room
        ]
        frames = [signal(dialect, clients[mate].id) for row in mates for mate in row]
        self._busy_with: list[Any] = [  # C looks into these for as long as the load lives
            (ctypes.c_int * len(clients))(*(client.hand_over() for client in clients)),
            (ctypes.c_int * len(frames))(*(mate for row in mates for mate in row)),
            (ctypes.c_char_p * len(clients))(*(client.id.encode() for client in clients)),
            ctypes.create_string_buffer(b"".join(frames)),
        ]
        (size,), (mark,) = {len(frame) for frame in frames}, {place_of_mark(dialect, client.id) for client in clients}
        sizes = map(ctypes.c_size_t, (len(clients), len(mates[0]), size, mark))
        self._load = ctypes.c_void_p(library.seat(*sizes, *self._busy_with))

    def run(self, seconds: float, *, under_way: int = 0, speakers: int = 0, rate: float = 0, most_latencies: int = 0) -> Heard:
        """Signals still on their way at the end are waited for. With none asked for, it only keeps the connections alive.

        The first `speakers` clients speak in turn; with 0, what is heard is answered by the one that has heard it. When paced,
        all speak in turn.
        """
        latencies, outcome = (ctypes.c_float * most_latencies)(), Outcome()
        order, begun, own = (
            Order(under_way, len(self._clients) if rate else speakers, rate, seconds, SILENCE),
            time.monotonic(),
            time.thread_time(),
        )
        self._library.run(self._load, ctypes.byref(order), ctypes.byref(outcome), latencies, ctypes.c_long(most_latencies))
        return Heard(
            relayed=outcome.relayed,
            lost=outcome.sent - outcome.relayed,
            misrouted=outcome.misrouted,
            disordered=outcome.disordered,
            closed=outcome.closed,
            seconds=outcome.seconds,
            latencies=sorted(latencies[: outcome.timed]),
            busy=(time.thread_time() - own) / (time.monotonic() - begun),
        )

    def close(self) -> None:
        self._library.unseat(self._load)
        for client in self._clients:
            client.socket.close()


def signal(dialect: Dialect, to: str) -> bytes:
    """A candidate as a browser emits it, with a mark and made SIZE bytes long."""
    mark = "@@" + "0" * DIGITS
    return masked(dialect.signal(to, mark + "x" * (SIZE - len(dialect.signal(to, mark)))))


def place_of_mark(dialect: Dialect, to: str) -> int:
    """Where in the frame of a signal the digits begin."""
    return len(masked("x" * SIZE)) - SIZE + dialect.signal(to, "@@").index("@@") + 2
