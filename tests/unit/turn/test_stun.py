from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.turn.messages import RECORDED, TRANSACTION, parts, written
from turn.protocol.attributes import (
    CHANNEL_NUMBER,
    DATA,
    FINGERPRINT,
    LIFETIME,
    MAGIC_COOKIE,
    MESSAGE_INTEGRITY,
    MESSAGE_INTEGRITY_SHA256,
    PRIORITY,
    SOFTWARE,
    USERNAME,
    XOR_MAPPED_ADDRESS,
    XOR_PEER_ADDRESS,
)
from turn.protocol.integrity import Key
from turn.protocol.stun import BadAttribute, Kind, MalformedMessage, Message, Method, decode, encode
from turn.words import Address

HERE = Address.of("192.0.2.1", 32853)
THERE = Address.of("2001:db8:1234:5678:11:2233:4455:6677", 32853)


def raw(body: str, *, type_: int = 0x0001, length: int | None = None, cookie: int = MAGIC_COOKIE) -> bytes:
    """A message by hand: what `encode` would not write."""
    octets = bytes.fromhex(body)
    length = len(octets) if length is None else length
    return type_.to_bytes(2, "big") + length.to_bytes(2, "big") + cookie.to_bytes(4, "big") + TRANSACTION + octets


def names(message: Message) -> list[int]:
    return [number for number, _ in message.attributes]


# Recorded


def test_rfc5769_request():
    message = decode(RECORDED["rfc5769-2.1-request"])
    assert (message.method, message.kind) == (Method.BINDING, Kind.REQUEST)
    assert message.transaction_id.hex() == "b7e7a701bc34d686fa87dfae"
    assert message.get(SOFTWARE) == "STUN test client"
    assert message.get(USERNAME) == "evtj:h6vY"
    assert message.get(PRIORITY) == bytes.fromhex("6e0001ff")
    assert message.get(FINGERPRINT) == 0xE57A3BCF


@pytest.mark.parametrize(("name", "address"), [("2.2-response-ipv4", HERE), ("2.3-response-ipv6", THERE)])
def test_rfc5769_responses(name, address):
    message = decode(RECORDED[f"rfc5769-{name}"])
    assert (message.method, message.kind) == (Method.BINDING, Kind.SUCCESS)
    assert message.get(XOR_MAPPED_ADDRESS) == address
    assert message.get(SOFTWARE) == "test vector"


def test_what_is_written_is_what_the_rfc_shows():
    shown = RECORDED["rfc5769-2.2-response-ipv4"]
    attributes = [(SOFTWARE, "test vector"), (XOR_MAPPED_ADDRESS, HERE)]
    key = Key(b"VOkJxbRl1RmTxUk/WvJxBt")
    ours = encode(Method.BINDING, Kind.SUCCESS, decode(shown).transaction_id, attributes, integrity=key, fingerprint=True)
    # The RFC pads with a space, we with a zero: the checks over it differ, and nothing else.
    assert ours[:35] == shown[:35]
    assert ours[35:36] == b"\0"
    assert ours[36:52] == shown[36:52]
    assert len(ours) == len(shown)


# Messages


@given(parts)
def test_what_is_written_is_read(said):
    method, kind, transaction_id, attributes, key, fingerprint = said
    data = written(said)
    message = decode(data)
    assert (message.method, message.kind, message.transaction_id, message.data) == (method, kind, transaction_id, data)
    assert names(message)[: len(attributes)] == [attribute.number for attribute, _ in attributes]
    for attribute, _ in attributes:
        assert message.all(attribute) == [value for other, value in attributes if other is attribute]
        assert message.get(attribute) == message.all(attribute)[0]
    ends = [MESSAGE_INTEGRITY_SHA256 if key.sha256 else MESSAGE_INTEGRITY] if key else []
    ends += [FINGERPRINT] if fingerprint else []
    assert names(message)[len(attributes) :] == [attribute.number for attribute in ends]


