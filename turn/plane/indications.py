"""Send and Data indications, as the portable data path reads and writes them (RFC 8656 sections 11.1 and 11.5). No I/O."""

import binascii
import os
import struct
from typing import NamedTuple

from turn.words import Address, Family

MAGIC_COOKIE = 0x2112A442
COOKIE = MAGIC_COOKIE.to_bytes(4, "big")
HEADER = 20
SEND = 0x0016
DATA_INDICATION = 0x0017

XOR_PEER_ADDRESS, DATA, DONT_FRAGMENT, FINGERPRINT = 0x0012, 0x0013, 0x001A, 0x8028
INTEGRITIES = (0x0008, 0x001C)
PEER4_BITS = 48
FINGERPRINT_XOR = 0x5354554E
# Those of RFC 8489 and 8656 that must be understood: we know them, though a Send indication has no use for most.
KNOWN = frozenset(
    (
        *(0x0001, 0x0006, 0x0008, 0x0009, 0x000A, 0x000C, 0x000D, 0x0012, 0x0013, 0x0014, 0x0015, 0x0016, 0x0017, 0x0018),
        *(0x0019, 0x001A, 0x001C, 0x001D, 0x001E, 0x0020, 0x0022),
    )
)
_PAIR = struct.Struct(">HH")
_read_pair = _PAIR.unpack_from


class Sending(NamedTuple):
    """What a Send indication asks for."""

    peer: int
    """Family, port and host, in this order; `address_of` reads it."""
    data: memoryview
    whole: bool
    """It must not be fragmented (DONT-FRAGMENT)."""


def is_message(data: memoryview) -> bool:
    """Has it the header of a STUN message of this size? RFC 8489 section 5."""
    if len(data) < HEADER or data[0] & 0xC0 or data[4:8] != COOKIE:
        return False
    size = data[2] << 8 | data[3]
    return not size & 3 and size + HEADER == len(data)


def read_send(message: memoryview) -> Sending | None:
    """Read what `is_message`. None: it is to be dropped without a word (RFC 8656 section 11.2, RFC 8489 section 6.3.2)."""
    peer = data = None
    whole = sealed = False
    at, end = HEADER, len(message)
    while at < end:
        kind, size = _read_pair(message, at)
        value = at + 4
        after = value + size + (-size & 3)
        if after > end:
            return None
        if kind == FINGERPRINT:
            if size != 4 or after != end or not _fits(message[:at], message[value:]):
                return None
        elif sealed:  # what stands behind MESSAGE-INTEGRITY means nothing (RFC 8489 section 14.5)
            pass
        elif kind == XOR_PEER_ADDRESS:
            if peer is None:  # of several, the first counts
                peer = _peer(message[value : value + size], message)
                if peer is None:
                    return None
        elif kind == DATA:
            if data is None:
                data = message[value : value + size]
        elif kind == DONT_FRAGMENT:
            whole = True
        elif kind in INTEGRITIES:
            sealed = True
        elif kind < 0x8000 and kind not in KNOWN:
            return None
        at = after
    return None if peer is None or data is None else Sending(peer, data, whole)


def address_of(peer: int) -> Address:
    if peer >> PEER4_BITS == Family.IPV4:
        return Address((peer & 0xFFFF_FFFF).to_bytes(4, "big"), peer >> 32 & 0xFFFF)
    return Address((peer & (1 << 128) - 1).to_bytes(16, "big"), peer >> 128 & 0xFFFF)


class DataHeader:
    """All of a Data indication from this peer but the data."""

    __slots__ = ("_bytes", "_size_at")

    def __init__(self, peer: Address) -> None:
        transaction = os.urandom(12)
        port = peer.port ^ MAGIC_COOKIE >> 16
        mask = (COOKIE + transaction)[: len(peer.host)]
        host = bytes(ours ^ other for ours, other in zip(peer.host, mask, strict=True))
        value = struct.pack(">BBH", 0, peer.family, port) + host
        fixed = COOKIE + transaction + _PAIR.pack(XOR_PEER_ADDRESS, len(value)) + value
        self._bytes = bytearray(_PAIR.pack(DATA_INDICATION, 0) + fixed + _PAIR.pack(DATA, 0))
        self._size_at = len(self._bytes) - 4

    def of(self, size: int) -> bytearray:
        """For so much data, which is to be padded. Valid until the next call."""
        _PAIR.pack_into(self._bytes, 0, DATA_INDICATION, self._size_at + 4 - HEADER + size + (-size & 3))
        _PAIR.pack_into(self._bytes, self._size_at, DATA, size)
        return self._bytes


def _peer(value: memoryview, message: memoryview) -> int | None:
    if len(value) == 8 and value[1] == Family.IPV4:
        return int.from_bytes(value[1:], "big") ^ (MAGIC_COOKIE >> 16) << 32 ^ MAGIC_COOKIE
    if len(value) == 20 and value[1] == Family.IPV6:
        return int.from_bytes(value[1:], "big") ^ (MAGIC_COOKIE >> 16) << 128 ^ int.from_bytes(message[4:20], "big")
    return None


def _fits(covered: memoryview, value: memoryview) -> bool:
    return binascii.crc32(covered) ^ FINGERPRINT_XOR == int.from_bytes(value, "big")
