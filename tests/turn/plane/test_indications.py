"""Send and Data indications (RFC 8656 sections 11.1 to 11.6)."""

import socket

import pytest

from tests.conftest import PATIENCE
from tests.turn.plane import frames
from tests.turn.plane.conftest import Client, World, wait_until_forbidden
from tests.turn.plane.frames import ChannelData, Data, message, send_indication, with_fingerprint
from turn.words import Address

CHANNEL = 0x4001
SOFTWARE, UNKNOWN_OPTIONAL, UNKNOWN_REQUIRED, USERNAME = 0x8022, 0xBEEF, 0x7ABC, 0x0006


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 160, 1400, 60_000])
def test_data_of_any_size_goes_both_ways(world: World, client: Client, size: int):
    peer, allocation = world.peer(), world.allocate(client)
    allocation.permit(peer)
    data = bytes(number * 11 & 0xFF for number in range(size))
    client.write(send_indication(peer.address, data))
    assert peer.hear() == (data, allocation.address)
    peer.say(allocation.address, data)
    assert client.read() == Data(peer.address, data)


def test_several_peers_of_one_address_are_told_apart(world: World, client: Client):
    allocation, peers = world.allocate(client), [world.peer() for _ in range(5)]
    allocation.permit(peers[0])
    allocation.bind(CHANNEL, peers[0].address)
    for number, peer in enumerate(peers * 3):
        client.write(send_indication(peer.address, b"to %d" % number))
        assert peer.hear()[0] == b"to %d" % number
        peer.say(allocation.address, b"from %d" % number)
        expected = Data(peer.address, b"from %d" % number)
        assert client.read() == (ChannelData(CHANNEL, expected.data) if peer is peers[0] else expected)


def test_more_peers_than_are_remembered(world: World):
    client = world.client()
    allocation, peers = world.allocate(client), [world.peer() for _ in range(300)]
    allocation.permit(peers[0])
    for number, peer in enumerate([*peers, *peers[:5], *peers[-5:]]):
        client.write(send_indication(peer.address, b"to %d" % number))
        assert peer.hear()[0] == b"to %d" % number
        peer.say(allocation.address, b"from %d" % number)
        assert client.read() == Data(peer.address, b"from %d" % number)


@pytest.mark.parametrize(
    "sent",
    [
        lambda peer: send_indication(peer, b"good", (SOFTWARE, b"tests")),
        lambda peer: send_indication(peer, b"good", (UNKNOWN_OPTIONAL, b"")),
        lambda peer: send_indication(peer, b"good", (USERNAME, b"known, and of no use here")),
        lambda peer: send_indication(peer, b"good", before=((SOFTWARE, b"tests"),)),
        lambda peer: with_fingerprint(send_indication(peer, b"good")),
        lambda peer: send_indication(peer, b"good", (frames.DATA, b"a second one")),
        lambda peer: send_indication(peer, b"good", frames.peer_attribute(peer._replace(port=9), bytes(12))),
        lambda peer: send_indication(peer, b"good", (frames.DONT_FRAGMENT, b"")),
        lambda peer: send_indication(peer, b"good", (frames.MESSAGE_INTEGRITY, bytes(20)), (UNKNOWN_REQUIRED, b"")),
    ],
    ids=["software", "optional", "known", "order", "fingerprint", "two-data", "two-peers", "dont-fragment", "behind-integrity"],
)
def test_what_is_passed_on(world: World, client: Client, sent):
    peer, allocation = world.peer(), world.allocate(client)
    allocation.permit(peer)
    client.write(sent(peer.address))
    assert peer.hear() == (b"good", allocation.address)


TRANSACTION = bytes(range(12))


@pytest.mark.parametrize(
    "sent",
    [
        lambda peer: send_indication(peer, b"bad", (UNKNOWN_REQUIRED, b"")),
        lambda peer: send_indication(peer, b"bad", before=((UNKNOWN_REQUIRED, b"four"),)),
        lambda peer: with_fingerprint(send_indication(peer, b"bad"), wrong=1),
        lambda peer: message(frames.SEND, frames.peer_attribute(peer, TRANSACTION), transaction=TRANSACTION),
        lambda peer: message(frames.SEND, (frames.DATA, b"bad")),
        lambda peer: message(frames.SEND),
        lambda peer: message(frames.SEND, (frames.PEER, b"\0\1\0\1\1\2\3"), (frames.DATA, b"bad")),
        lambda peer: message(frames.SEND, (frames.PEER, b"\0\3\0\1\1\2\3\4"), (frames.DATA, b"bad")),
        lambda peer: message(frames.SEND, (frames.PEER, b"\0\2\0\1\1\2\3\4"), (frames.DATA, b"bad")),
        lambda peer: message(frames.SEND, (frames.PEER, b""), (frames.DATA, b"bad")),
        lambda peer: send_indication(peer, b"bad").replace(b"\0\x13\0\3", b"\0\x13\xff\xff"),
    ],
    ids=[
        *("unknown", "unknown-first", "wrong-fingerprint", "no-data", "no-peer", "nothing", "short-peer", "no-family"),
        *("family-and-size", "empty-peer", "value-past-the-end"),
    ],
)
def test_what_is_dropped_without_a_word(world: World, client: Client, sent):
    peer, allocation = world.peer(), world.allocate(client)
    allocation.permit(peer)
    client.write(sent(peer.address))
    world.settled(client)
    client.write(send_indication(peer.address, b"marker"))
    assert peer.hear()[0] == b"marker"
    assert world.plane.counters().malformed == 1
    assert world.plane.usage(allocation.number).packets_up == 1


