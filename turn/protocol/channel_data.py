"""ChannelData (RFC 8656 section 12.4), and how a stream is cut into it and STUN messages. Pure.

Which channel numbers may be bound is not decided here: all of RFC 5766, 0x4000 to 0x7FFF, are read.
"""

from collections.abc import Iterator
from struct import Struct

from turn.protocol.attributes import MAGIC_COOKIE
from turn.protocol.integrity import HEADER_SIZE

_HEAD = Struct("!HH")
_COOKIE = MAGIC_COOKIE.to_bytes(4, "big")


class MalformedFrame(Exception):
    """Neither ChannelData nor a STUN message, or longer than allowed."""


def encode(number: int, data: bytes, padded: bool) -> bytes:
    """`padded`, as streams need it: to a multiple of 4, with zeros. At most 65 535 bytes of data (struct.error)."""
    padding = bytes(-len(data) % 4) if padded else b""
    return _HEAD.pack(number, len(data)) + data + padding


def decode(data: bytes) -> tuple[int, bytes]:
    """The channel's number and the payload; what follows it is padding. Raises MalformedFrame."""
    if len(data) < 4:
        raise MalformedFrame("shorter than a header")
    number, size = _HEAD.unpack_from(data)
    if number >> 14 != 0b01:
        raise MalformedFrame("not a channel number")
    if size > len(data) - 4:  # RFC 8656 12.6
        raise MalformedFrame("longer than what carried it")
    return number, data[4 : 4 + size]


class Framer:
    """A stream in, whole frames out: STUN messages, and ChannelData with its padding.

    After MalformedFrame the stream is lost, since nobody knows where the next frame begins. Never holds more than one
    unfinished frame and what was fed last.
    """

    def __init__(self, longest: int) -> None:
        """`longest`: bytes of a frame, header and padding counted."""
        self._longest = longest
        self._rest = bytearray()

    @property
    def unfinished(self) -> bool:
        """Whether part of a frame waits for the rest."""
        return bool(self._rest)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Frames that are whole now; those not taken are given by the next call. Raises MalformedFrame where it stands."""
        self._rest += data
        return self._frames()

    def _frames(self) -> Iterator[bytes]:
        rest = self._rest
        while len(rest) >= 4 and len(rest) >= (size := self._size()):
            frame = bytes(rest[:size])
            del rest[:size]
            yield frame

    def _size(self) -> int:
        """Of the frame that stands first, of which 4 bytes are there."""
        number, length = _HEAD.unpack_from(self._rest)
        match number >> 14:
            case 0b00 if length % 4 == 0 and _COOKIE.startswith(self._rest[4:8]):
                size = HEADER_SIZE + length
            case 0b01:
                size = 4 + length + -length % 4
            case _:
                raise MalformedFrame("neither STUN nor ChannelData")
        if size > self._longest:
            raise MalformedFrame(f"a frame of {size} bytes")
        return int(size)
