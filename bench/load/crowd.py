"""The people of the load, of whom load.c speaks for all: this is its other side, in Python."""

import ctypes
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from bench import compiling

FINE = 5  # as in frames.h
BUCKETS = 40 << FINE
KINDS = ("signals", "mics", "joins", "leaves", "connects")
MOST_SEATS = 16
PER_ADDRESS = 100  # connections from each address of 127.1.0.0/16: an instance takes 200 in each process
FAULTS = ("misrouted", "disordered", "unexpected", "wrong_rosters", "stuck", "closed", "refused")
COUNTS = ("signals_sent", "signals", "mics", "joins", "leaves", "messages", "frames", "bytes", "pings")
NOW = ("online", "seated", "under_way", "latest_us")
FIRST_FAULT = 240


class Order(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_double) for name in ("seconds", "signals", "mics", "moves")),
        *((name, ctypes.c_long) for name in ("connecting", "joining", "muster", "until_done")),
    ]


class Outcome(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_long) for name in (*COUNTS, *FAULTS, *NOW)),
        ("seconds", ctypes.c_double),
        ("first_fault", ctypes.c_char * FIRST_FAULT),
    ]


@dataclass
class Times:
    """How long something took, as counts in buckets of 3 %."""

    counts: list[int] = field(default_factory=lambda: [0] * BUCKETS)

    def __iadd__(self, other: "Times") -> Self:
        self.counts = [one + two for one, two in zip(self.counts, other.counts, strict=True)]
        return self

    def add(self, seconds: float) -> None:
        self.counts[bucket(int(seconds * 1e6))] += 1

    @property
    def total(self) -> int:
        return sum(self.counts)

    def at(self, share: float) -> float | None:
        """Milliseconds that this share of all did not exceed; None of nothing."""
        left = share * self.total
        for place, count in enumerate(self.counts):
            left -= count
            if count and left <= 0:
                return upper_end(place) / 1000
        return None

    def summary(self) -> dict[str, float | None]:
        return {"count": self.total, "p50": self.at(0.5), "p99": self.at(0.99), "p999": self.at(0.999), "max": self.at(1.0)}


def bucket(microseconds: int) -> int:
    """As in frames.h: 32 buckets to each doubling."""
    if microseconds < 1 << FINE:
        return microseconds
    power = microseconds.bit_length() - 1
    return min(((power - FINE) << FINE) + (microseconds >> (power - FINE)), BUCKETS - 1)


def upper_end(place: int) -> int:
    """The first microsecond that is beyond this bucket."""
    octave, step = divmod(place, 1 << FINE)
    return place + 1 if octave == 0 else ((1 << FINE) + step + 1) << (octave - 1)


@dataclass
class Heard:
    """What one stretch of load brought."""

    seconds: float = 0
    own_cpu: float = 0  # seconds of the load itself
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    faults: dict[str, int] = field(default_factory=dict)  # those there are
    first_fault: str = ""
    now: dict[str, int] = field(default_factory=dict)
    times: dict[str, Times] = field(default_factory=lambda: {kind: Times() for kind in KINDS})

    def __iadd__(self, later: "Heard") -> Self:
        self.seconds += later.seconds
        self.own_cpu += later.own_cpu
        for name, count in later.counts.items():
            self.counts[name] += count
        for name, count in later.faults.items():
            self.faults[name] = self.faults.get(name, 0) + count
        self.first_fault = self.first_fault or later.first_fault
        latest = max(self.now.get("latest_us", 0), later.now.get("latest_us", 0))
        self.now = later.now | {"latest_us": latest}
        for kind, times in later.times.items():
            self.times[kind] += times
        return self


def compiled(folder: Path) -> ctypes.CDLL:
    loaded = compiling.compiled(Path(__file__).with_name("load.c"), folder)
    loaded.gather.restype = ctypes.c_void_p
    return loaded


class Crowd:
    """`rooms` rooms of `room_size` people each, then those who are only there. `run` is for one thread at a time."""

    def __init__(self, library: ctypes.CDLL, port: int, tokens: list[str], rooms: list[str], room_size: int) -> None:
        assert room_size <= MOST_SEATS
        assert len(rooms) * room_size <= len(tokens)
        self._library, self.people, self.seats = library, len(tokens), len(rooms) * room_size
        self._told = (ctypes.c_uint32 * len(tokens))()
        self._kept: list[Any] = [  # C looks into these for as long as the crowd lives
            (ctypes.c_char_p * len(tokens))(*(token.encode() for token in tokens)),
            (ctypes.c_char_p * len(rooms))(*(room.encode() for room in rooms)),
        ]
        sizes = map(ctypes.c_long, (port, len(tokens), len(rooms), room_size, PER_ADDRESS))
        self._load = ctypes.c_void_p(library.gather(*sizes, *self._kept, self._told))

    def run(self, seconds: float, **order: float) -> Heard:
        """What is ordered: `signals`, `mics` and `moves` a second (who moves leaves the room and comes back); `connecting`, how many
        connect at a time; `joining`, how many rooms are seated at a time; `muster`: everybody moves once; `until_done`: at
        most for these seconds, until all that is asked for has happened and nothing is under way."""
        counts, outcome = (ctypes.c_uint32 * (len(KINDS) * BUCKETS))(), Outcome()
        wanted, own = Order(seconds, **order), time.thread_time()
        self._library.run(self._load, ctypes.byref(wanted), ctypes.byref(outcome), counts)
        return Heard(
            seconds=outcome.seconds,
            own_cpu=time.thread_time() - own,
            counts={name: getattr(outcome, name) for name in COUNTS},
            faults={name: getattr(outcome, name) for name in FAULTS if getattr(outcome, name)},
            first_fault=outcome.first_fault.decode(errors="replace"),
            now={name: getattr(outcome, name) for name in NOW},
            times={kind: Times(list(counts[at * BUCKETS : (at + 1) * BUCKETS])) for at, kind in enumerate(KINDS)},
        )

    @property
    def told(self) -> list[int]:
        """How many messages each has been told of."""
        return list(self._told)

    def close(self) -> None:
        self._library.disband(self._load)
