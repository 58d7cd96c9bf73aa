"""ChannelData both ways (RFC 8656 section 12), over UDP and TCP, with a sibling and without."""

import socket

import pytest

from tests.turn.plane.conftest import Client, MakeWorld, World, passes, wait_until_forbidden
from tests.turn.plane.frames import ChannelData, Data, channel_data, send_indication
from turn.plane import sockets
from turn.plane.base import Limits

CHANNEL = 0x4001
SIBLING = pytest.mark.parametrize("with_sibling", [True, False], ids=["sibling", "relay"])


@SIBLING
@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 160, 1472, 60_000])
def test_data_of_any_size_goes_both_ways(world: World, client: Client, with_sibling: bool, size: int):
    peer, allocation = world.peer(), world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address, with_sibling)
    data = bytes(number * 7 & 0xFF for number in range(size))
    allocation.send(CHANNEL, data)
    assert peer.hear() == (data, allocation.address)
    peer.say(allocation.address, data)
    assert client.read() == ChannelData(CHANNEL, data)
    passes(allocation, CHANNEL, peer)


@SIBLING
def test_a_channel_is_no_permission(world: World, client: Client, with_sibling: bool):
    peer, allocation = world.peer(), world.allocate(client)
    allocation.bind(CHANNEL, peer.address, with_sibling)
    allocation.send(CHANNEL, b"too early")
    peer.say(allocation.address, b"too early")
    world.settled(client)
    wait_until_forbidden(world, 2)
    allocation.permit(peer)
    passes(allocation, CHANNEL, peer)
    allocation.forbid(peer)
    allocation.send(CHANNEL, b"too late")
    peer.say(allocation.address, b"too late")
    world.settled(client)
    wait_until_forbidden(world, 4)
    allocation.permit(peer)
    passes(allocation, CHANNEL, peer)


def test_trailing_bytes_of_a_datagram_are_not_passed_on(world: World):
    client, peer = world.client(), world.peer()
    allocation = world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)
    client.write(channel_data(CHANNEL, b"hello", b"\0\0\0"))
    client.write(channel_data(CHANNEL, b"hello", b"trailing bytes of any length"))
    assert [peer.hear()[0] for _ in range(2)] == [b"hello", b"hello"]


def test_a_length_beyond_the_datagram_is_dropped(world: World):
    client, peer = world.client(), world.peer()
    allocation = world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)
    whole = channel_data(CHANNEL, b"hello")
    for size in range(len(whole)):
        client.write(whole[:size])
    passes(allocation, CHANNEL, peer)
    assert world.plane.counters().malformed == len(whole)
    assert world.plane.usage(allocation.number).packets_up == 1


def test_what_came_before_does_not_complete_a_short_datagram(world: World):
    client, peer = world.client(), world.peer()
    allocation = world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)
    for _ in range(100):  # each place of a batch has held a whole one
        client.write(channel_data(CHANNEL, b"secret"))
    assert {peer.hear()[0] for _ in range(100)} == {b"secret"}
    for size in (0, 1, 2, 3, 4, 9):
        client.write(channel_data(CHANNEL, b"secret")[:size])
    passes(allocation, CHANNEL, peer)


def test_an_unbound_channel_is_dropped(world: World, client: Client):
    peer, allocation = world.peer(), world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)
    for number in (0x4000, 0x4002, 0x4FFF, 0x7FFF):
        allocation.send(number, b"nobody's")
    passes(allocation, CHANNEL, peer)
    assert world.plane.counters().unknown == 4


def test_a_client_without_allocation_has_no_channels(world: World, client: Client):
    peer, allocation = world.peer(), world.allocate(world.client())
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)
    client.write(channel_data(CHANNEL, b"not  his"))
    client.write(send_indication(peer.address, b"not  his"))
    world.settled(client)
    passes(allocation, CHANNEL, peer)
    assert world.plane.counters().unknown == 2


@SIBLING
def test_an_unbound_channels_peer_speaks_by_indications(world: World, client: Client, with_sibling: bool):
    peer, allocation = world.peer(), world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address, with_sibling)
    passes(allocation, CHANNEL, peer)
    sibling = world.plane.unbind(allocation.number, CHANNEL)
    assert (sibling is not None) is with_sibling
    if sibling is not None:
        sibling.close()
    peer.say(allocation.address, b"still permitted")
    assert client.read() == Data(peer.address, b"still permitted")
    allocation.send(CHANNEL, b"into nothing")
    client.write(send_indication(peer.address, b"marker"))
    assert peer.hear()[0] == b"marker"
    allocation.bind(CHANNEL + 1, peer.address, with_sibling)
    passes(allocation, CHANNEL + 1, peer)


