"""What reaches the control side: whole STUN messages, in order, bounded, and fairly."""

import socket
import struct

import pytest

from tests.conftest import PATIENCE
from tests.turn.plane import frames
from tests.turn.plane.conftest import Client, MakeWorld, World, until
from tests.turn.plane.frames import message
from turn.plane import sockets
from turn.plane.base import LONGEST_CONTROL, Datagram, Limits
from turn.words import Address

BINDING = message(frames.BINDING)


def test_messages_come_in_order_and_are_answered(world: World, client: Client):
    requests = [message(frames.BINDING, (0x8022, bytes(number))) for number in range(100)]
    for request in requests:
        client.write(request)
    assert [world.control() for _ in requests] == [Datagram(client.link, client.remote, request) for request in requests]
    for request in requests:
        world.plane.send(client.link, client.remote, request)
    assert [client.read() for _ in requests] == requests
    assert not world.has_control()


@pytest.mark.parametrize(
    "malformed",
    [
        b"",
        b"\0",
        BINDING[:19],
        BINDING + b"\0",
        BINDING[:3] + b"\4" + BINDING[4:],
        b"\0\1\0\2" + BINDING[4:] + b"\0\0",
        BINDING[:4] + bytes(4) + BINDING[8:],
        b"\x80" + BINDING[1:],
        b"\xc0" + BINDING[1:],
        b"\xff" * 1400,
        message(frames.BINDING, (0x8022, bytes(LONGEST_CONTROL - 20))),
        struct.pack(">HH", 0x4001, 5) + b"four",
    ],
    ids=["empty", "byte", "short", "long", "length", "odd-length", "cookie", "0b10", "0b11", "ones", "longest", "channel"],
)
def test_malformed_datagrams_are_counted_and_that_is_all(world: World, malformed: bytes):
    client = world.client()
    client.write(malformed)
    world.settled(client)
    assert world.plane.counters().malformed == 1
    assert not world.has_control()


def test_a_flood_of_one_address_takes_nobody_elses_messages(make_world: MakeWorld):
    world = make_world(Limits(control_queue=64, control_rate=20))
    flooder = world.client()
    other = world.peer("127.0.0.9")
    for number in range(500):
        flooder.write(message(frames.BINDING, (0x8022, b"%d" % number)))
    other.say(sockets.local_address(world.listener), BINDING)
    heard = []
    while not heard or heard[-1].remote != other.address:
        heard.append(world.control())
    assert heard[-1] == Datagram(world.link, other.address, BINDING)
    assert 20 <= len(heard) < 64
    assert world.plane.counters().flooded >= 500 - len(heard)


def test_the_queue_is_bounded_and_its_end_is_not_forever(make_world: MakeWorld):
    world = make_world(Limits(control_queue=10))
    client = world.client()
    for _ in range(50):
        client.write(BINDING)
    until(lambda: world.plane.counters().flooded >= 40)
    assert [world.control() for _ in range(10)] == [Datagram(client.link, client.remote, BINDING)] * 10
    world.settled(client)
    assert world.plane.counters().flooded == 40


def test_a_flood_does_not_hinder_data(make_world: MakeWorld):
    world = make_world(Limits(control_queue=4, control_rate=4))
    client, peer = world.client(), world.peer()
    allocation = world.allocate(client)
    allocation.permit(peer)
    allocation.bind(0x4001, peer.address)
    for number in range(200):
        client.write(BINDING)
        allocation.send(0x4001, b"%d" % number)
        assert peer.hear()[0] == b"%d" % number


def test_several_listeners_are_served_each_by_its_own_link(world: World):
    more = [sockets.listen_datagrams(Address.of(host, 0))[0] for host in ("127.0.0.1", "::1")]
    links = [world.plane.listen(0, listener) for listener in more]
    assert len({world.link, *links}) == 3
    for listener, link in zip(more, links, strict=True):
        with socket.socket(listener.family, socket.SOCK_DGRAM) as client:
            client.settimeout(PATIENCE)
            client.bind((listener.getsockname()[0], 0))
            client.connect(listener.getsockname())
            client.send(BINDING)
            heard = world.control()
            assert isinstance(heard, Datagram)
            assert (heard.link, heard.remote) == (link, sockets.local_address(client))
            world.plane.send(link, heard.remote, BINDING)
            assert client.recv(2048) == BINDING
            # The same client address at another listener is another client.
            relay = sockets.bind_relay(sockets.local_address(listener)._replace(port=0))
            world.plane.open(link, link, heard.remote, [relay], 0)
            peer = world.peer(listener.getsockname()[0])
            world.plane.permit(link, peer.address.host)
            client.send(frames.send_indication(peer.address, b"hello"))
            assert peer.hear()[0] == b"hello"
            peer.say(sockets.local_address(relay), b"hello")
            assert frames.read(client.recv(2048)) == frames.Data(peer.address, b"hello")
            for one in world.plane.close(link)[1]:
                one.close()
    world.plane.stop()
    for listener in more:
        listener.close()
