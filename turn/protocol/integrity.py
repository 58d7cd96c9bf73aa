"""How a message is protected: the keys of long-term credentials, and the two MESSAGE-INTEGRITY attributes over them.

The fingerprint protects nothing from anybody; it is part of reading a message (`stun`).
"""

import hmac
import unicodedata
from enum import IntEnum
from hashlib import md5, sha256
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from turn.protocol.attributes import MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256

if TYPE_CHECKING:
    from turn.protocol.stun import Message

HEADER_SIZE = 20
_LENGTH = Struct("!H")
_SHA1_SIZE = 20
_SHA256_SIZE = 32
_SHA256_SHORTEST = 16


class Algorithm(IntEnum):
    """How a password becomes a key, as PASSWORD-ALGORITHM numbers it (RFC 8489 section 18.5)."""

    MD5 = 1
    SHA256 = 2


class Key(NamedTuple):
    """What a message is protected with: MESSAGE-INTEGRITY-SHA256, or MESSAGE-INTEGRITY (HMAC-SHA1)."""

    secret: bytes
    sha256: bool = False


def long_term_key(username: str, realm: str, password: str, algorithm: Algorithm) -> bytes:
    """RFC 8489 18.5.1: 16 bytes, or 32. As good as the password: never to be logged."""
    text = f"{username}:{_opaque(realm)}:{_opaque(password)}".encode()
    if algorithm is Algorithm.SHA256:
        return sha256(text).digest()
    return md5(text, usedforsecurity=False).digest()  # RFC 8489 and all clients of RFC 5389 want it


def userhash(username: str, realm: str) -> bytes:
    """RFC 8489 14.4: 32 bytes that stand for a user's name, which then nobody on the way can read."""
    return sha256(f"{_opaque(username)}:{_opaque(realm)}".encode()).digest()


def seal(message: bytes | bytearray, key: Key) -> bytes:
    """The value of the integrity attribute that comes next; `message` is all before it, its length in the header is not read."""
    size = _SHA256_SIZE if key.sha256 else _SHA1_SIZE
    return _digest(message, key.secret, "sha256" if key.sha256 else "sha1", size)


def verify(message: "Message", key: bytes) -> bool:
    """Whether the message is protected with `key`; in a time that does not depend on how wrong it is.

    If both attributes are there, MESSAGE-INTEGRITY-SHA256 decides. False if there is none, or if its size is not allowed.
    """
    values = dict(message.integrity)
    if (at := values.get(MESSAGE_INTEGRITY_SHA256.number)) is not None:
        digest, shortest, longest = "sha256", _SHA256_SHORTEST, _SHA256_SIZE
    elif (at := values.get(MESSAGE_INTEGRITY.number)) is not None:
        digest, shortest, longest = "sha1", _SHA1_SIZE, _SHA1_SIZE
    else:
        return False
    (size,) = _LENGTH.unpack_from(message.data, at + 2)
    if not shortest <= size <= longest or size % 4:
        return False
    value = message.data[at + 4 : at + 4 + size]
    return hmac.compare_digest(_digest(message.data[:at], key, digest, size), value)


def _digest(covered: bytes | bytearray, key: bytes, digest: str, size: int) -> bytes:
    """RFC 8489 14.5: over a header whose length ends with this attribute, whatever follows."""
    length = _LENGTH.pack(len(covered) - HEADER_SIZE + 4 + size)
    return hmac.digest(key, covered[:2] + length + covered[4:], digest)[:size]


def _opaque(text: str) -> str:
    """RFC 8265 4.2.2, OpaqueString: each kind of space is a space, and NFC.

    A string with characters which that profile forbids passes as it is: it is equal to nothing that we hand out.
    """
    if text.isascii():
        return text
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in text)
    return unicodedata.normalize("NFC", spaced)
