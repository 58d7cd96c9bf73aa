"""A STUN message, from bytes and to bytes (RFC 8489 section 5).

Strangers send these: `decode` reads any bytes or raises MalformedMessage, and nothing is said of what an attribute means until
it is asked for.
"""

from binascii import crc32
from collections.abc import Container, Iterable
from enum import IntEnum
from struct import Struct, error
from typing import Any, Final, NamedTuple, TypeVar

from turn.protocol.attributes import (
    FINGERPRINT,
    MAGIC_COOKIE,
    MESSAGE_INTEGRITY,
    MESSAGE_INTEGRITY_SHA256,
    Attribute,
)
from turn.protocol.integrity import HEADER_SIZE, Key, seal

T = TypeVar("T")


class Method(IntEnum):
    BINDING = 0x001
    ALLOCATE = 0x003
    REFRESH = 0x004
    SEND = 0x006
    DATA = 0x007
    CREATE_PERMISSION = 0x008
    CHANNEL_BIND = 0x009
    CONNECT = 0x00A
    CONNECTION_BIND = 0x00B
    CONNECTION_ATTEMPT = 0x00C


class Kind(IntEnum):
    """A message's class, by its two bits as they stand in the type."""

    REQUEST = 0x000
    INDICATION = 0x010
    SUCCESS = 0x100
    ERROR = 0x110


class MalformedMessage(Exception):
    """No STUN message, or one whose FINGERPRINT is wrong: not to be answered."""


class BadAttribute(Exception):
    """The value of this attribute is not as its RFC says."""

    def __init__(self, attribute: Attribute[Any]) -> None:
        super().__init__(f"cannot read {attribute}")
        self.attribute = attribute


_HEADER: Final = Struct("!HHI12s")
_ATTRIBUTE: Final = Struct("!HH")
_KINDS: Final = {kind.value: kind for kind in Kind}
_METHODS: Final = {method.value: method for method in Method}
_FINGERPRINT_MASK: Final = 0x5354554E
_FINGERPRINT_SIZE: Final = 8
_COMPREHENSION_OPTIONAL: Final = 0x8000
# RFC 8489 14.5, 14.6: behind an integrity attribute only the stronger one and the fingerprint count.
_BEHIND: Final[dict[int, Container[int]]] = {
    MESSAGE_INTEGRITY.number: frozenset({MESSAGE_INTEGRITY_SHA256.number, FINGERPRINT.number}),
    MESSAGE_INTEGRITY_SHA256.number: frozenset({FINGERPRINT.number}),
}
_LAST: Final = FINGERPRINT.number


class Message(NamedTuple):
    """`attributes` are those that count, numbers and values, in the order of the wire."""

    method: int
    """A Method, or the number of one that we do not know."""
    kind: Kind
    transaction_id: bytes
    attributes: tuple[tuple[int, bytes], ...]
    integrity: tuple[tuple[int, int], ...]
    """Where in `data` an integrity attribute begins: its number and its offset."""
    data: bytes
    """The message as it came."""

    def get(self, attribute: Attribute[T]) -> T | None:
        """The first of its kind (RFC 8489 section 14). Raises BadAttribute."""
        wanted = attribute.number
        for number, value in self.attributes:
            if number == wanted:
                return self._read(attribute, value)
        return None

    def all(self, attribute: Attribute[T]) -> list[T]:
        """For the few that may repeat. Raises BadAttribute."""
        wanted = attribute.number
        return [self._read(attribute, value) for number, value in self.attributes if number == wanted]

    def unknown(self, known: Container[int]) -> list[int]:
        """Numbers of attributes that have to be understood and are not `known`; each once, in order."""
        numbers = (number for number, _ in self.attributes if number < _COMPREHENSION_OPTIONAL and number not in known)
        return list(dict.fromkeys(numbers))

    def _read(self, attribute: Attribute[T], value: bytes) -> T:
        try:
            return attribute.read(value, self.transaction_id)
        except (ValueError, error) as unreadable:
            raise BadAttribute(attribute) from unreadable


