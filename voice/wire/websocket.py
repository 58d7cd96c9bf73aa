"""RFC 6455 framing as a server does it: chunks in, messages out; messages in, frames out.

No extension is ever negotiated, so the reserved bits stay reserved. Text stays bytes: it is checked to be UTF-8 and never
turned into `str`, since whoever reads it (orjson) takes bytes and whoever relays it writes bytes.
"""

from codecs import utf_8_decode
from collections.abc import Iterator
from struct import Struct
from typing import Final

from voice.wire.errors import ProtocolError
from voice.wire.masking import unmask

# Opcodes, RFC 6455 section 5.2
CONTINUATION: Final = 0
TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10

# Close codes, RFC 6455 section 7.4.1
NORMAL: Final = 1000
PROTOCOL_ERROR: Final = 1002
NO_STATUS: Final = 1005
INVALID_DATA: Final = 1007
TOO_BIG: Final = 1009

Event = tuple[int, bytes]
"""An opcode and its data: a whole TEXT or BINARY message, a PING, a PONG or a CLOSE (see `close_status`)."""

MAX_CONTROL: Final = 125
_FIN: Final = 0x80
_RESERVED: Final = 0x70
_MASKED: Final = 0x80
_WHOLE_TEXT: Final = _FIN | TEXT
_OPCODES: Final = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})
_medium_header: Final = Struct("!BBH").pack
# Bytes before the payload, by the frame's second byte: two, the longer length if any, and the mask's four.
_HEADER_SIZE: Final = tuple({126: 8, 127: 14}.get(second & 127, 6) for second in range(256))


class Decoder:
    """Reads what one client sends. How it is cut into chunks changes nothing but when events come.

    Bad UTF-8 and oversize are noticed with the first byte that shows them, not at the end of a frame or message.
    """

    __slots__ = (
        "_control",
        "_fin",
        "_left",
        "_mask",
        "_max_size",
        "_message",
        "_opcode",
        "_over",
        "_rest",
        "_room",
        "_tail",
        "_text",
    )

    def __init__(self, max_size: int) -> None:
        """`max_size` is the most bytes a message may have, over all its fragments."""
        self._max_size = max_size
        self._room = max_size  # what the message in progress may still grow
        self._over = False  # closed or failed
        self._rest = b""  # the start of a header
        self._left: int | None = None  # payload bytes the current frame still lacks; None: between two frames
        self._opcode = self._fin = 0  # of the current frame
        self._mask = b""  # turned, so that it begins where the next chunk does
        self._control = b""  # payload of a control frame that is not whole
        self._text: bool | None = None  # which kind of message is not whole; None: none
        self._message = bytearray()
        self._tail = b""  # of its text: a character that is not whole

    def receive(self, data: bytes) -> Iterator[Event]:
        """Yield what `data` completes; it is read as far as the iterator is. After CLOSE nothing comes any more.

        Raises ProtocolError, once, after what came before the offence was yielded.
        """
        if self._rest:
            data = self._rest + data
            self._rest = b""
        at, end = 0, len(data)
        while at < end and not self._over:
            if self._left is None:
                if end - at < 2:
                    self._rest = data[at:]
                    return
                first, second = data[at], data[at + 1]
                if first != _WHOLE_TEXT or second < _MASKED or self._text is not None:
                    self._check(first, second)
                start = at + _HEADER_SIZE[second]
                if start > end:
                    self._rest = data[at:]
                    return
                size = second & 127
                if size == 126:
                    size = data[at + 2] << 8 | data[at + 3]
                    shortest = size > MAX_CONTROL
                elif size == 127:
                    size = int.from_bytes(data[at + 2 : at + 10], "big")
                    shortest = 1 << 16 <= size < 1 << 63
                else:
                    shortest = True
                if not shortest:  # RFC 6455 section 5.2
                    raise self._failed(PROTOCOL_ERROR, "bad payload length")
                if size > self._room and first & 15 <= BINARY:
                    raise self._failed(TOO_BIG, "message too big")
                at, stop = start, start + size
                if first == _WHOLE_TEXT and stop <= end:  # nearly every frame: a text message of its own
                    text = unmask(data[at:stop], data[at - 4 : at])
                    if not text.isascii():
                        self._check_utf8(text, final=True)
                    at = stop
                    yield TEXT, text
                    continue
                self._begin(first, size, data[at - 4 : at])
            piece = data[at : at + (self._left or 0)]
            at += len(piece)
            event = self._take(piece)
            if event is not None:
                yield event

    def _check(self, first: int, second: int) -> None:
        """The rules for a frame's first two bytes: RFC 6455 sections 5.1, 5.2, 5.4 and 5.5."""
        opcode = first & 15
        if first & _RESERVED:
            raise self._failed(PROTOCOL_ERROR, "reserved bits are set")
        if opcode not in _OPCODES:
            raise self._failed(PROTOCOL_ERROR, "unknown opcode")
        if not second & _MASKED:
            raise self._failed(PROTOCOL_ERROR, "frame is not masked")
        if opcode >= CLOSE:
            if not first & _FIN:
                raise self._failed(PROTOCOL_ERROR, "fragmented control frame")
            if second & 127 > MAX_CONTROL:
                raise self._failed(PROTOCOL_ERROR, "control frame too long")
        elif opcode == CONTINUATION:
            if self._text is None:
                raise self._failed(PROTOCOL_ERROR, "nothing to continue")
        elif self._text is not None:
            raise self._failed(PROTOCOL_ERROR, "message inside a fragmented message")

    def _begin(self, first: int, size: int, mask: bytes) -> None:
        self._opcode, self._fin = first & 15, first & _FIN
        self._left, self._mask = size, mask
        if TEXT <= self._opcode <= BINARY:
            self._text = self._opcode == TEXT

    def _take(self, piece: bytes) -> Event | None:
        """A piece of the current frame's payload, which may be the whole; answers what it completes."""
        left = self._left = (self._left or 0) - len(piece)
        data = unmask(piece, self._mask)
        if left:
            turn = len(piece) % 4
            self._mask = self._mask[turn:] + self._mask[:turn]
        else:
            self._left = None
        if self._opcode >= CLOSE:
            self._control += data
            return None if left else self._take_control()
        whole = bool(self._fin) and not left
        if self._text:
            self._check_utf8(data, final=whole)
        self._message += data
        self._room -= len(data)
        if not whole:
            return None
        event = (TEXT if self._text else BINARY), bytes(self._message)
        self._message = bytearray()
        self._text = None
        self._room = self._max_size
        return event

    def _take_control(self) -> Event:
        opcode, data = self._opcode, self._control
        self._control = b""
        if opcode == CLOSE:
            self._check_close(data)
            self._over = True
        return opcode, data

    def _check_close(self, data: bytes) -> None:
        """RFC 6455 section 5.5.1: nothing, or a code that may be sent (7.4) and a reason in UTF-8."""
        if data and not may_be_sent(int.from_bytes(data[:2], "big")):  # a single byte is no code either
            raise self._failed(PROTOCOL_ERROR, "bad close code")
        try:
            data[2:].decode()
        except UnicodeDecodeError:
            raise self._failed(INVALID_DATA, "reason is not UTF-8") from None

    def _check_utf8(self, data: bytes, final: bool) -> None:
        """RFC 6455 section 8.1; `final` when the message ends here."""
        data = self._tail + data
        try:
            _, used = utf_8_decode(data, "strict", final)
        except UnicodeDecodeError:
            raise self._failed(INVALID_DATA, "text is not UTF-8") from None
        self._tail = data[used:]

    def _failed(self, code: int, reason: str) -> ProtocolError:
        self._over = True
        return ProtocolError(code, reason)