def test_a_channel_bound_again_is_renewed(world: World, client: Client):
    peer, allocation = world.peer(), world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)
    passes(allocation, CHANNEL, peer)
    allocation.bind(CHANNEL, peer.address, with_sibling=False)
    passes(allocation, CHANNEL, peer)
    _, returned = allocation.close()
    assert len(returned) == 2


def test_a_sibling_may_come_later(world: World, client: Client):
    peer, allocation = world.peer(), world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address, with_sibling=False)
    passes(allocation, CHANNEL, peer)
    allocation.bind(CHANNEL, peer.address, with_sibling=True)
    passes(allocation, CHANNEL, peer)


def test_many_channels_of_one_client_are_told_apart(world: World, client: Client):
    allocation = world.allocate(client)
    peers = [world.peer() for _ in range(20)]
    allocation.permit(peers[0])
    for number, peer in enumerate(peers):
        allocation.bind(CHANNEL + number, peer.address, with_sibling=number % 3 != 0)
    for number, peer in enumerate(peers):
        passes(allocation, CHANNEL + number, peer)


def test_one_number_means_another_peer_to_each_client(world: World):
    pairs = []
    for transport in ("udp", "udp", "tcp", "tcp"):
        peer, allocation = world.peer(), world.allocate(world.client(transport))
        allocation.permit(peer)
        allocation.bind(CHANNEL, peer.address)
        pairs.append((allocation, peer))
    for allocation, peer in pairs * 2:
        passes(allocation, CHANNEL, peer)


@pytest.mark.parametrize("known", [True, False], ids=["permitted", "stranger"])
def test_what_fell_into_a_sibling_before_it_was_connected_is_checked(world: World, client: Client, known: bool):
    peer, other, allocation = world.peer(), world.peer(), world.allocate(client)
    relay = allocation.relays[0]
    sibling = socket.socket(relay.family, socket.SOCK_DGRAM)
    sibling.setblocking(False)
    for one in (relay, sibling):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sibling.bind(relay.getsockname())
    relay.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    other.say(allocation.address, b"from another")
    peer.say(allocation.address, b"from the peer")
    assert sibling.recv(1, socket.MSG_PEEK) == b"f"
    sibling.connect(sockets.to_sockaddr(peer.address))
    if known:
        allocation.permit(other)
    world.plane.bind(allocation.number, CHANNEL, peer.address, sibling)
    if known:
        assert client.read() == Data(other.address, b"from another")
        assert client.read() == ChannelData(CHANNEL, b"from the peer")
    else:
        wait_until_forbidden(world, 2)
    allocation.permit(peer)
    passes(allocation, CHANNEL, peer)


@SIBLING
def test_a_closed_port_takes_no_later_packet_with_it(world: World, client: Client, with_sibling: bool):
    peer, allocation = world.peer(), world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address, with_sibling)
    port = peer.address.port
    peer.socket.close()
    for _ in range(3):
        allocation.send(CHANNEL, b"refused")
        world.settled(client)
    back = world.peer(port=port)
    for _ in range(3):
        passes(allocation, CHANNEL, back)


def test_a_burst_arrives_whole_and_in_order(world: World, client: Client):
    peer, allocation = world.peer(), world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)
    for round_ in range(5):
        for number in range(100):
            allocation.send(CHANNEL, b"%d %d" % (round_, number))
            peer.say(allocation.address, b"%d %d" % (round_, number))
        for number in range(100):
            assert peer.hear()[0] == b"%d %d" % (round_, number)
            assert client.read() == ChannelData(CHANNEL, b"%d %d" % (round_, number))


@pytest.mark.parametrize("coalesce", [0.0, 0.005])
def test_waiting_for_more_packets_loses_none(make_world: MakeWorld, coalesce: float):
    world = make_world(Limits(coalesce=coalesce))
    peer, allocation = world.peer(), world.allocate(world.client())
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)
    for _ in range(200):
        passes(allocation, CHANNEL, peer)
