"""A plane of each kind between real sockets on loopback.

Nothing here waits for a time to pass: what must come is waited for, and what must not come is proven absent by a marker that
went the same way after it.
"""

import secrets
import select
import socket
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PATIENCE
from tests.turn.plane import frames
from turn.plane import sockets
from turn.plane.base import Datagram, HungUp, Limits, Plane
from turn.plane.portable import PortablePlane
from turn.words import Address

PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")
MakePlane = Callable[..., Plane]


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """The native plane's; None if it cannot be made here."""
    build = pytest.importorskip("turn.plane.build", reason="no native data path")
    return build.library(tmp_path_factory.mktemp("relay"))


@pytest.fixture(params=["portable", "native"])
def make_plane(request: pytest.FixtureRequest) -> Iterator[MakePlane]:
    """`make_plane(limits, workers)`: not started; stopped at the end. More workers than one: only of native."""
    made: list[Plane] = []

    def make(limits: Limits = Limits(), workers: int = 1) -> Plane:  # noqa: B008  # a tuple
        if request.param == "portable":
            if workers > 1:
                pytest.skip("portable has one worker")
            plane: Plane = PortablePlane(limits)
        else:
            library = request.getfixturevalue("library")
            if library is None:
                pytest.skip("no compiler for the native data path")
            from turn.plane.native import NativePlane

            plane = NativePlane(library, workers, limits)
        made.append(plane)
        return plane

    yield make
    for plane in made:
        plane.stop()


class Peer:
    """Somebody with a UDP socket on loopback."""

    def __init__(self, host: str, port: int = 0) -> None:
        self.socket = sockets.bind_relay(Address.of(host, port))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.address = sockets.local_address(self.socket)

    def say(self, to: Address, data: bytes) -> None:
        self.socket.sendto(data, sockets.to_sockaddr(to))

    def hear(self) -> tuple[bytes, Address]:
        """Waits for it."""
        self.socket.settimeout(PATIENCE)
        data, (host, port, *_) = self.socket.recvfrom(65_536)
        return data, Address.of(host, port)

    def heard_nothing(self) -> bool:
        """Only after something that went the same way was handled: on loopback a packet is there when it was sent."""
        self.socket.setblocking(False)
        try:
            self.socket.recv(65_536)
        except BlockingIOError:
            return True
        return False


class UdpClient:
    stream = False

    def __init__(self, world: "World") -> None:
        self._peer = Peer(world.host)
        self._relay = sockets.local_address(world.listener)
        self.link, self.remote, self.socket = world.link, self._peer.address, self._peer.socket

    def write(self, frame: bytes) -> None:
        self._peer.say(self._relay, frame)

    def read(self) -> Any:
        data, _ = self._peer.hear()
        return frames.read(data) if data[0] & 0x40 or data[:2] == b"\x00\x17" else data


class StreamClient:
    stream = True

    def __init__(self, world: "World") -> None:
        self.socket, ours = world.connection()
        self.link = world.plane.adopt(ours)
        self.remote = sockets.local_address(self.socket)

    def write(self, frame: bytes) -> None:
        self.socket.sendall(frame)

    def read(self) -> Any:
        return frames.read_stream(self.socket)


Client = UdpClient | StreamClient


class Allocation:
    def __init__(self, world: "World", client: Client, number: int, relays: list[socket.socket], bytes_per_second: int) -> None:
        self.plane, self.client, self.number, self.relays = world.plane, client, number, relays
        self.addresses = [sockets.local_address(relay) for relay in relays]
        self.plane.open(number, client.link, client.remote, relays, bytes_per_second)

    @property
    def address(self) -> Address:
        return self.addresses[0]

    def permit(self, *peers: Peer) -> None:
        for peer in peers:
            self.plane.permit(self.number, peer.address.host)

    def forbid(self, peer: Peer) -> None:
        self.plane.forbid(self.number, peer.address.host)

    def bind(self, channel: int, peer: Address, with_sibling: bool = True, toward: Address | None = None) -> None:
        relay = next(relay for relay in self.relays if sockets.local_address(relay).family is peer.family)
        sibling = sockets.sibling_of(relay, toward or peer) if with_sibling else None
        self.plane.bind(self.number, channel, peer, sibling)

    def send(self, channel: int, data: bytes) -> None:
        """ChannelData, padded where it must be."""
        self.client.write(frames.channel_data(channel, data, PADDING[len(data) & 3] if self.client.stream else b""))

    def close(self) -> Any:
        usage, returned = self.plane.close(self.number)
        for one in returned:
            one.close()
        return usage, returned


