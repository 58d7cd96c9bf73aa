"""What clients and the relay say to each other, written and read here without a line of ours."""

import binascii
import secrets
import socket
import struct
from typing import NamedTuple

from turn.words import Address

COOKIE = 0x2112A442
SEND, DATA_INDICATION, BINDING = 0x0016, 0x0017, 0x0001
PEER, DATA, DONT_FRAGMENT, FINGERPRINT, MESSAGE_INTEGRITY = 0x0012, 0x0013, 0x001A, 0x8028, 0x0008


class ChannelData(NamedTuple):
    channel: int
    data: bytes


class Data(NamedTuple):
    peer: Address
    data: bytes


def channel_data(channel: int, data: bytes, padding: bytes = b"") -> bytes:
    return struct.pack(">HH", channel, len(data)) + data + padding


def message(kind: int, *attributes: tuple[int, bytes], transaction: bytes | None = None) -> bytes:
    body = b"".join(struct.pack(">HH", name, len(value)) + value + bytes(-len(value) & 3) for name, value in attributes)
    return struct.pack(">HHI", kind, len(body), COOKIE) + (transaction or secrets.token_bytes(12)) + body


def peer_attribute(peer: Address, transaction: bytes) -> tuple[int, bytes]:
    return PEER, struct.pack(">xBH", peer.family, peer.port ^ COOKIE >> 16) + _masked(peer.host, transaction)


def send_indication(peer: Address, data: bytes, *more: tuple[int, bytes], before: tuple[tuple[int, bytes], ...] = ()) -> bytes:
    transaction = secrets.token_bytes(12)
    return message(SEND, *before, peer_attribute(peer, transaction), (DATA, data), *more, transaction=transaction)


def with_fingerprint(whole: bytes, wrong: int = 0) -> bytes:
    kind, size = struct.unpack_from(">HH", whole)
    covered = struct.pack(">HH", kind, size + 8) + whole[4:]
    return covered + struct.pack(">HHI", FINGERPRINT, 4, binascii.crc32(covered) ^ 0x5354554E ^ wrong)


def read(frame: bytes) -> ChannelData | Data:
    """What the relay sent to a client. Raises AssertionError for anything it must not say."""
    if frame[0] & 0xC0 == 0x40:
        channel, size = struct.unpack_from(">HH", frame)
        assert size == len(frame) - 4
        return ChannelData(channel, frame[4:])
    kind, size, cookie, transaction = struct.unpack_from(">HHI12s", frame)
    assert (kind, size, cookie) == (DATA_INDICATION, len(frame) - 20, COOKIE)
    attributes, at = {}, 20
    while at < len(frame):
        name, size = struct.unpack_from(">HH", frame, at)
        attributes[name] = frame[at + 4 : at + 4 + size]
        assert not any(frame[at + 4 + size : at + 4 + size + (-size & 3)]), "padding is zero"
        at += 4 + size + (-size & 3)
    assert at == len(frame)
    assert attributes.keys() == {PEER, DATA}
    family, port = struct.unpack_from(">xBH", attributes[PEER])
    peer = Address(_masked(attributes[PEER][4:], transaction), port ^ COOKIE >> 16)
    assert family == peer.family
    return Data(peer, attributes[DATA])


def read_stream(connection: socket.socket) -> ChannelData | Data | bytes:
    """One frame of a stream; another STUN message as it is."""
    head = exactly(connection, 4)
    size = struct.unpack_from(">H", head, 2)[0]
    if head[0] & 0xC0 == 0x40:
        body = exactly(connection, size + (-size & 3))
        assert not any(body[size:]), "padding is zero"
        return read(head + body[:size])
    whole = head + exactly(connection, size + 16)
    return read(whole) if whole[:2] == b"\x00\x17" else whole


def exactly(connection: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        more = connection.recv(size - len(got))
        if not more:
            raise EOFError
        got += more
    return got


def _masked(host: bytes, transaction: bytes) -> bytes:
    mask = COOKIE.to_bytes(4, "big") + transaction
    return bytes(ours ^ other for ours, other in zip(host, mask, strict=False))
