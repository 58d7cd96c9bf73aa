from struct import error

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.turn.messages import TRANSACTION, parts, written
from turn.protocol.channel_data import Framer, MalformedFrame, decode, encode
from turn.protocol.stun import Kind, Method
from turn.protocol.stun import encode as stun

channels = st.integers(0x4000, 0x7FFF)
frames = parts.map(written) | st.builds(encode, channels, st.binary(max_size=40), st.just(True))
LONGEST = 4096


@given(channels, st.binary(max_size=100), st.booleans())
def test_what_is_written_is_read(number, data, padded):
    written = encode(number, data, padded)
    assert decode(written) == (number, data)
    assert not padded or len(written) % 4 == 0


def test_channel_data_on_the_wire():
    assert encode(0x4001, b"voice", padded=False).hex() == "40010005" + b"voice".hex()
    assert encode(0x4001, b"voice", padded=True).hex() == "40010005" + b"voice".hex() + "000000"
    assert encode(0x4001, b"", padded=True).hex() == "40010000"


def test_what_follows_the_data_is_padding():
    assert decode(encode(0x4001, b"voice", padded=False) + b"\xff\xff\xff") == (0x4001, b"voice")


@pytest.mark.parametrize("octets", ["", "400100", "40010001", "4001000461", "3fff0000", "80000000", "ffff0000"])
def test_what_is_no_channel_data_is_refused(octets):
    with pytest.raises(MalformedFrame):
        decode(bytes.fromhex(octets))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    try:
        number, payload = decode(data)
    except MalformedFrame:
        return
    assert data.startswith(encode(number, payload, padded=False))


@pytest.mark.parametrize(("number", "size"), [(0x10000, 0), (0x4000, 0x10000)])
def test_what_does_not_fit_is_not_written(number, size):
    with pytest.raises(error):
        encode(number, bytes(size), padded=False)


# Streams


@given(st.lists(frames, max_size=5), st.data())
def test_a_stream_is_cut_into_the_frames_it_was_made_of(sent, draw):
    stream = b"".join(sent)
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    framer = Framer(longest=LONGEST)
    received = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        received += framer.feed(stream[start:end])
    assert received == sent
    assert not framer.unfinished


@given(st.lists(st.binary(max_size=60), max_size=4))
def test_any_stream_is_cut_or_refused(pieces):
    framer = Framer(longest=64)
    received = b""
    try:
        for piece in pieces:
            for frame in framer.feed(piece):
                received += frame
    except MalformedFrame:
        pass
    assert b"".join(pieces).startswith(received)


def test_an_unfinished_frame_waits():
    framer = Framer(longest=LONGEST)
    request = stun(Method.BINDING, Kind.REQUEST, TRANSACTION)
    assert list(framer.feed(request + request[:19])) == [request]
    assert framer.unfinished
    assert list(framer.feed(request[19:])) == [request]
    assert not framer.unfinished


def test_frames_before_a_malformed_one_are_given():
    framer = Framer(longest=LONGEST)
    whole = encode(0x4001, b"voice", padded=True)
    taken = framer.feed(whole + b"\xff\xff\xff\xff")
    assert next(taken) == whole
    with pytest.raises(MalformedFrame):
        next(taken)
    with pytest.raises(MalformedFrame):  # the stream is lost
        list(framer.feed(whole))


@pytest.mark.parametrize("octets", [
    "80000000",
    "c0000000",
    "00010001",
    "000100002112a443",
    "0001000000",
    "4001" "0ffd",
    "0001" "0ff0",
])  # fmt: skip
def test_what_cannot_become_a_frame_is_refused_at_once(octets):
    with pytest.raises(MalformedFrame):
        list(Framer(longest=LONGEST).feed(bytes.fromhex(octets)))


@pytest.mark.parametrize("octets", ["", "00", "000100", "00010000", "000100002112a4", "40010ffc", "00010fec", "7fff00"])
def test_what_may_become_one_is_waited_for(octets):
    assert list(Framer(longest=LONGEST).feed(bytes.fromhex(octets))) == []
