"""Workers, and the control side beside a busy data path."""

import gc
import select
import threading
import time

import pytest

from tests.conftest import PATIENCE
from tests.turn.plane.conftest import Client, MakePlane, Peer, World, passes
from tests.turn.plane.frames import BINDING, channel_data, message
from turn.plane import batches, sockets
from turn.plane.base import Datagram
from turn.plane.portable import PortablePlane
from turn.words import Address

CHANNEL = 0x4001


def test_each_worker_serves_the_clients_of_its_listener(make_plane: MakePlane):
    plane = make_plane(workers=2)
    listeners = sockets.listen_datagrams(Address.of("127.0.0.1", 0), workers=2)
    links = [plane.listen(number, listener) for number, listener in enumerate(listeners)]
    where = sockets.local_address(listeners[0])
    plane.start()
    opened, served = [*listeners], set()
    for number in range(1, 33):
        client, peer, relay = Peer("127.0.0.1"), Peer("127.0.0.1"), Peer("127.0.0.1")
        opened += [client.socket, peer.socket, relay.socket]
        request = message(BINDING)
        client.say(where, request)
        select.select([plane.fileno()], [], [], PATIENCE)
        heard = plane.receive()
        assert heard[0][1:] == (client.address, request)
        served.add(heard[0].link)
        plane.open(number, heard[0].link, client.address, [relay.socket], 0)
        plane.permit(number, peer.address.host)
        sibling = sockets.sibling_of(relay.socket, peer.address)
        opened.append(sibling)
        plane.bind(number, CHANNEL, peer.address, sibling)
        client.say(where, channel_data(CHANNEL, b"hello"))
        assert peer.hear() == (b"hello", relay.address)
        peer.say(relay.address, b"hello")
        assert client.hear() == (channel_data(CHANNEL, b"hello"), where)
        assert plane.usage(number)[::2] == (1, 1)
    assert served == set(links), "both had something to do"
    plane.stop()
    for one in opened:
        one.close()


def arrives(world: World, client: Client, request: bytes) -> None:
    """Asked again and again, as over UDP: where the socket is full, what comes is lost."""
    deadline = time.monotonic() + PATIENCE
    while True:
        client.write(request)
        again = time.monotonic() + 0.5
        while time.monotonic() < again:
            if world.has_control():
                if world.control() == Datagram(client.link, client.remote, request):
                    return
            else:
                time.sleep(0.001)
        assert time.monotonic() < deadline, "it never came through"


def test_a_busy_data_path_does_not_starve_the_control_side(world: World):
    client, peer = world.client(), world.peer()
    allocation = world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)
    over = threading.Event()

    def talk() -> None:
        while not over.is_set():
            for _ in range(50):
                allocation.send(CHANNEL, bytes(160))

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        other = world.client()
        for _ in range(50):
            request = message(BINDING)
            arrives(world, other, request)
            world.plane.send(other.link, other.remote, request)
            assert other.read() == request
            short = world.allocate(other)
            short.permit(peer)
            short.close()
    finally:
        over.set()
        talker.join()
    assert world.plane.usage(allocation.number).packets_up


def test_packets_leave_no_garbage(make_world):
    """The portable plane's packets must not wake the collector: it holds all threads up."""
    world = make_world()
    client, peer = world.client(), world.peer()
    allocation = world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)
    passes(allocation, CHANNEL, peer)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(500):
            passes(allocation, CHANNEL, peer)
        assert len(gc.get_objects()) - before < 500, "fewer than packets"
        assert gc.collect() < 500
    finally:
        gc.enable()


def test_a_system_without_batches_is_told_so(monkeypatch: pytest.MonkeyPatch):
    class Bare:
        pass

    monkeypatch.setattr(batches.ctypes, "CDLL", lambda *_, **__: Bare())
    with pytest.raises(batches.BatchesUnavailable, match="recvmmsg"):
        PortablePlane()


def test_the_portable_plane_has_one_worker():
    plane = PortablePlane()
    with sockets.bind_relay(Address.of("127.0.0.1", 0)) as listener, pytest.raises(ValueError, match="one worker"):
        plane.listen(1, listener)
    plane.start()
    plane.stop()
    plane.stop()