@given(st.binary(max_size=200) | st.binary(max_size=80).map(lambda body: raw(body.hex())))
@example(b"")
def test_any_bytes_are_read_or_refused(data):
    try:
        message = decode(data)
    except MalformedMessage:
        return
    assert message.data == data


@given(parts, st.data())
def test_a_message_altered_on_its_way_is_read_or_refused(said, draw):
    data = bytearray(written(said))
    for at in draw.draw(st.lists(st.integers(0, len(data) - 1), min_size=1, max_size=4)):
        data[at] ^= draw.draw(st.integers(1, 255))
    try:
        message = decode(bytes(data))
    except MalformedMessage:
        return
    for attribute, _ in said[3]:
        with suppress(BadAttribute):
            message.all(attribute)


@given(parts, st.sampled_from([*range(8, 20), -4, -3, -2, -1]), st.integers(1, 255))
def test_a_fingerprint_notices_what_was_altered(said, at, difference):
    data = bytearray(written((*said[:-1], True)))
    data[at] ^= difference
    with pytest.raises(MalformedMessage, match="FINGERPRINT"):
        decode(bytes(data))


@pytest.mark.parametrize(("method", "kind", "type_"), [
    (Method.BINDING, Kind.REQUEST, 0x0001),
    (Method.SEND, Kind.INDICATION, 0x0016),
    (Method.DATA, Kind.INDICATION, 0x0017),
    (Method.ALLOCATE, Kind.SUCCESS, 0x0103),
    (Method.CHANNEL_BIND, Kind.ERROR, 0x0119),
    (0xFFF, Kind.REQUEST, 0x3EEF),
    (0x555, Kind.ERROR, 0x15B5),
])  # fmt: skip
def test_class_bits_lie_among_the_bits_of_the_method(method, kind, type_):
    data = encode(method, kind, TRANSACTION)
    assert data[:2] == type_.to_bytes(2, "big")
    assert (decode(data).method, decode(data).kind) == (method, kind)


def test_a_known_method_has_its_name():
    assert isinstance(decode(encode(8, Kind.REQUEST, TRANSACTION)).method, Method)
    assert not isinstance(decode(encode(2, Kind.REQUEST, TRANSACTION)).method, Method)


@pytest.mark.parametrize(("data", "why"), [
    (b"", "shorter"),
    (raw("")[:19], "shorter"),
    (raw("", type_=0x4001), "header"),
    (raw("", type_=0x8001), "header"),
    (raw("", cookie=MAGIC_COOKIE + 1), "header"),
    (raw("0000", length=2), "header"),
    (raw("", length=4), "header"),
    (raw("8022000400000000", length=4), "header"),
    (raw("000d000500000258"), "past the end"),
    (raw("000d0004"), "past the end"),
    (raw("80280004" "00000000"), "wrong FINGERPRINT"),
    (raw("80280003" "00000000"), "wrong FINGERPRINT"),
    (raw("80280000"), "not the last"),
    (encode(1, Kind.REQUEST, TRANSACTION, [(FINGERPRINT, 0), (SOFTWARE, "x")]), "not the last"),
])  # fmt: skip
def test_what_is_no_message_is_refused(data, why):
    with pytest.raises(MalformedMessage, match=why):
        decode(data)


def test_a_fingerprint_of_the_wrong_size_is_wrong_even_where_its_bytes_are_right():
    data = bytearray(encode(1, Kind.REQUEST, TRANSACTION, fingerprint=True))
    assert decode(bytes(data)).get(FINGERPRINT) is not None
    data[23] = 3
    with pytest.raises(MalformedMessage):
        decode(bytes(data))


# Attributes of a message


def test_of_two_alike_the_first_counts():
    message = decode(encode(3, Kind.REQUEST, TRANSACTION, [(LIFETIME, 600), (LIFETIME, 1)]))
    assert message.get(LIFETIME) == 600
    assert message.get(CHANNEL_NUMBER) is None


