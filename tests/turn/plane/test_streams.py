"""Clients over a stream: framing, slow readers, and how it ends (RFC 8656 section 12.5, RFC 8489 section 6.2.2)."""

import random
import select
import socket

import pytest

from tests.conftest import PATIENCE
from tests.turn.plane import frames
from tests.turn.plane.conftest import Allocation, MakeWorld, Peer, StreamClient, World, passes
from tests.turn.plane.frames import ChannelData, channel_data, message, send_indication
from turn.plane.base import LONGEST_CONTROL, Datagram, HungUp, Limits

CHANNEL = 0x4001
GARBAGE = [
    b"\x80\x00\x00\x00",
    b"\xff",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/1.1\r\nHost: relay\r\n\r\n"[4:],
    message(frames.BINDING).replace(frames.COOKIE.to_bytes(4, "big"), b"\x21\x12\xa4\x43"),
    b"\x00\x01\x00\x02" + message(frames.BINDING)[4:],
    message(frames.BINDING, (0x8022, bytes(LONGEST_CONTROL))),
]


@pytest.fixture
def stream(world: World) -> StreamClient:
    return world.client("tcp")  # type: ignore[return-value]


def bound(world: World, client, peer: Peer) -> Allocation:
    allocation = world.allocate(client)
    allocation.permit(peer)
    allocation.bind(CHANNEL, peer.address)
    return allocation


def mixed(peer: Peer) -> tuple[bytes, list[bytes], list[bytes]]:
    """A stream's bytes, what of them is for the peer, and what for the control side."""
    controls = [message(frames.BINDING), message(frames.BINDING, (0x8022, b"tests")), message(0x0003)]
    parts = [
        channel_data(CHANNEL, b""),
        channel_data(CHANNEL, b"a", b"\0\0\0"),
        controls[0],
        send_indication(peer.address, b"four"),
        channel_data(CHANNEL, b"abcde", b"xyz"),
        controls[1],
        channel_data(CHANNEL, bytes(1200)),
        controls[2],
        send_indication(peer.address, bytes(9000)),
    ]
    return b"".join(parts), [b"", b"a", b"four", b"abcde", bytes(1200), bytes(9000)], controls


@pytest.mark.parametrize("cut", ["whole", "bytes", "random"])
def test_frames_come_out_however_the_stream_is_cut(world: World, stream: StreamClient, cut: str):
    peer = world.peer()
    bound(world, stream, peer)
    data, for_peer, controls = mixed(peer)
    stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    at = 0
    while at < len(data):
        step = {"whole": len(data), "bytes": 1 if at < 400 else 500, "random": random.randint(1, 700)}[cut]
        stream.write(data[at : at + step])
        at += step
    assert [peer.hear()[0] for _ in for_peer] == for_peer
    assert [world.control() for _ in controls] == [Datagram(stream.link, stream.remote, one) for one in controls]


def test_control_messages_go_both_ways(world: World, stream: StreamClient):
    request, answer = message(frames.BINDING), message(0x0101, (0x8022, b"answer"))
    stream.write(request)
    assert world.control() == Datagram(stream.link, stream.remote, request)
    world.plane.send(stream.link, stream.remote, answer)
    assert stream.read() == answer


def test_the_longest_control_message(world: World, stream: StreamClient):
    longest = message(frames.BINDING, (0x8022, bytes(LONGEST_CONTROL - 24)))
    assert len(longest) == LONGEST_CONTROL
    stream.write(longest)
    assert world.control() == Datagram(stream.link, stream.remote, longest)


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_ends_that_stream_alone(world: World, stream: StreamClient, garbage: bytes):
    peer, other = world.peer(), world.peer()
    allocation = bound(world, stream, peer)
    passes(allocation, CHANNEL, peer)
    neighbour = bound(world, world.client("tcp"), other)
    stream.write(channel_data(CHANNEL, b"last") + garbage)
    assert peer.hear()[0] == b"last"
    assert world.control() == HungUp(stream.link)
    assert world.plane.counters().malformed == 1
    passes(neighbour, CHANNEL, other)
    peer.say(allocation.address, b"nobody listens")
    world.plane.hang_up(stream.link)
    passes(neighbour, CHANNEL, other)
    assert not world.has_control()


def test_who_hangs_up_is_reported_once_behind_what_he_said(world: World, stream: StreamClient):
    peer = world.peer()
    allocation = bound(world, stream, peer)
    request = message(frames.BINDING)
    stream.write(request + channel_data(CHANNEL, b"half")[:5])
    stream.socket.shutdown(socket.SHUT_WR)
    assert world.control() == Datagram(stream.link, stream.remote, request)
    assert world.control() == HungUp(stream.link)
    peer.say(allocation.address, b"to nobody")
    world.settled(world.client())
    assert not world.has_control()
    world.plane.send(stream.link, stream.remote, request)
    world.plane.hang_up(stream.link)
    allocation.close()


def test_a_reset_is_a_hang_up(world: World, stream: StreamClient):
    bound(world, stream, world.peer())
    world.settled(stream)
    stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    stream.socket.close()
    assert world.control() == HungUp(stream.link)


def test_hanging_up_is_not_reported_back(world: World, stream: StreamClient):
    peer = world.peer()
    allocation = bound(world, stream, peer)
    answer = message(0x0101)
    world.plane.send(stream.link, stream.remote, answer)
    world.plane.hang_up(stream.link)
    assert stream.read() == answer
    stream.socket.close()
    peer.say(allocation.address, b"to nobody")
    world.settled(world.client("tcp"))
    assert not world.has_control()
    world.plane.hang_up(stream.link)


