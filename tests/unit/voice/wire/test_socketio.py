"""Socket.IO packets: envelopes, payloads, attachments; any bytes are read or refused."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.wire.errors import MalformedPacket
from voice.wire.socketio import (
    MAX_ATTACHMENTS,
    RESERVED,
    Kind,
    Message,
    Packet,
    decode,
    encode_ack,
    encode_connect,
    encode_connect_error,
    encode_disconnect,
    encode_event,
    head,
)

# The examples of the protocol's page, and the edges of its grammar
ENVELOPES = [
    (b"0", Packet(Kind.CONNECT)),
    (b'0{"token":"123"}', Packet(Kind.CONNECT, raw=b'{"token":"123"}')),
    (b"0/custom", Packet(Kind.CONNECT, "/custom")),
    (b"0/custom,", Packet(Kind.CONNECT, "/custom")),
    (b'0/custom,{"token":"abc"}', Packet(Kind.CONNECT, "/custom", raw=b'{"token":"abc"}')),
    ("0/комната,".encode(), Packet(Kind.CONNECT, "/комната")),
    (b"1", Packet(Kind.DISCONNECT)),
    (b"1/admin,", Packet(Kind.DISCONNECT, "/admin")),
    (b'2["foo"]', Packet(Kind.EVENT, raw=b'["foo"]')),
    (b'2/admin,["bar"]', Packet(Kind.EVENT, "/admin", raw=b'["bar"]')),
    (b'212["foo"]', Packet(Kind.EVENT, "/", 12, b'["foo"]')),
    (b'2/admin,0["foo"]', Packet(Kind.EVENT, "/admin", 0, b'["foo"]')),
    (b"3/admin,13[]", Packet(Kind.ACK, "/admin", 13, b"[]")),
    (b'4{"message":"no"}', Packet(Kind.CONNECT_ERROR, raw=b'{"message":"no"}')),
    (
        b'51-["baz",{"_placeholder":true,"num":0}]',
        Packet(Kind.BINARY_EVENT, "/", None, b'["baz",{"_placeholder":true,"num":0}]', 1),
    ),
    (b"52-/admin,7[]", Packet(Kind.BINARY_EVENT, "/admin", 7, b"[]", 2)),
    (b"61-/admin,456[]", Packet(Kind.BINARY_ACK, "/admin", 456, b"[]", 1)),
    (b"510-[]", Packet(Kind.BINARY_EVENT, "/", None, b"[]", MAX_ATTACHMENTS)),
]


@pytest.mark.parametrize(("text", "packet"), ENVELOPES)
def test_an_envelope_is_read(text: bytes, packet: Packet):
    assert decode(text) == packet
    assert decode(b"4" + text, 1) == packet


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"7",
        b"abc",
        b"5[]",
        b"5-[]",
        b"50-[]",
        b"511-[]",
        b"5111-[]",
        b"5a-[]",
        b"5-1-[]",
        b"6[]",
        b"61-[]",
        b"3[]",
        b"1[]",
        b"1/admin,x",
        b"0/\xff,",
    ],
)
def test_an_envelope_is_refused(text: bytes):
    with pytest.raises(MalformedPacket):
        decode(text)


def test_payloads_are_read():
    assert decode(b"0").auth() == {}
    assert decode(b'0{"token":"123"}').auth() == {"token": "123"}
    assert decode(b'2["foo",1,"2",{"3":[true]}]').event() == ("foo", [1, "2", {"3": [True]}])
    assert decode(b'2["foo"]').event() == ("foo", [])
    assert decode(b"312[]").answer() == []
    assert decode(b"312[1,null]").answer() == [1, None]


@pytest.mark.parametrize("text", [b"0[]", b"0null", b'0"x"', b"0{", b"0 x"])
def test_auth_is_an_object(text: bytes):
    with pytest.raises(MalformedPacket):
        decode(text).auth()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b"[1]",
        b"[null]",
        b'["a"',
        b'["a",NaN]',
        b'["a","\xff"]',
        b'{"a":"\\ud800"}',
        b'["a","\\ud800"',
        b'abc["a"]',
        b"[" * 2000,
    ]
    + [orjson.dumps([name]) for name in sorted(RESERVED)],
)
def test_an_event_is_a_list_with_a_name(raw: bytes):
    with pytest.raises(MalformedPacket):
        decode(b"2" + raw).event()


@pytest.mark.parametrize("argument", [b'"\\ud800"', b'"\\udfff\\ud800"', b'{"\\udc00":1}', b"1" * 5000, b"-1e400"])
def test_what_javascript_reads_and_we_cannot_say_is_an_event_without_a_name(argument: bytes):
    assert decode(b'2["foo",' + argument + b"]").event() == ("", [])


@pytest.mark.parametrize("raw", [b"", b"{}", b"null", b'"x"', b"1"])
def test_an_acknowledgement_is_a_list(raw: bytes):
    with pytest.raises(MalformedPacket):
        decode(b"3/,1" + raw).answer()


def test_attachments_take_their_places():
    packet = decode(b'52-["m",{"_placeholder":true,"num":1},{"deep":[{"_placeholder":true,"num":0}]},{"_placeholder":1}]')
    assert packet.event([b"zero", b"one"]) == ("m", [b"one", {"deep": [b"zero"]}, {"_placeholder": 1}])
    assert decode(b'61-5[{"_placeholder":true,"num":0}]').answer([b"zero"]) == [b"zero"]


@pytest.mark.parametrize("number", [b"1", b"-1", b"true", b"false", b"null", b'"0"', b"0.0"])
def test_an_attachment_that_is_not_there_is_refused(number: bytes):
    with pytest.raises(MalformedPacket):
        decode(b'51-["m",{"_placeholder":true,"num":%s}]' % number).event([b"zero"])


def test_placeholders_mean_nothing_without_attachments():
    placeholder = {"_placeholder": True, "num": 0}
    assert decode(b'2["m",{"_placeholder":true,"num":0}]').event() == ("m", [placeholder])


@pytest.mark.parametrize(
    ("message", "text", "attachments"),
    [
        (encode_event("foo", []), b'2["foo"]', ()),
        (encode_event("foo", [1, "ж"], "/admin", 12), '2/admin,12["foo",1,"ж"]'.encode(), ()),
        (encode_event("foo", [], id=0), b'20["foo"]', ()),
        (encode_ack([1], "/", 456), b"3456[1]", ()),
        (
            encode_event("foo", [b"\x01", [b"\x02"]]),
            b'52-["foo",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]]',
            (b"\x01", b"\x02"),
        ),
        (encode_ack([b"\x01"], "/admin", 7), b'61-/admin,7[{"_placeholder":true,"num":0}]', (b"\x01",)),
    ],
)
def test_events_and_acknowledgements_are_written(message: Message, text: bytes, attachments: tuple[bytes, ...]):
    assert message == Message(text, attachments)


def test_the_rest_is_written():
    assert encode_connect("abc") == b'0{"sid":"abc"}'
    assert encode_connect("abc", "/custom") == b'0/custom,{"sid":"abc"}'
    assert encode_disconnect() == b"1"
    assert encode_disconnect("/custom") == b"1/custom,"
    assert encode_connect_error("Invalid namespace", "/random") == b'4/random,{"message":"Invalid namespace"}'
    assert encode_connect_error("no", data={"code": 401}) == b'4{"message":"no","data":{"code":401}}'


def test_json_is_passed_on_as_it_came():
    body = b'{ "sdp" : "v=0", "big": 123456789012345678901234567890 }'
    packet = decode(b'2["signal",' + body + b"]")
    assert packet.raw == b'["signal",' + body + b"]"
    assert encode_event("signal", [orjson.Fragment(body)]).text == b"2" + packet.raw
    assert head(Kind.EVENT, "/socket") + packet.raw == b"2/socket," + packet.raw


@pytest.mark.parametrize("bad", [object(), {1: 2}, [b"fine", object()], "\ud800"])
def test_what_is_no_json_cannot_be_written(bad: object):
    with pytest.raises(TypeError):
        encode_event("foo", [bad])


def test_what_can_be_read_may_be_too_deep_to_be_written():
    _, args = decode(b'2["foo",' + b"[" * 300 + b"]" * 300 + b"]").event()
    with pytest.raises(TypeError):
        encode_event("foo", args)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=10).filter(lambda name: name not in RESERVED)
NAMESPACES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=","), max_size=5).map(lambda name: "/" + name)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
)


def values(leaves: st.SearchStrategy) -> st.SearchStrategy:
    keys = st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
    return st.recursive(
        leaves, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)), max_leaves=8
    )


IDS = st.one_of(st.none(), st.integers(0, 10**15 - 1))


@given(NAMES, st.lists(values(st.one_of(SCALARS, st.binary(max_size=5))), max_size=3), NAMESPACES, IDS)
def test_what_is_written_is_read_again(name, args, namespace, id):
    message = encode_event(name, args, namespace, id)
    if len(message.attachments) > MAX_ATTACHMENTS:
        return
    packet = decode(message.text)
    assert (packet.namespace, packet.id, packet.attachments) == (namespace, id, len(message.attachments))
    assert packet.event(message.attachments) == (name, args)
    if id is not None:
        message = encode_ack(args, namespace, id)
        packet = decode(message.text)
        assert (packet.namespace, packet.id) == (namespace, id)
        assert packet.answer(message.attachments) == args


PIECES = [
    b"0",
    b"1",
    b"2",
    b"3",
    b"5",
    b"61-",
    b"/",
    b"/a,",
    b"12",
    b'["a"]',
    b"{}",
    b"[",
    b",",
    b'{"_placeholder":true,"num":0}',
]


@given(st.one_of(st.binary(max_size=30), st.lists(st.sampled_from(PIECES), max_size=6).map(b"".join)))
def test_any_bytes_are_read_or_refused(text: bytes):
    try:
        packet = decode(text)
        if packet.kind is Kind.CONNECT:
            packet.auth()
        elif packet.kind in {Kind.EVENT, Kind.BINARY_EVENT}:
            packet.event([b""] * packet.attachments)
        elif packet.kind in {Kind.ACK, Kind.BINARY_ACK}:
            packet.answer([b""] * packet.attachments)
    except MalformedPacket:
        return
    assert text.startswith(b"%d" % packet.kind)
    assert packet.raw == b"" or packet.kind is Kind.CONNECT_ERROR or json.loads(packet.raw) is not None
