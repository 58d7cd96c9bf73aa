"""Engine.IO packets and payloads, and the requests that are refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.wire.engineio import (
    MAX_PACKETS,
    Kind,
    Packet,
    Refusal,
    Settings,
    Transport,
    decode,
    decode_payload,
    encode,
    encode_payload,
    open_packet,
    refusal,
)
from voice.wire.errors import MalformedPacket

TEXT = st.text(st.characters(exclude_characters="\x1e", exclude_categories=["Cs"]), max_size=50).map(str.encode)
PACKETS = st.one_of(
    st.builds(Packet, st.sampled_from(Kind), TEXT, st.just(False)),
    st.builds(Packet, st.just(Kind.MESSAGE), st.binary(max_size=50), st.just(True)),
)


@pytest.mark.parametrize(
    ("text", "packet"),
    [
        (b'0{"sid":"x"}', Packet(Kind.OPEN, b'{"sid":"x"}')),
        (b"1", Packet(Kind.CLOSE)),
        (b"2", Packet(Kind.PING)),
        (b"2probe", Packet(Kind.PING, b"probe")),
        (b"3probe", Packet(Kind.PONG, b"probe")),
        (b"4", Packet(Kind.MESSAGE)),
        ("4привет".encode(), Packet(Kind.MESSAGE, "привет".encode())),
        (b"5", Packet(Kind.UPGRADE)),
        (b"6", Packet(Kind.NOOP)),
    ],
)
def test_a_packet_is_read_and_written(text: bytes, packet: Packet):
    assert decode(text) == packet
    assert encode(packet) == text


def test_binary_is_base64_in_a_payload_and_bare_in_a_websocket():
    packet = Packet(Kind.MESSAGE, b"\x01\x02\x03\x04", binary=True)
    assert encode(packet) == b"\x01\x02\x03\x04"
    assert encode_payload([Packet(Kind.MESSAGE, b"hello"), packet]) == b"4hello\x1ebAQIDBA=="
    assert decode_payload(b"4hello\x1ebAQIDBA==") == [Packet(Kind.MESSAGE, b"hello"), packet]


@pytest.mark.parametrize("text", [b"", b"abc", b"7", b"b%", b"bAQIDBA", b"b\xff", b"\xd0\xb0"])
def test_what_is_no_packet_is_refused(text: bytes):
    with pytest.raises(MalformedPacket):
        decode(text)


@pytest.mark.parametrize(
    "body", [b"", b"abc", b"4a\x1e", b"\x1e4a", b"4a\x1eabc", b"4\xff", b"\x1e".join([b"4"] * (MAX_PACKETS + 1))]
)
def test_a_payload_is_taken_whole_or_not_at_all(body: bytes):
    with pytest.raises(MalformedPacket):
        decode_payload(body)


def test_as_many_packets_as_are_allowed():
    assert len(decode_payload(b"\x1e".join([b"4"] * MAX_PACKETS))) == MAX_PACKETS


@given(st.lists(PACKETS, min_size=1, max_size=5))
def test_what_is_written_is_read_again(packets: list[Packet]):
    assert decode_payload(encode_payload(packets)) == packets


@given(st.one_of(st.binary(max_size=50), st.lists(st.sampled_from([b"4", b"b", b"\x1e", b"AA==", b"1", b"x"])).map(b"".join)))
def test_any_bytes_are_read_or_refused(body: bytes):
    try:
        packets = decode_payload(body)
    except MalformedPacket:
        return
    assert decode_payload(encode_payload(packets)) == packets


def test_the_handshake_tells_milliseconds():
    settings = Settings(ping_interval=0.3, ping_timeout=0.2, max_payload=1_000_000)
    kind, data, binary = open_packet("abc", Transport.POLLING, settings)
    assert (kind, binary) == (Kind.OPEN, False)
    shown = {"sid": "abc", "upgrades": ["websocket"], "pingInterval": 300, "pingTimeout": 200, "maxPayload": 1_000_000}
    assert json.loads(data) == shown
    assert json.loads(open_packet("abc", Transport.WEBSOCKET, settings).data) == shown | {"upgrades": []}


POLLING, WEBSOCKET = {"EIO": "4", "transport": "polling"}, {"EIO": "4", "transport": "websocket"}
KNOWN = {"p": Transport.POLLING, "w": Transport.WEBSOCKET}
WS = True


@pytest.mark.parametrize(
    ("method", "query", "websocket", "expected"),
    [
        ("GET", POLLING, False, None),
        ("GET", WEBSOCKET, WS, None),
        ("GET", POLLING | {"sid": ""}, False, None),
        ("GET", POLLING | {"sid": "p"}, False, None),
        ("POST", POLLING | {"sid": "p"}, False, None),
        ("GET", WEBSOCKET | {"sid": "p"}, WS, None),
        ("GET", WEBSOCKET | {"sid": "w"}, WS, None),
        ("GET", {"EIO": "4"}, False, Refusal.UNKNOWN_TRANSPORT),
        ("GET", {"EIO": "4", "transport": "abc"}, False, Refusal.UNKNOWN_TRANSPORT),
        ("GET", {"EIO": "4", "transport": "constructor"}, WS, Refusal.UNKNOWN_TRANSPORT),
        ("GET", {"transport": "polling"}, False, Refusal.UNSUPPORTED_PROTOCOL_VERSION),
        ("GET", {"EIO": "abc", "transport": "polling"}, False, Refusal.UNSUPPORTED_PROTOCOL_VERSION),
        ("GET", {"EIO": "3", "transport": "websocket"}, WS, Refusal.UNSUPPORTED_PROTOCOL_VERSION),
        ("POST", POLLING, False, Refusal.BAD_HANDSHAKE_METHOD),
        ("PUT", POLLING, False, Refusal.BAD_HANDSHAKE_METHOD),
        ("GET", WEBSOCKET, False, Refusal.BAD_REQUEST),
        ("GET", POLLING, WS, Refusal.BAD_REQUEST),
        ("GET", POLLING | {"sid": "unknown"}, False, Refusal.UNKNOWN_SID),
        ("GET", WEBSOCKET | {"sid": "unknown"}, WS, Refusal.UNKNOWN_SID),
        ("GET", POLLING | {"sid": "w"}, False, Refusal.BAD_REQUEST),
        ("POST", POLLING | {"sid": "w"}, False, Refusal.BAD_REQUEST),
        ("GET", WEBSOCKET | {"sid": "p"}, False, Refusal.BAD_REQUEST),
        ("PUT", POLLING | {"sid": "p"}, False, Refusal.BAD_REQUEST),
    ],
)
def test_requests_are_let_in_or_refused(method: str, query: dict[str, str], websocket: bool, expected: Refusal | None):
    assert refusal(method, query, websocket=websocket, transport_of=KNOWN.get) is expected


@pytest.mark.parametrize(
    ("refused", "status", "code", "message"),
    [
        (Refusal.UNKNOWN_TRANSPORT, 400, 0, "Transport unknown"),
        (Refusal.UNKNOWN_SID, 400, 1, "Session ID unknown"),
        (Refusal.BAD_HANDSHAKE_METHOD, 400, 2, "Bad handshake method"),
        (Refusal.BAD_REQUEST, 400, 3, "Bad request"),
        (Refusal.FORBIDDEN, 403, 4, "Forbidden"),
        (Refusal.UNSUPPORTED_PROTOCOL_VERSION, 400, 5, "Unsupported protocol version"),
    ],
)
def test_a_refusal_is_told_as_node_tells_it(refused: Refusal, status: int, code: int, message: str):
    response = refused.response
    assert (response.status, response.content_type) == (status, "application/json")
    assert json.loads(response.body) == {"code": code, "message": message}