def test_it_is_told_how_much_was_read_and_the_rest_is_left_to_others(world: World):
    outer, served = world.connection()
    link = world.plane.adopt(served)
    said = message(frames.BINDING) + message(frames.BINDING, (0x8022, b"tests")) + b"\0\1"
    outer.sendall(said[:30])
    assert isinstance(world.control(), Datagram)
    outer.sendall(said[30:])
    assert isinstance(world.control(), Datagram)
    assert world.plane.hang_up(link) == len(said)
    assert world.plane.hang_up(link) == 0
    outer.sendall(b"behind")
    served.setblocking(True)
    assert served.recv(100) == b"behind"


def test_hanging_up_takes_a_report_back_that_nobody_read(world: World, stream: StreamClient):
    stream.socket.close()
    select.select([world.plane.fileno()], [], [], 15)
    world.plane.hang_up(stream.link)
    world.settled(world.client())


@pytest.mark.parametrize("sent", [1, 4, 6, 19])
@pytest.mark.parametrize("kind", ["channel", "message"])
def test_a_half_sent_frame_is_not_waited_for_long(make_world: MakeWorld, kind: str, sent: int):
    world = make_world(Limits(first_patience=0.2, stream_patience=600))
    stranger, holder, peer = world.client("tcp"), world.client("tcp"), world.peer()
    allocation = bound(world, holder, peer)
    frame = channel_data(CHANNEL, b"hello, peer, are you there") + b"\0\0" if kind == "channel" else message(frames.BINDING)
    for one in (holder, stranger):
        one.write(frame[:sent])
    assert world.control() == HungUp(stranger.link)
    holder.write(frame[sent:])
    if kind == "channel":
        assert peer.hear()[0] == b"hello, peer, are you there"
    else:
        assert world.control() == Datagram(holder.link, holder.remote, frame)
    passes(allocation, CHANNEL, peer)


def test_a_dribble_is_no_progress(make_world: MakeWorld):
    world = make_world(Limits(first_patience=0.2))
    stream = world.client("tcp")
    stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    frame = channel_data(CHANNEL, bytes(60_000))
    sent = 0
    while not world.has_control() and sent < len(frame):
        stream.write(frame[sent : sent + 1])
        sent += 1
        select.select([world.plane.fileno()], [], [], 0.02)
    assert world.control() == HungUp(stream.link)


def test_the_holder_of_an_allocation_has_more_patience_but_no_end_of_it(make_world: MakeWorld):
    world = make_world(Limits(first_patience=600, stream_patience=0.2))
    stream = world.client("tcp")
    allocation = bound(world, stream, world.peer())
    stream.write(b"\x40")
    assert world.control() == HungUp(stream.link)
    allocation.close()


def flooded(world: World, allocation: Allocation, peer: Peer) -> None:
    """Its reader stands still, and media has been dropped."""
    for sent in range(100_000):
        peer.say(allocation.address, bytes(1200))
        if sent % 50 == 0 and world.plane.counters().slow:
            return
    raise AssertionError("there is no end to what waits for it")


def test_a_slow_reader_loses_media_but_neither_control_nor_the_stream(make_world: MakeWorld):
    world = make_world(Limits(stream_patience=600))
    stream, other, peer = world.client("tcp"), world.client("tcp"), world.peer()
    stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 262_144)
    allocation, neighbour = bound(world, stream, peer), bound(world, other, peer)
    flooded(world, allocation, peer)
    answer = message(0x0101)
    world.plane.send(stream.link, stream.remote, answer)
    passes(neighbour, CHANNEL, peer)
    heard = 0
    while (frame := stream.read()) != answer:
        assert frame == ChannelData(CHANNEL, bytes(1200))
        heard += 1
    assert heard
    passes(allocation, CHANNEL, peer)
    assert world.plane.usage(allocation.number).packets_down == heard + 1
    assert not world.has_control()


def test_a_reader_who_never_reads_is_ended(make_world: MakeWorld):
    world = make_world(Limits(stream_patience=0.3))
    stream, peer = world.client("tcp"), world.peer()
    allocation = bound(world, stream, peer)
    flooded(world, allocation, peer)
    assert world.control() == HungUp(stream.link)
    allocation.close()


def test_control_messages_nobody_reads_are_bounded(make_world: MakeWorld):
    world = make_world(Limits(stream_patience=600))
    stream = world.client("tcp")
    sent = 0
    while not world.has_control() and sent < 64_000_000:
        world.plane.send(stream.link, stream.remote, message(0x0101, (0x8022, bytes(4000))))
        sent += 4024
    assert world.control() == HungUp(stream.link)
    assert not world.has_control()


def test_a_pair_of_sockets_serves_as_well(world: World):
    """So TLS does: its bytes come by a socket pair."""
    client, ours = socket.socketpair()
    ours.setblocking(False)
    link, peer = world.plane.adopt(ours), world.peer()
    client.settimeout(PATIENCE)
    request = message(frames.BINDING)
    client.sendall(request)
    heard = world.control()
    assert isinstance(heard, Datagram)
    assert (heard.link, heard.data) == (link, request)
    world.plane.open(77, link, world.peer().address, [world.peer().socket], 0)
    world.plane.permit(77, peer.address.host)
    client.sendall(send_indication(peer.address, b"hello"))
    assert peer.hear()[0] == b"hello"
    world.plane.close(77)
    client.close()
    assert world.control() == HungUp(link)
    ours.close()
