"""The load of bench/turn must notice what a relay does wrong, or its figures say nothing."""

import contextlib
import secrets
import selectors
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from bench.ports import free_port
from bench.turn.load import Heard, compiled, loaded
from bench.turn.servers import COTURN, HOST, NATIVE, PASSWORD, PORTABLE, USER, Order, Server, answers
from launch.environment import inherited
from launch.options import ROOT

HEADERS = "#include <openssl/hmac.h>\n"
NO_COMPILER = "needs a C compiler, cc, and OpenSSL's headers"
COUNT, SECONDS = 20, 0.2
COOKIE = 0x2112A442


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("cc") is None:
        pytest.skip(NO_COMPILER)
    if subprocess.run(["cc", "-E", "-"], input=HEADERS, capture_output=True, text=True, check=False).returncode:
        pytest.skip(NO_COMPILER)
    return compiled(tmp_path_factory.mktemp("load"))


class Packet(NamedTuple):
    """On its way through a relay, in either direction."""

    relay: int  # the number of the allocation whose address and channel it uses
    to: int  # the number of the one whose peer or client gets it
    payload: bytes


Deliver = Callable[[Packet], list[Packet]]
Fault = Callable[[Packet, Packet], list[Packet]]  # of a packet and the one before: what is passed on instead


class Allocation(NamedTuple):
    relay: socket.socket
    client: tuple[str, int]
    channels: list[bytes]
    peers: list[tuple[str, int]]


class Relay(threading.Thread):
    """Open to all, one channel for each client, over UDP, as faulty as `deliver` makes it."""

    def __init__(self, deliver: Deliver) -> None:
        super().__init__()
        self._deliver, self._over = deliver, threading.Event()
        self._door = bound()
        self._allocations: list[Allocation] = []
        self._numbers: dict[tuple[str, int], int] = {}  # of the client's address
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._door, selectors.EVENT_READ)
        self.address = f"{HOST}:{self._door.getsockname()[1]}"

    def run(self) -> None:
        while not self._over.is_set():
            for key, _ in self._selector.select(0.05):
                data, sender = key.fileobj.recvfrom(2048)  # type: ignore[union-attr]  # all of them are sockets
                if key.fileobj is not self._door:
                    self._down(key.data, data)
                elif data[0] & 0xC0:
                    self._up(self._numbers[sender], data)
                else:
                    self._door.sendto(self._answer(data, sender), sender)

    def close(self) -> None:
        self._over.set()
        self.join()
        for each in (self._door, self._selector, *(allocation.relay for allocation in self._allocations)):
            each.close()

    def _answer(self, request: bytes, client: tuple[str, int]) -> bytes:
        method, attributes = int.from_bytes(request[:2], "big"), b""
        if method == 0x003 and client not in self._numbers:
            number = self._numbers[client] = len(self._allocations)
            self._allocations.append(Allocation(bound(), client, [], []))
            self._selector.register(self._allocations[number].relay, selectors.EVENT_READ, number)
        if method == 0x003:
            attributes = bytes.fromhex("00160008") + obscured(self._allocations[self._numbers[client]].relay.getsockname())
        if method == 0x009:  # CHANNEL-NUMBER comes first, then XOR-PEER-ADDRESS
            allocation = self._allocations[self._numbers[client]]
            allocation.channels.append(request[24:26])
            allocation.peers.append(clear(request[32:40]))
        return (method | 0x100).to_bytes(2, "big") + len(attributes).to_bytes(2, "big") + request[4:20] + attributes

    def _up(self, number: int, data: bytes) -> None:
        for packet in self._deliver(Packet(number, number, data[4:])):
            self._allocations[packet.relay].relay.sendto(packet.payload, self._allocations[packet.to].peers[0])

    def _down(self, number: int, data: bytes) -> None:
        for packet in self._deliver(Packet(number, number, data)):
            frame = self._allocations[packet.relay].channels[0] + len(packet.payload).to_bytes(2, "big") + packet.payload
            self._door.sendto(frame, self._allocations[packet.to].client)


def bound() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    made.bind((HOST, 0))
    return made


def obscured(address: tuple[str, int]) -> bytes:
    """As in XOR-RELAYED-ADDRESS."""
    host = int.from_bytes(socket.inet_aton(address[0]), "big")
    return b"\0\1" + (address[1] ^ COOKIE >> 16).to_bytes(2, "big") + (host ^ COOKIE).to_bytes(4, "big")


def clear(value: bytes) -> tuple[str, int]:
    host = (int.from_bytes(value[4:], "big") ^ COOKIE).to_bytes(4, "big")
    return socket.inet_ntoa(host), int.from_bytes(value[2:4], "big") ^ COOKIE >> 16


