"""Both families, our own addresses, and what is left when an allocation ends."""

import pytest

from tests.turn.plane.conftest import Allocation, Client, World, passes
from tests.turn.plane.frames import ChannelData, Data, send_indication
from turn.words import Address

CHANNEL = 0x4001
HOSTS = ("127.0.0.1", "::1")
TOLD = {"127.0.0.1": "203.0.113.7", "::1": "2001:db8::7"}


def test_one_allocation_relays_for_both_families(world: World, client: Client):
    allocation = world.allocate(client, *HOSTS)
    peers = [world.peer(host) for host in HOSTS]
    allocation.permit(*peers)
    for peer, relay in zip(peers, allocation.addresses, strict=True):
        client.write(send_indication(peer.address, b"hello"))
        assert peer.hear() == (b"hello", relay)
        peer.say(relay, b"hello")
        assert client.read() == Data(peer.address, b"hello")


def test_a_narrowed_allocation_goes_on_with_the_other_family(world: World, client: Client):
    allocation = world.allocate(client, *HOSTS)
    staying, going = (world.peer(host) for host in HOSTS)
    allocation.permit(staying, going)
    allocation.bind(CHANNEL, staying.address)
    allocation.bind(CHANNEL + 1, going.address)
    allocation.bind(CHANNEL + 2, world.peer(HOSTS[1]).address, with_sibling=False)
    world.plane.narrow(allocation.number, allocation.relays[1])
    allocation.relays[1].close()
    client.write(send_indication(going.address, b"gone"))
    allocation.send(CHANNEL + 1, b"gone")
    allocation.send(CHANNEL + 2, b"gone")
    going.say(allocation.addresses[1], b"gone")
    world.settled(client)
    assert going.heard_nothing()
    passes(allocation, CHANNEL, staying)
    _, returned = allocation.close()
    assert allocation.relays[0] in returned
    assert allocation.relays[1] not in returned


def pair(world: World, client: Client) -> tuple[Allocation, Allocation, Address, Address]:
    """Two allocations and how each is known to the other: we are behind a 1:1 NAT."""
    told = Address.of(TOLD[world.host], 0).host
    world.plane.own(Address.of(world.host, 0).host, told)
    ours, theirs = world.allocate(client), world.allocate(world.client())
    for allocation in (ours, theirs):
        world.plane.permit(allocation.number, told)
    return ours, theirs, ours.address._replace(host=told), theirs.address._replace(host=told)


def test_two_clients_of_one_relay_meet_at_its_outer_address(world: World, client: Client):
    _, theirs, our_name, their_name = pair(world, client)
    client.write(send_indication(their_name, b"hello"))
    assert theirs.client.read() == Data(our_name, b"hello")
    theirs.client.write(send_indication(our_name, b"hello yourself"))
    assert client.read() == Data(their_name, b"hello yourself")


@pytest.mark.parametrize("with_sibling", [True, False], ids=["sibling", "relay"])
def test_two_clients_of_one_relay_meet_by_channels(world: World, client: Client, with_sibling: bool):
    ours, theirs, our_name, their_name = pair(world, client)
    ours.bind(CHANNEL, their_name, with_sibling, toward=theirs.address)
    theirs.bind(CHANNEL + 1, our_name, with_sibling, toward=ours.address)
    for _ in range(3):
        ours.send(CHANNEL, b"hello")
        assert theirs.client.read() == ChannelData(CHANNEL + 1, b"hello")
        theirs.send(CHANNEL + 1, b"hello yourself")
        assert client.read() == ChannelData(CHANNEL, b"hello yourself")


