"""Engine.IO protocol 4: packets, payloads, the open packet, and what is answered to requests that are none.

The session that speaks them is in `session.py`. Text stays bytes, as in `websocket.py`.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from typing import Final, NamedTuple

import orjson

from voice.wire.errors import MalformedPacket

PROTOCOL: Final = "4"
SEPARATOR: Final = b"\x1e"
MAX_PACKETS: Final = 10_000  # in one POST: a burst of candidates comes in one piece


class Transport(StrEnum):
    POLLING = "polling"
    WEBSOCKET = "websocket"


class Kind(IntEnum):
    OPEN = 0
    CLOSE = 1
    PING = 2
    PONG = 3
    MESSAGE = 4
    UPGRADE = 5
    NOOP = 6


_DIGITS: Final = {kind: b"%d" % kind for kind in Kind}
_KINDS: Final = {digit: kind for kind, digit in _DIGITS.items()}


class Packet(NamedTuple):
    """`binary` data only travels in a MESSAGE."""

    kind: Kind
    data: bytes = b""
    binary: bool = False


@dataclass(frozen=True)
class Settings:
    """Of all sessions of one server; times in seconds, sizes in bytes."""

    ping_interval: float = 25.0
    ping_timeout: float = 20.0
    upgrade_timeout: float = 10.0
    close_timeout: float = 30.0  # how long a session that is closed waits for the poll that takes its last words
    max_payload: int = 1_000_000
    max_outbox_packets: int = 1024
    max_outbox_bytes: int = 4 * 1024 * 1024


class Response(NamedTuple):
    """To an HTTP request."""

    status: int
    body: bytes
    content_type: str = "text/plain; charset=UTF-8"


class Refusal(Enum):
    """Requests that the protocol refuses: code and message as Node's engine.io answers them."""

    UNKNOWN_TRANSPORT = 0, "Transport unknown"
    UNKNOWN_SID = 1, "Session ID unknown"
    BAD_HANDSHAKE_METHOD = 2, "Bad handshake method"
    BAD_REQUEST = 3, "Bad request"
    FORBIDDEN = 4, "Forbidden"
    UNSUPPORTED_PROTOCOL_VERSION = 5, "Unsupported protocol version"
    CROWDED = 4, "Too many connections from this address"  # as Node's `allowRequest` says what it likes

    @property
    def response(self) -> Response:
        code, message = self.value
        status = 403 if code == Refusal.FORBIDDEN.value[0] else 400
        return Response(status, orjson.dumps({"code": code, "message": message}), "application/json")


OK: Final = Response(200, b"ok")
TOO_LARGE: Final = Response(413, Refusal.BAD_REQUEST.response.body, "application/json")


def refusal(
    method: str, query: Mapping[str, str], *, websocket: bool, transport_of: Callable[[str], Transport | None]
) -> Refusal | None:
    """Why this request is none of ours, or None. `websocket`: it asks to open one; `transport_of` knows the sessions.

    A WebSocket for a session that has one already is no bad request: Session.upgrade ends it.
    """
    transport = query.get("transport")
    if transport not in {Transport.POLLING, Transport.WEBSOCKET}:
        return Refusal.UNKNOWN_TRANSPORT
    if websocket and transport != Transport.WEBSOCKET:
        return Refusal.BAD_REQUEST
    if sid := query.get("sid"):
        known = transport_of(sid)
        if known is None:
            return Refusal.UNKNOWN_SID
        if not websocket and (known != transport or method not in {"GET", "POST"}):
            return Refusal.BAD_REQUEST
        return None
    if method != "GET":
        return Refusal.BAD_HANDSHAKE_METHOD
    if transport == Transport.WEBSOCKET and not websocket:
        return Refusal.BAD_REQUEST
    return None if query.get("EIO") == PROTOCOL else Refusal.UNSUPPORTED_PROTOCOL_VERSION


def open_packet(sid: str, transport: Transport, settings: Settings) -> Packet:
    """The handshake; times in milliseconds."""
    handshake = {
        "sid": sid,
        "upgrades": [Transport.WEBSOCKET] if transport is Transport.POLLING else [],
        "pingInterval": round(settings.ping_interval * 1000),
        "pingTimeout": round(settings.ping_timeout * 1000),
        "maxPayload": settings.max_payload,
    }
    return Packet(Kind.OPEN, orjson.dumps(handshake))


def encode(packet: Packet) -> bytes:
    """What a WebSocket message holds; of a binary packet, one of the binary kind."""
    return packet.data if packet.binary else _DIGITS[packet.kind] + packet.data


def decode(text: bytes) -> Packet:
    """A packet from a text message or from a payload. `text` is UTF-8. Raises MalformedPacket."""
    if text[:1] == b"b":
        try:
            return Packet(Kind.MESSAGE, b64decode(text[1:], validate=True), binary=True)
        except NotBase64 as error:
            raise MalformedPacket("not base64") from error
    kind = _KINDS.get(text[:1])
    if kind is None:
        raise MalformedPacket("unknown kind of packet")
    return Packet(kind, text[1:])


def encode_payload(packets: Iterable[Packet]) -> bytes:
    """Several packets as the body of a request or an answer; binary becomes base64."""
    return SEPARATOR.join(b"b" + b64encode(packet.data) if packet.binary else encode(packet) for packet in packets)


def decode_payload(body: bytes) -> list[Packet]:
    """All of it or nothing: raises MalformedPacket."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise MalformedPacket("not UTF-8") from error
    if body.count(SEPARATOR) >= MAX_PACKETS:
        raise MalformedPacket("too many packets")
    return [decode(part) for part in body.split(SEPARATOR)]
