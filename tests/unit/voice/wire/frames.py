"""What a client sends: frames by hand, and a stream fed to a decoder in pieces."""

from itertools import chain

from voice.wire.errors import ProtocolError
from voice.wire.masking import unmask_by_integer
from voice.wire.websocket import CONTINUATION, TEXT, Decoder, Event

MASK = bytes.fromhex("37fa213d")  # RFC 6455 section 5.7
MAX_SIZE = 16 * 1024 * 1024
TCP_SEGMENT = 1460


def frame(opcode: int, data: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes | None = MASK) -> bytes:
    """One frame; without `mask`, as only a server may send it."""
    size, masked = len(data), 0 if mask is None else 0x80
    if size <= 125:
        length = bytes([masked | size])
    elif size < 1 << 16:
        length = bytes([masked | 126]) + size.to_bytes(2, "big")
    else:
        length = bytes([masked | 127]) + size.to_bytes(8, "big")
    payload = data if mask is None else mask + unmask_by_integer(data, mask)
    return bytes([fin << 7 | rsv << 4 | opcode]) + length + payload


def fragments(data: bytes, size: int, opcode: int = TEXT) -> bytes:
    """A message in frames of `size` bytes, the last one shorter."""
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    last = len(parts) - 1
    return b"".join(frame(CONTINUATION if number else opcode, part, fin=number == last) for number, part in enumerate(parts))


def pieces(stream: bytes, size: int) -> list[bytes]:
    return [stream[at : at + size] for at in range(0, len(stream), size)]


def read(chunks: list[bytes], max_size: int = MAX_SIZE) -> tuple[list[Event], int | None]:
    """The events of a stream, and the close code it failed with."""
    decoder, events = Decoder(max_size), []
    try:
        events.extend(chain.from_iterable(map(decoder.receive, chunks)))  # extend keeps what came before the exception
    except ProtocolError as error:
        return events, error.code
    return events, None