def decode(data: bytes) -> Message:
    """Read one datagram, or one frame of a stream. Raises MalformedMessage and nothing else."""
    size = len(data)
    if size < HEADER_SIZE:
        raise MalformedMessage("shorter than a header")
    type_, length, cookie, transaction_id = _HEADER.unpack_from(data)
    # RFC 8489 6.3: the first two bits, the cookie, and a sensible length.
    if type_ > 0x3FFF or cookie != MAGIC_COOKIE or length % 4 or length != size - HEADER_SIZE:
        raise MalformedMessage("not a STUN header")

    attributes: list[tuple[int, bytes]] = []
    integrity: tuple[tuple[int, int], ...] = ()
    counting: Container[int] | None = None  # None: all attributes do
    at = HEADER_SIZE
    while at < size:
        number, value_size = _ATTRIBUTE.unpack_from(data, at)
        start = at + 4
        end = start + value_size
        if end > size:
            raise MalformedMessage(f"attribute 0x{number:04x} runs past the end")
        if number == _LAST:
            _check_fingerprint(data, at)
        if counting is None or number in counting:
            attributes.append((number, data[start:end]))
            if number in _BEHIND:
                integrity += ((number, at),)
                counting = _BEHIND[number]
        at = end + -value_size % 4

    number = type_ & 0x000F | (type_ & 0x00E0) >> 1 | (type_ & 0x3E00) >> 2
    return Message(_METHODS.get(number, number), _KINDS[type_ & 0x0110], transaction_id, tuple(attributes), integrity, data)


def encode(
    method: int,
    kind: Kind,
    transaction_id: bytes,
    attributes: Iterable[tuple[Attribute[Any], Any]] = (),
    *,
    integrity: Key | None = None,
    fingerprint: bool = False,
) -> bytes:
    """Padding is zero. Raises ValueError for a value that its attribute cannot hold, and for a message that is too long."""
    if not 0 <= method <= 0xFFF or len(transaction_id) != 12:
        raise ValueError("methods have 12 bits, transaction ids 12 bytes")
    type_ = method & 0x000F | (method & 0x0070) << 1 | (method & 0x0F80) << 2 | kind
    message = bytearray(_HEADER.pack(type_, 0, MAGIC_COOKIE, transaction_id))
    try:
        for attribute, value in attributes:
            _append(message, attribute, attribute.write(value, transaction_id))
        if integrity is not None:
            _append(message, MESSAGE_INTEGRITY_SHA256 if integrity.sha256 else MESSAGE_INTEGRITY, seal(message, integrity))
        length = len(message) - HEADER_SIZE + (_FINGERPRINT_SIZE if fingerprint else 0)
        message[2:4] = length.to_bytes(2, "big")
    except (OverflowError, error) as impossible:
        raise ValueError(f"cannot be written: {impossible}") from impossible
    if fingerprint:
        _append(message, FINGERPRINT, (crc32(message) ^ _FINGERPRINT_MASK).to_bytes(4, "big"))
    return bytes(message)


def _append(message: bytearray, attribute: Attribute[Any], value: bytes) -> None:
    message += _ATTRIBUTE.pack(attribute.number, len(value))
    message += value
    message += bytes(-len(value) % 4)


def _check_fingerprint(data: bytes, at: int) -> None:
    """RFC 8489 14.7: the last attribute, over all before it."""
    if len(data) - at != _FINGERPRINT_SIZE:
        raise MalformedMessage("FINGERPRINT is not the last attribute")
    expected = (crc32(memoryview(data)[:at]) ^ _FINGERPRINT_MASK).to_bytes(4, "big")
    if data[at + 2 : at + 4] != b"\0\4" or data[at + 4 :] != expected:
        raise MalformedMessage("wrong FINGERPRINT")