class World:
    """A started plane with a listener, and whoever speaks to it."""

    def __init__(self, plane: Plane, host: str) -> None:
        self.plane, self.host = plane, host
        self._numbers = count(1)
        self._opened: list[socket.socket] = []
        self._heard: list[Datagram | HungUp] = []
        self.listener = self._kept(sockets.listen_datagrams(Address.of(host, 0))[0])
        self._streams = self._kept(sockets.listen_streams(Address.of(host, 0)))
        self.link = plane.listen(0, self.listener)
        plane.start()

    def peer(self, host: str | None = None, port: int = 0) -> Peer:
        peer = Peer(host or self.host, port)
        self._kept(peer.socket)
        return peer

    def client(self, transport: str = "udp") -> Client:
        client = UdpClient(self) if transport == "udp" else StreamClient(self)
        self._kept(client.socket)
        return client

    def connection(self) -> tuple[socket.socket, socket.socket]:
        """Both ends of a TCP connection; the second is ours."""
        client = self._kept(socket.create_connection(self._streams.getsockname()[:2], PATIENCE))
        select.select([self._streams], [], [], PATIENCE)
        ours, _ = self._streams.accept()
        ours.setblocking(False)
        return client, self._kept(ours)

    def allocate(self, client: Client, *hosts: str, bytes_per_second: int = 0) -> Allocation:
        relays = [self._kept(sockets.bind_relay(Address.of(host, 0))) for host in hosts or (self.host,)]
        return Allocation(self, client, next(self._numbers), relays, bytes_per_second)

    def control(self) -> Datagram | HungUp:
        """The next of it; waits."""
        while not self._heard:
            ready, _, _ = select.select([self.plane.fileno()], [], [], PATIENCE)
            assert ready, "nothing came"
            self._heard = self.plane.receive()
        return self._heard.pop(0)

    def has_control(self) -> bool:
        return bool(self._heard or select.select([self.plane.fileno()], [], [], 0)[0])

    def ignore_control(self) -> None:
        """Whatever has come of it so far."""
        self._heard.clear()
        while self.has_control():
            self.plane.receive()

    def settled(self, client: Client) -> None:
        """All that this client sent before has been handled, and nothing of it was for the control side."""
        marker = frames.message(frames.BINDING)
        client.write(marker)
        assert self.control() == Datagram(client.link, client.remote, marker)

    def close(self) -> None:
        self.plane.stop()
        for one in self._opened:
            one.close()

    def _kept(self, one: socket.socket) -> socket.socket:
        self._opened.append(one)
        return one


MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(make_plane: MakePlane) -> Iterator[MakeWorld]:
    made: list[World] = []

    def make(limits: Limits = Limits(), host: str = "127.0.0.1") -> World:  # noqa: B008  # a tuple
        made.append(World(make_plane(limits), host))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture(params=["127.0.0.1", "::1"])
def world(request: pytest.FixtureRequest, make_world: MakeWorld) -> World:
    return make_world(host=request.param)


@pytest.fixture(params=["udp", "tcp"])
def client(request: pytest.FixtureRequest, world: World) -> Client:
    return world.client(request.param)


def passes(allocation: Allocation, channel: int, peer: Peer) -> None:
    """It does, both ways, and nothing else came before."""
    said = secrets.token_bytes(160)
    allocation.send(channel, said)
    data, source = peer.hear()
    assert (data, source.port) == (said, allocation.address.port)
    peer.say(allocation.address, said[::-1])
    assert allocation.client.read() == frames.ChannelData(channel, said[::-1])


def until(condition: Callable[[], bool]) -> None:
    """Waits for it. What comes by another socket than a marker may be handled after it."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.001)


def wait_until_forbidden(world: World, times: int) -> None:
    until(lambda: world.plane.counters().forbidden >= times)
    assert world.plane.counters().forbidden == times
