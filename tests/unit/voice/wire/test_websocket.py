"""What Autobahn's cases do not ask of the framing: limits, masks, lengths, frames of our own, any bytes at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.voice.wire.frames import MAX_SIZE, fragments, frame, pieces, read
from voice.wire import websocket
from voice.wire.errors import ProtocolError
from voice.wire.websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Decoder

TEXTS = st.text().map(str.encode)
MASKS = st.binary(min_size=4, max_size=4)


@st.composite
def conversations(draw: st.DrawFn) -> tuple[bytes, list[websocket.Event]]:
    """Messages as a client may send them: cut anywhere into frames, with control frames between."""
    stream, events = b"", []
    for _ in range(draw(st.integers(0, 4))):
        opcode = draw(st.sampled_from([TEXT, BINARY]))
        data = draw(TEXTS if opcode == TEXT else st.binary(max_size=300))
        cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=3)))
        parts = [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        for number, part in enumerate(parts):
            if draw(st.booleans()):
                control = draw(st.sampled_from([PING, PONG])), draw(st.binary(max_size=125))
                stream += frame(*control, mask=draw(MASKS))
                events.append(control)
            last = number == len(parts) - 1
            stream += frame(CONTINUATION if number else opcode, part, fin=last, mask=draw(MASKS))
        events.append((opcode, data))
    return stream, events


@given(conversations(), st.data())
def test_a_conversation_is_read_however_it_is_cut(conversation, data):
    stream, events = conversation
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    chunks = [stream[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert read(chunks) == read(pieces(stream, 1)) == (events, None)


@st.composite
def nearly_frames(draw: st.DrawFn) -> bytes:
    """Headers drawn from all that are possible, so that any rule is broken sooner or later."""
    first, second = draw(st.integers(0, 255)), draw(st.integers(0, 255))
    return bytes([first, second]) + draw(st.binary(max_size=40))


@given(st.lists(st.one_of(nearly_frames(), conversations().map(lambda pair: pair[0]), st.binary(max_size=30)), max_size=4))
def test_any_bytes_are_read_or_refused_and_chunks_change_nothing(parts):
    stream = b"".join(parts)
    whole = read([stream], max_size=200)
    assert read(pieces(stream, 1), max_size=200) == whole
    assert read(pieces(stream, 7), max_size=200) == whole
    assert whole[1] in {None, 1002, 1007, 1009}


@given(st.one_of(st.tuples(st.just(TEXT), TEXTS), st.tuples(st.just(BINARY), st.binary(max_size=70_000))))
def test_what_we_write_can_be_read(event):
    opcode, data = event
    written = (websocket.text_frame if opcode == TEXT else websocket.binary_frame)(data)
    assert written == frame(opcode, data, mask=None)


@pytest.mark.parametrize("size", [0, 125, 126, 127, 65535, 65536])
def test_frames_of_ours_have_the_shortest_length(size: int):
    data = b"*" * size
    assert websocket.text_frame(data) == frame(TEXT, data, mask=None)
    assert websocket.binary_frame(data) == frame(BINARY, data, mask=None)


def test_control_frames_of_ours():
    assert websocket.ping_frame() == frame(PING, mask=None)
    assert websocket.ping_frame(b"x") == frame(PING, b"x", mask=None)
    assert websocket.pong_frame(b"x" * 125) == frame(PONG, b"x" * 125, mask=None)
    assert websocket.close_frame() == websocket.close_frame(1005) == frame(CLOSE, mask=None)
    assert websocket.close_frame(1001, "bye") == frame(CLOSE, b"\x03\xe9bye", mask=None)


def test_a_reason_too_long_is_cut_between_characters():
    said = websocket.close_frame(1000, "x" + "я" * 100)
    assert said == frame(CLOSE, b"\x03\xe8x" + "я".encode() * 61, mask=None)


@pytest.mark.parametrize(
    "stream",
    [frame(BINARY, b"*" * 101), fragments(b"*" * 101, 50), frame(TEXT, b"*" * 101), frame(TEXT, b"*" * 10_000_000)],
)
def test_a_message_too_big_fails_with_its_header(stream: bytes):
    assert read([stream], max_size=100) == ([], 1009)
    assert read(pieces(stream[:200], 1), max_size=100) == ([], 1009)


def test_each_message_has_the_whole_limit():
    hundred = b"*" * 100
    stream = fragments(hundred, 30) + frame(TEXT, hundred) + frame(PING, hundred) + fragments(hundred, 99, BINARY)
    assert read([stream], max_size=100) == ([(TEXT, hundred), (TEXT, hundred), (PING, hundred), (BINARY, hundred)], None)


def test_pings_inside_a_full_message_do_not_count():
    hundred = b"*" * 100
    stream = frame(TEXT, hundred, fin=False) + frame(PING, hundred) + frame(CONTINUATION)
    assert read([stream], max_size=100) == ([(PING, hundred), (TEXT, hundred)], None)


@pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, CLOSE])
def test_a_client_masks(opcode: int):
    assert read([frame(opcode, b"", mask=None)]) == ([], 1002)


@pytest.mark.parametrize(
    "header",
    ["81fe007d", "81ff000000000000ffff", "81ff0000000000000001", "81ff8000000000000000", "82ffffffffffffffffff"],
)
def test_a_length_is_as_short_as_can_be(header: str):
    assert read([bytes.fromhex(header) + bytes(130)]) == ([], 1002)


@pytest.mark.parametrize("bad", ["c1", "8f", "91", "09", "89fe", "00"])
def test_a_bad_header_fails_before_its_length_and_mask_are_there(bad: str):
    start = bytes.fromhex(bad).ljust(2, b"\x80")
    assert read([start]) == ([], 1002)


def test_after_the_end_nothing_is_read():
    decoder = Decoder(MAX_SIZE)
    assert list(decoder.receive(frame(CLOSE))) == [(CLOSE, b"")]
    assert list(decoder.receive(frame(TEXT, b"late"))) == []
    failed = Decoder(MAX_SIZE)
    with pytest.raises(ProtocolError, match="1002 frame is not masked"):
        list(failed.receive(b"\x81\x00"))
    assert list(failed.receive(frame(TEXT, b"late"))) == []


def test_text_that_ends_within_a_character_is_refused():
    assert read([frame(TEXT, b"\xd0", fin=False) + frame(CONTINUATION)]) == ([], 1007)
    assert read([frame(TEXT, b"\xd0", fin=False) + frame(CONTINUATION, b"\xb0")]) == ([(TEXT, "а".encode())], None)