@pytest.mark.parametrize("with_sibling", [True, False], ids=["sibling", "relay"])
def test_another_programs_port_on_our_address_is_never_reached(world: World, client: Client, with_sibling: bool):
    ours, theirs, _, their_name = pair(world, client)
    program = world.peer()
    inner = program.address.host
    world.plane.permit(ours.number, inner)
    for number, host in enumerate((inner, their_name.host)):
        named = Address(host, program.address.port)
        ours.bind(CHANNEL + number, named, with_sibling=False)
        client.write(send_indication(named, b"to a program"))
        ours.send(CHANNEL + number, b"to a program")
    ours.bind(CHANNEL + 9, their_name, with_sibling, toward=theirs.address)
    ours.send(CHANNEL + 9, b"to a relay")
    assert theirs.client.read() == Data(ours.address._replace(host=their_name.host), b"to a relay")
    world.settled(client)
    assert program.heard_nothing()
    theirs.client.write(send_indication(ours.address._replace(host=their_name.host), b"marker"))
    assert client.read() == ChannelData(CHANNEL + 9, b"marker")
    # The other client leaves, and a program takes his port.
    port = theirs.address.port
    theirs.close()
    heir = world.peer(port=port)
    ours.send(CHANNEL + 9, b"to a program")
    client.write(send_indication(their_name, b"to a program"))
    world.settled(client)
    assert heir.heard_nothing()
    # It leaves, too, and the port is a relay's again.
    heir.socket.close()
    third = world.client()
    again = world.peer(port=port)
    world.plane.open(99, third.link, third.remote, [again.socket], 0)
    world.plane.permit(99, their_name.host)
    ours.send(CHANNEL + 9, b"to a relay")
    assert third.read() == Data(ours.address._replace(host=their_name.host), b"to a relay")
    world.plane.close(99)


def test_another_program_on_our_address_is_not_heard(world: World, client: Client):
    ours, theirs, our_name, their_name = pair(world, client)
    program = world.peer()
    program.say(ours.address, b"from a program")
    theirs.client.write(send_indication(our_name, b"from a relay"))
    assert client.read() == Data(their_name, b"from a relay")


def test_closing_returns_every_socket_and_relays_no_more(world: World, client: Client):
    peer, other, allocation = world.peer(), world.peer(), world.allocate(client, *HOSTS)
    allocation.permit(peer)
    own = allocation.addresses[HOSTS.index(world.host)]
    allocation.bind(CHANNEL, peer.address)
    allocation.bind(CHANNEL + 1, other.address, with_sibling=False)
    allocation.bind(CHANNEL + 2, world.peer().address)
    allocation.send(CHANNEL, b"hello")
    assert peer.hear()[0] == b"hello"
    usage, returned = world.plane.close(allocation.number)
    assert usage.packets_up == 1
    assert len(returned) == len({one.fileno() for one in returned}) == 4
    assert set(allocation.relays) < set(returned)
    allocation.send(CHANNEL, b"too late")
    client.write(send_indication(peer.address, b"too late"))
    peer.say(own, b"too late")
    world.settled(client)
    assert peer.heard_nothing()
    for one in returned:
        assert one.fileno() >= 0, "closed by who opened it"
        one.close()
    passes(bound(world, client, peer), CHANNEL, peer)


def bound(world: World, client: Client, peer) -> Allocation:
    allocation = world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)
    return allocation


def test_descriptors_and_clients_come_back_as_others(world: World):
    bystander, stays = world.client(), world.peer()
    kept = bound(world, bystander, stays)
    for round_ in range(30):
        client, peer = world.client("tcp" if round_ % 3 == 0 else "udp"), world.peer()
        allocation = bound(world, client, peer)
        passes(allocation, CHANNEL, peer)
        peer.say(allocation.address, b"on its way when all is closed")
        allocation.close()
        if client.stream:
            world.plane.hang_up(client.link)
        passes(kept, CHANNEL, stays)


def test_a_client_that_comes_back_begins_anew(world: World, client: Client):
    peer, first = world.peer(), world.allocate(client)
    first.permit(peer)
    first.bind(CHANNEL, peer.address)
    passes(first, CHANNEL, peer)
    first.close()
    second = world.allocate(client)
    second.send(CHANNEL, b"a channel of the first")
    client.write(send_indication(peer.address, b"a permission of the first"))
    world.settled(client)
    assert peer.heard_nothing()
    assert world.plane.usage(second.number) == (0, 0, 0, 0)


def test_stopping_lets_go_of_everything(world: World):
    peer = world.peer()
    allocation = bound(world, world.client(), peer)
    passes(allocation, CHANNEL, peer)
    world.plane.stop()
    allocation.send(CHANNEL, b"nobody there")
    assert peer.heard_nothing()
    usage, returned = allocation.close()
    assert (usage.packets_up, usage.packets_down, len(returned)) == (1, 1, 2)
