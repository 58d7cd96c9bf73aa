"""What is counted: usage to the byte, and what goes beyond the bandwidth."""

import socket

from tests.turn.plane.conftest import Client, World, passes, until
from tests.turn.plane.frames import send_indication
from turn.words import Usage

CHANNEL = 0x4001


def test_usage_counts_application_data_to_the_byte(world: World, client: Client):
    by_channel, by_relay, other = world.peer(), world.peer(), world.peer()
    allocation = world.allocate(client)
    allocation.permit(other)
    allocation.bind(CHANNEL, by_channel.address)
    allocation.bind(CHANNEL + 1, by_relay.address, with_sibling=False)
    up = down = 0
    for number, peer in enumerate([by_channel, by_relay, other] * 7):
        data = bytes(number * 13)
        if peer is other:
            client.write(send_indication(peer.address, data))
        else:
            allocation.send(CHANNEL + (peer is by_relay), data)
        assert peer.hear()[0] == data
        peer.say(allocation.address, data[:5])
        assert client.read().data == data[:5]
        up, down = up + len(data), down + len(data[:5])
    client.write(send_indication(other.address._replace(host=bytes(len(other.address.host))), b"forbidden"))
    allocation.send(CHANNEL + 2, b"unbound")
    world.settled(client)
    expected = Usage(21, up, 21, down)
    assert world.plane.usage(allocation.number) == expected
    sibling = world.plane.unbind(allocation.number, CHANNEL)
    assert sibling is not None
    sibling.close()
    assert world.plane.usage(allocation.number) == expected
    assert allocation.close()[0] == expected


def test_usage_is_of_one_allocation(world: World):
    busy, idle, peer = world.allocate(world.client()), world.allocate(world.client()), world.peer()
    busy.permit(peer)
    busy.bind(CHANNEL, peer.address)
    for _ in range(3):
        passes(busy, CHANNEL, peer)
    assert world.plane.usage(busy.number) == Usage(3, 480, 3, 480)
    assert world.plane.usage(idle.number) == Usage()


def test_a_seconds_worth_may_pass_at_once_and_no_more(world: World, client: Client):
    peer, free = world.peer(), world.peer()
    capped, neighbour = world.allocate(client, bytes_per_second=10_000), world.allocate(world.client())
    for allocation, to in ((capped, peer), (neighbour, free)):
        allocation.permit(to)
        allocation.bind(CHANNEL, to.address)
    for _ in range(10):
        capped.send(CHANNEL, bytes(5000))
        client.write(send_indication(peer.address, bytes(5000)))
        peer.say(capped.address, bytes(5000))
    world.settled(client)
    passes(neighbour, CHANNEL, free)
    until(lambda: sum(world.plane.usage(capped.number)[::2]) + world.plane.counters().over_bandwidth == 30)
    counted = world.plane.counters().over_bandwidth
    usage = world.plane.usage(capped.number)
    assert usage.bytes_up == usage.packets_up * 5000
    assert usage.bytes_down == usage.packets_down * 5000
    assert usage.packets_up >= 2, "each direction by itself"
    assert usage.packets_down >= 2
    assert counted == 30 - usage.packets_up - usage.packets_down
    assert counted >= 10


def test_bandwidth_comes_back(world: World, client: Client):
    peer, allocation = world.peer(), world.allocate(client, bytes_per_second=100_000)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)
    while not world.plane.counters().over_bandwidth:
        allocation.send(CHANNEL, bytes(1000))
    before = world.plane.usage(allocation.number).packets_up
    while world.plane.usage(allocation.number).packets_up < before + 3:
        allocation.send(CHANNEL, bytes(1000))


def test_what_is_too_long_for_the_way_is_counted_unsent(world: World):
    client, peer = world.client(), world.peer()
    allocation = world.allocate(client)
    allocation.permit(peer)
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    longest = 65_507 if world.host == "127.0.0.1" else 65_527
    peer.say(allocation.address, bytes(longest))  # no room for a header before it
    peer.say(allocation.address, b"marker")
    assert client.read().data == b"marker"
    assert world.plane.counters().unsent == 1
    assert world.plane.usage(allocation.number) == Usage(0, 0, 1, 6)