def may_be_sent(code: int) -> bool:
    """RFC 6455 section 7.4: what a Close frame may carry."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1011 or 3000 <= code <= 4999


def close_status(data: bytes) -> tuple[int, str]:
    """Code and reason of a CLOSE event; NO_STATUS if the peer gave none (RFC 6455 section 7.1.5)."""
    return (int.from_bytes(data[:2], "big"), data[2:].decode()) if data else (NO_STATUS, "")


def text_frame(data: bytes) -> bytes:
    """A whole text message; `data` must be UTF-8."""
    size = len(data)
    if MAX_CONTROL < size < 1 << 16:  # nearly every signal: spares a call
        return _medium_header(_WHOLE_TEXT, 126, size) + data
    return _header(_WHOLE_TEXT, size) + data


def binary_frame(data: bytes) -> bytes:
    return _header(_FIN | BINARY, len(data)) + data


def ping_frame(data: bytes = b"") -> bytes:
    """At most MAX_CONTROL bytes of data."""
    return bytes((_FIN | PING, len(data))) + data


def pong_frame(data: bytes) -> bytes:
    """The answer to a PING carries its data (RFC 6455 section 5.5.3)."""
    return bytes((_FIN | PONG, len(data))) + data


def close_frame(code: int | None = None, reason: str = "") -> bytes:
    """Without a code the frame is empty, as for NO_STATUS. A reason too long is cut between two characters."""
    if code is None or code == NO_STATUS:
        return bytes((_FIN | CLOSE, 0))
    said = reason.encode()[: MAX_CONTROL - 2].decode(errors="ignore").encode()
    return bytes((_FIN | CLOSE, 2 + len(said))) + code.to_bytes(2, "big") + said


def _header(first: int, size: int) -> bytes:
    """RFC 6455 section 5.2; a server does not mask."""
    if size <= MAX_CONTROL:
        return bytes((first, size))
    if size < 1 << 16:
        return _medium_header(first, 126, size)
    return bytes((first, 127)) + size.to_bytes(8, "big")