def test_a_peer_without_permission_is_not_reached_and_not_heard(world: World, client: Client):
    peer, allocation = world.peer(), world.allocate(client)
    client.write(send_indication(peer.address, b"too early"))
    peer.say(allocation.address, b"too early")
    world.settled(client)
    wait_until_forbidden(world, 2)
    allocation.permit(peer)
    client.write(send_indication(peer.address, b"in time"))
    peer.say(allocation.address, b"in time")
    assert peer.hear()[0] == b"in time"
    assert client.read() == Data(peer.address, b"in time")
    allocation.forbid(peer)
    client.write(send_indication(peer.address, b"too late"))
    world.settled(client)
    assert peer.heard_nothing()


def test_permission_is_of_an_address_not_of_another(world: World, client: Client):
    if world.host != "127.0.0.1":
        pytest.skip("loopback has one IPv6 address")
    peer, other, allocation = world.peer(), world.peer("127.0.0.9"), world.allocate(client)
    allocation.permit(peer)
    client.write(send_indication(other.address, b"to another"))
    other.say(allocation.address, b"from another")
    peer.say(allocation.address, b"marker")
    client.write(send_indication(peer.address, b"marker"))
    assert client.read() == Data(peer.address, b"marker")
    assert peer.hear()[0] == b"marker"
    assert other.heard_nothing()
    allocation.permit(other)
    allocation.forbid(peer)
    client.write(send_indication(other.address, b"now"))
    assert other.hear()[0] == b"now"


def test_dont_fragment_is_of_its_packet_alone(world: World):
    if world.host != "127.0.0.1":
        pytest.skip("IPv6 has no such bit")
    try:
        wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    except PermissionError:
        pytest.skip("only root sees headers")
    client, peer = world.client(), world.peer("127.0.0.77")
    wire.bind(("127.0.0.77", 0))
    wire.settimeout(PATIENCE)
    allocation = world.allocate(client)
    allocation.permit(peer)
    with wire:
        for wanted in (False, True, False):
            more = ((frames.DONT_FRAGMENT, b""),) if wanted else ()
            client.write(send_indication(peer.address, b"whole", *more))
            while int.from_bytes((header := wire.recv(65_536))[22:24]) != peer.address.port:
                pass  # another test's: it sees all that comes to this host
            assert bool(header[6] & 0x40) is wanted
            assert peer.hear()[0] == b"whole"


def test_a_port_nobody_can_send_to_harms_nobody(world: World, client: Client):
    peer, allocation = world.peer(), world.allocate(client)
    allocation.permit(peer)
    client.write(send_indication(peer.address._replace(port=0), b"nowhere"))
    client.write(send_indication(peer.address, b"marker"))
    assert peer.hear()[0] == b"marker"
    assert world.plane.counters().unsent == 1
    assert world.plane.usage(allocation.number).packets_up == 1


def test_data_indications_have_no_guessable_transaction(world: World):
    client, seen = world.client(), set()
    for _ in range(4):
        peer, allocation = world.peer(), world.allocate(client)
        allocation.permit(peer)
        peer.say(allocation.address, b"hello")
        client.socket.settimeout(PATIENCE)
        seen.add(client.socket.recv(2048)[8:20])
        allocation.close()
    assert len(seen) == 4


def test_an_address_of_the_other_family_is_dropped(world: World, client: Client):
    peer, allocation = world.peer(), world.allocate(client)
    other = world.peer("::1" if world.host == "127.0.0.1" else "127.0.0.1")
    allocation.permit(peer, other)
    client.write(send_indication(other.address, b"no relay of that family"))
    client.write(send_indication(Address(other.address.host, 1), b"no relay of that family"))
    client.write(send_indication(peer.address, b"marker"))
    assert peer.hear()[0] == b"marker"
    assert other.heard_nothing()
    assert world.plane.counters().forbidden == 2
