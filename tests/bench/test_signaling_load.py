"""The load of bench/signaling must notice what a relay does wrong, or its figures say nothing."""

import json
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest

from bench.signaling import load as bench_load
from bench.signaling.clients import Bare, Client
from bench.signaling.load import Load, compiled
from voice.wire.masking import unmask

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler, cc")

ROOM, ROOMS, SECONDS = 4, 3, 0.2
Deliver = Callable[[str, str, str], list[tuple[str, str, str]]]  # (sender, target, text) as it should be → what is done instead


def frame(text: bytes, opcode: int = 1) -> bytes:
    size = bytes((len(text),)) if len(text) < 126 else b"\x7e" + len(text).to_bytes(2, "big")
    return bytes((0x80 | opcode,)) + size + text


class Relay:
    """A server of one room for all, over socket pairs, as faulty as `deliver` makes it."""

    def __init__(self, ends: dict[str, socket.socket], deliver: Deliver) -> None:
        self._ends, self._deliver = ends, deliver
        self.answers: list[bytes] = []  # frames that are no signals
        self._threads = [threading.Thread(target=self._serve, args=(name,)) for name in ends]
        self._lock = threading.Lock()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _serve(self, name: str) -> None:
        rest = b""
        while came := self._ends[name].recv(1 << 16):
            rest += came
            while len(rest) >= 2:
                size, start = rest[1] & 0x7F, 2
                if size == 126:
                    size, start = int.from_bytes(rest[2:4], "big"), 4
                if len(rest) < start + 4 + size:
                    break
                text = unmask(rest[start + 4 : start + 4 + size], rest[start : start + 4])
                with self._lock:
                    self._take(name, rest[0], text)
                rest = rest[start + 4 + size :]

    def _take(self, sender: str, head: int, text: bytes) -> None:
        if len(text) < 126:
            self.answers.append(bytes((head,)) + text)
            return
        said = json.loads(text)
        for named, to, body in self._deliver(sender, said["to"], json.dumps(said["payload"])):
            told = json.dumps(
                {"type": said["type"], "from": named, "to": to, "payload": json.loads(body)}, separators=(",", ":")
            )
            self._ends[to].sendall(frame(told.encode()))


@contextmanager
def relayed_by(deliver: Deliver, folder: Path, *, greeting: bytes = b"") -> Iterator[tuple[Load, Relay]]:
    clients, ends = [], {}
    with ExitStack() as stack:
        for number in range(ROOMS * ROOM):
            client = Client(1, f"room{number // ROOM}", f"client{number:02}")
            client.socket, ends[client.id] = socket.socketpair()
            stack.enter_context(ends[client.id])
            ends[client.id].sendall(greeting)
            clients.append(client)
        relay = Relay(ends, deliver)
        relay.start()
        load = Load(compiled(folder), Bare(), clients, ROOM)
        try:
            yield load, relay
        finally:
            load.close()
            relay.join()


def every(nth: int, fault: Deliver) -> tuple[Deliver, count]:
    """A relay that is faulty at each nth signal, and the count of those."""
    seen, faulty = count(1), count()

    def deliver(sender: str, target: str, text: str) -> list[tuple[str, str, str]]:
        if next(seen) % nth:
            return faithful(sender, target, text)
        next(faulty)
        return fault(sender, target, text)

    return deliver, faulty


def faithful(sender: str, target: str, text: str) -> list[tuple[str, str, str]]:
    return [(sender, target, text)]


def other(name: str) -> str:
    """Somebody else of the same room."""
    number = int(name[-2:])
    return f"client{number - number % ROOM + (number + 1) % ROOM:02}"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(bench_load, "SILENCE", 0.3)


@pytest.mark.parametrize(
    "order", [{"under_way": 24}, {"under_way": 5, "speakers": 8}, {"rate": 2000.0, "most_latencies": 4000}]
)
def test_a_faithful_relay_has_no_faults(order, tmp_path):
    with relayed_by(faithful, tmp_path) as (load, _):
        first, second = (load.run(SECONDS, **order) for _ in range(2))
    assert first.relayed > 0
    assert second.relayed > 0
    assert (first.faults, second.faults) == ({}, {})
    assert len(first.latencies) == (first.relayed if "rate" in order else 0)
    assert all(latency > 0 for latency in first.latencies)


def test_what_never_arrives_is_lost(tmp_path):
    deliver, faulty = every(50, lambda sender, target, text: [])
    with relayed_by(deliver, tmp_path) as (load, _):
        heard = load.run(SECONDS, rate=2000)
    assert heard.faults == {"lost": next(faulty)}
    assert heard.lost > 0


def test_a_signal_heard_by_another_is_misrouted(tmp_path):
    deliver, faulty = every(50, lambda sender, target, text: [(sender, other(target), text)])
    with relayed_by(deliver, tmp_path) as (load, _):
        heard = load.run(SECONDS, rate=2000)
    wrong = next(faulty)
    assert heard.faults == {"lost": wrong, "misrouted": wrong}


def test_a_signal_in_anothers_name_is_misrouted(tmp_path):
    deliver, faulty = every(50, lambda sender, target, text: [(other(sender), target, text)])
    with relayed_by(deliver, tmp_path) as (load, _):
        heard = load.run(SECONDS, rate=2000)
    wrong = next(faulty)
    assert heard.faults == {"lost": wrong, "misrouted": wrong}


def test_a_signal_heard_twice_is_disordered_and_not_counted_twice(tmp_path):
    deliver, faulty = every(50, lambda sender, target, text: [(sender, target, text)] * 2)
    with relayed_by(deliver, tmp_path) as (load, _):
        heard = load.run(SECONDS, rate=2000)
    assert heard.faults == {"disordered": next(faulty)}


def test_a_closed_connection_is_told(tmp_path):
    with relayed_by(faithful, tmp_path, greeting=frame(b"\x03\xe8", opcode=8)) as (load, _):
        assert load.run(SECONDS).faults == {"closed": ROOMS * ROOM}


def test_pings_of_both_kinds_are_answered(tmp_path):
    with relayed_by(faithful, tmp_path, greeting=frame(b"hello", opcode=9) + frame(b"2")) as (load, relay):
        assert load.run(SECONDS).faults == {}
    assert sorted(relay.answers) == sorted([b"\x8ahello", b"\x813"] * ROOMS * ROOM)