def test_several_peers_stay_in_order():
    peers = [Address.of("192.0.2.9", 9), HERE, THERE, HERE]
    message = decode(encode(8, Kind.REQUEST, TRANSACTION, [(XOR_PEER_ADDRESS, peer) for peer in peers]))
    assert message.all(XOR_PEER_ADDRESS) == peers
    assert message.all(LIFETIME) == []


def test_a_value_that_cannot_be_read_names_its_attribute():
    message = decode(raw("000d00020001000080220001ff000000"))
    for attribute in (LIFETIME, SOFTWARE):
        with pytest.raises(BadAttribute, match=attribute.name) as refused:
            message.get(attribute)
        assert refused.value.attribute is attribute
        with pytest.raises(BadAttribute):
            message.all(attribute)


def test_unknown_are_those_that_must_be_understood():
    body = "7fff00000030000080000000ffff00007fff0000000d000400000001"
    message = decode(raw(body))
    assert message.unknown({LIFETIME.number}) == [0x7FFF, 0x0030]
    assert message.unknown({LIFETIME.number, 0x7FFF, 0x0030}) == []


SHA1, SHA256, END = "00080014" + "11" * 20, "001c0010" + "22" * 16, "000d000400000001"


@pytest.mark.parametrize(("body", "counting"), [
    (END + SHA1 + END, [LIFETIME, MESSAGE_INTEGRITY]),
    (END + SHA256 + END + SHA1, [LIFETIME, MESSAGE_INTEGRITY_SHA256]),
    (SHA1 + SHA1 + END + SHA256 + SHA256, [MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256]),
    ("7fff0000" + SHA1 + "7ffe0000", [None, MESSAGE_INTEGRITY]),
])  # fmt: skip
def test_behind_integrity_only_what_is_stronger_counts(body, counting):
    message = decode(raw(body))
    assert names(message) == [attribute.number if attribute else 0x7FFF for attribute in counting]


def test_a_fingerprint_counts_behind_integrity():
    key = Key(b"secret", sha256=True)
    message = decode(encode(1, Kind.REQUEST, TRANSACTION, integrity=key, fingerprint=True))
    assert names(message) == [MESSAGE_INTEGRITY_SHA256.number, FINGERPRINT.number]


# Writing


def test_padding_is_zero():
    data = encode(6, Kind.INDICATION, TRANSACTION, [(DATA, b"\xff" * 5), (DATA, b"\xff")])
    assert data[20:].hex() == "00130005ffffffffff00000000130001ff000000"


@pytest.mark.parametrize(
    ("method", "transaction_id"), [(0x1000, TRANSACTION), (-1, TRANSACTION), (1, bytes(11)), (1, bytes(13))]
)
def test_a_header_that_cannot_be_written(method, transaction_id):
    with pytest.raises(ValueError, match="12"):
        encode(method, Kind.REQUEST, transaction_id)


@pytest.mark.parametrize("attributes", [
    [(LIFETIME, -1)],
    [(LIFETIME, 2**32)],
    [(XOR_PEER_ADDRESS, Address(bytes(4), 70_000))],
    [(DATA, bytes(0x10000))],
    [(DATA, bytes(0xFFFF))],
    [(DATA, bytes(0x8000)), (DATA, bytes(0x8000))],
    [(SOFTWARE, "x" * 128)],
])  # fmt: skip
def test_a_value_that_cannot_be_written(attributes):
    with pytest.raises(ValueError):  # noqa: PT011 -- each says something else
        encode(6, Kind.INDICATION, TRANSACTION, attributes)


def test_the_longest_message():
    data = encode(6, Kind.INDICATION, TRANSACTION, [(DATA, bytes(0xFFF8))])
    assert len(data) == 20 + 0xFFFC
    assert decode(data).get(DATA) == bytes(0xFFF8)
    with pytest.raises(ValueError, match="cannot be written"):
        encode(6, Kind.INDICATION, TRANSACTION, [(DATA, bytes(0xFFF8))], fingerprint=True)