def heard_through(program: Path, deliver: Deliver, direction: str) -> Heard:
    relay = Relay(deliver)
    relay.start()
    try:
        return loaded(program, ordered(relay.address, direction=direction))[0]
    finally:
        relay.close()


def ordered(server: str, **words: str | float | bool) -> dict[str, str | float | bool]:
    """A load so light that all of it waits in buffers while a relay in Python gets no turn."""
    login = {"user": USER, "password": PASSWORD}
    load = {"allocations": COUNT, "rate": 1000, "seconds": SECONDS, "warm_up": SECONDS, "patience": 2, "sleep": True}
    return {"server": server, **login, **load, **words}


def every_tenth(fault: Fault) -> tuple[Deliver, list[Packet]]:
    """A relay that is faulty at each tenth packet, and those packets."""
    seen: list[Packet] = []
    faulty: list[Packet] = []

    def deliver(packet: Packet) -> list[Packet]:
        seen.append(packet)
        if len(seen) % 10:
            return [packet]
        faulty.append(packet)
        return fault(packet, seen[-2])

    return deliver, faulty


def other(number: int) -> int:
    return (number + 1) % COUNT


def changed(payload: bytes) -> bytes:
    return payload[:-1] + bytes((payload[-1] ^ 1,))


both_ways = pytest.mark.parametrize("direction", ["up", "down"])


@pytest.mark.parametrize("direction", ["up", "down", "both"])
def test_a_faithful_relay_has_no_faults(program, direction):
    heard = heard_through(program, lambda packet: [packet], direction)
    assert heard.faults == {}
    assert 0 < heard.heard < heard.sent  # those of the warm-up are sent, and not counted
    assert 0 < heard.p50 <= heard.p90 <= heard.p99


@both_ways
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(lambda packet, _: [], {"lost"}, id="kept"),
        pytest.param(lambda packet, before: [before, packet], {"disordered"}, id="again"),
        pytest.param(lambda packet, _: [packet._replace(payload=changed(packet.payload))], {"lost", "bad"}, id="changed"),
        pytest.param(lambda packet, _: [packet._replace(payload=packet.payload[:-1])], {"lost", "bad"}, id="cut"),
        pytest.param(lambda packet, _: [packet._replace(to=other(packet.to))], {"bad"}, id="to another"),
        pytest.param(
            lambda packet, _: [packet._replace(relay=other(packet.relay))], {"bad"}, id="by another's relay or channel"
        ),
    ],
)
def test_each_fault_is_counted(program, direction, fault, told):
    deliver, faulty = every_tenth(fault)
    heard = heard_through(program, deliver, direction)
    assert faulty
    assert heard.faults == dict.fromkeys(told, len(faulty))


def test_a_relay_that_keeps_everything_is_told(program):
    with pytest.raises(ConnectionError, match="nothing came through"):
        heard_through(program, lambda packet: [], "up")


@contextlib.contextmanager
def running(server: Server, folder: Path, *flags: str) -> Iterator[str]:
    """Its address and port. Whoever asks is skipped if it cannot run here."""
    if server.missing:
        pytest.skip(f"needs {server.packages}")
    port = free_port()
    order = Order(port, folder, 1, {**inherited(), "SECRET_KEY": secrets.token_urlsafe(48), "DATA_DIR": str(folder)})
    command, environment = server.start(order)
    process = subprocess.Popen(
        [*command, *flags], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not answers(port):
            assert process.poll() is None
        yield f"{HOST}:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.mark.parametrize("server", [COTURN, NATIVE, PORTABLE], ids=lambda server: server.name)
def test_real_relays_lose_and_harm_nothing(server, program, tmp_path):
    with running(server, tmp_path) as address:
        for words in ({}, {"indications": True}, {"tcp": True}, {"tcp": True, "indications": True}, {"tcp": True, "burst": 4}):
            (heard,) = loaded(program, ordered(address, direction="both", **words))
            assert heard.faults == {}


def test_the_credentials_of_a_shared_secret(program, tmp_path):
    with running(COTURN, tmp_path, "--use-auth-secret", "--static-auth-secret=word") as address:
        (heard,) = loaded(program, ordered(address, secret="word"))
        assert heard.faults == {}
        with pytest.raises(ConnectionError, match="refused: 401"):
            loaded(program, ordered(address, secret="another"))


def test_a_wrong_password_is_told(program, tmp_path):
    with running(COTURN, tmp_path) as address, pytest.raises(ConnectionError, match="refused: 401"):
        loaded(program, ordered(address, password="another"))
