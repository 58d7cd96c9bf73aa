"""Socket.IO protocol 5: packets as text and attachments.

A packet is read in two steps: its envelope by `decode`, and its JSON, once, by the method for its kind. Whoever only
passes on takes `raw`, the JSON as it came. What is written is serialised once, whatever the number of its readers.
"""

import json
import re
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple

import orjson

from voice.wire.errors import MalformedPacket

MAX_ATTACHMENTS: Final = 10
# These would be taken for the client library's own (socket.io-parser refuses them, too).
RESERVED: Final = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})


class Kind(IntEnum):
    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


_DIGITS: Final = {kind: b"%d" % kind for kind in Kind}
_KINDS: Final = {digit: kind for kind, digit in _DIGITS.items()}
_PLAIN_EVENT: Final = b"2["
_ENVELOPE: Final = re.compile(rb"(?:([0-4])|([56])(\d{1,2})-)(?:(/[^,]*),?)?(\d{1,15})?")


class Packet(NamedTuple):
    """An envelope. `raw` is its payload's JSON, not looked at yet; b"" where there is none."""

    kind: Kind
    namespace: str = "/"
    id: int | None = None
    raw: bytes = b""
    attachments: int = 0

    def auth(self) -> dict[str, Any]:
        """Of a CONNECT; no payload is an empty one. Raises MalformedPacket, as all of these."""
        auth = _loads(self.raw) if self.raw else {}
        if not isinstance(auth, dict):
            raise MalformedPacket("auth is an object")
        return auth

    def event(self, attachments: Sequence[bytes] = ()) -> tuple[str, list[Any]]:
        """Name and arguments of an EVENT or BINARY_EVENT; see `event_of`."""
        return event_of(self.raw, attachments if self.attachments else None)

    def answer(self, attachments: Sequence[bytes] = ()) -> list[Any]:
        """The arguments of an ACK or BINARY_ACK."""
        payload = _loads(self.raw)
        if not isinstance(payload, list):
            raise MalformedPacket("the payload is a list")
        return _filled(payload, attachments) if self.attachments else payload


def decode(text: bytes, start: int = 0) -> Packet:
    """The envelope of the packet that begins at `start`. Raises MalformedPacket.

    A DISCONNECT without payload, an ACK with its id and a number of attachments in bounds are seen to here.
    """
    if text.startswith(_PLAIN_EVENT, start):  # nearly every packet
        return Packet(Kind.EVENT, "/", None, text[start + 1 :])
    match = _ENVELOPE.match(text, start)
    if match is None:
        raise MalformedPacket("unknown kind of packet")
    plain, binary, count, namespace, id = match.groups()
    kind = _KINDS[plain or binary]
    attachments = int(count or 0)
    if binary and not 1 <= attachments <= MAX_ATTACHMENTS:
        raise MalformedPacket("too few or too many attachments")
    if id is None and (kind is Kind.ACK or kind is Kind.BINARY_ACK):
        raise MalformedPacket("an acknowledgement has an id")
    raw = text[match.end() :]
    if raw and kind is Kind.DISCONNECT:
        raise MalformedPacket("a disconnect has no payload")
    try:
        return Packet(kind, namespace.decode() if namespace else "/", int(id) if id else None, raw, attachments)
    except UnicodeDecodeError as error:
        raise MalformedPacket("not UTF-8") from error


def event_of(raw: bytes, attachments: Sequence[bytes] | None = None) -> tuple[str, list[Any]]:
    """Name and arguments from an event's JSON. Raises MalformedPacket.

    What JavaScript reads and we cannot say again is an event without a name: garbage of an application, not of the
    protocol, and whoever stands above refuses it as he refuses others.
    """
    try:
        payload = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        if _javascript_reads(raw):
            return "", []
        raise MalformedPacket("not JSON") from error
    if not isinstance(payload, list):
        raise MalformedPacket("the payload is a list")
    args = payload if attachments is None else _filled(payload, attachments)
    name = args.pop(0) if args else None
    if not isinstance(name, str) or name in RESERVED:
        raise MalformedPacket("an event has a name of its own")
    return name, args


def _loads(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise MalformedPacket("not JSON") from error


def _javascript_reads(raw: bytes) -> bool:
    """A list with half of a surrogate pair or with a number beyond all doubles; asked only where orjson refused."""
    try:
        return isinstance(json.loads(raw.decode(), parse_int=float, parse_constant=_refuse), list)
    except (ValueError, RecursionError):
        return False


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _filled(payload: list[Any], attachments: Sequence[bytes]) -> list[Any]:
    """Attachments in place of their placeholders."""
    return [_fill(item, attachments) for item in payload]


def _fill(item: Any, attachments: Sequence[bytes]) -> Any:
    if isinstance(item, list):
        return _filled(item, attachments)
    if not isinstance(item, dict):
        return item
    if item.get("_placeholder") is not True:
        return {key: _fill(part, attachments) for key, part in item.items()}
    number = item.get("num")
    if type(number) is not int or not 0 <= number < len(attachments):
        raise MalformedPacket("no such attachment")
    return attachments[number]


class Message(NamedTuple):
    """What is written for one packet: a text, then its attachments, with nothing between."""

    text: bytes
    attachments: tuple[bytes, ...] = ()


def encode_event(name: str, args: Sequence[Any], namespace: str = "/", id: int | None = None) -> Message:
    """`args` may hold bytes, which become attachments, and orjson.Fragment, JSON to be passed on as it is.

    Raises TypeError for what is no JSON. What a client sent may be that, too: 1024 levels can be read, 254 written.
    """
    return _encode(Kind.EVENT, Kind.BINARY_EVENT, [name, *args], namespace, id)


def encode_ack(args: Sequence[Any], namespace: str, id: int) -> Message:
    return _encode(Kind.ACK, Kind.BINARY_ACK, list(args), namespace, id)


def encode_connect(sid: str, namespace: str = "/") -> bytes:
    return head(Kind.CONNECT, namespace) + orjson.dumps({"sid": sid})


def encode_connect_error(message: str, namespace: str = "/", data: Any = None) -> bytes:
    """`data` becomes `error.data` at the client."""
    refusal = {"message": message} if data is None else {"message": message, "data": data}
    return head(Kind.CONNECT_ERROR, namespace) + orjson.dumps(refusal)


def encode_disconnect(namespace: str = "/") -> bytes:
    return head(Kind.DISCONNECT, namespace)


def head(kind: Kind, namespace: str = "/", id: int | None = None, attachments: int = 0) -> bytes:
    """What precedes the payload. For EVENT it is the same all connection long: `head + orjson.dumps([name, *args])`."""
    said = _DIGITS[kind]
    if attachments:
        said += b"%d-" % attachments
    if namespace != "/":
        said += namespace.encode() + b","
    return said if id is None else said + b"%d" % id


def _encode(plain: Kind, binary: Kind, payload: list[Any], namespace: str, id: int | None) -> Message:
    try:
        return Message(head(plain, namespace, id) + orjson.dumps(payload))
    except TypeError:
        return _encode_binary(binary, payload, namespace, id)


def _encode_binary(kind: Kind, payload: list[Any], namespace: str, id: int | None) -> Message:
    found: list[bytes] = []

    def set_aside(value: Any) -> dict[str, Any]:
        if not isinstance(value, bytes):
            raise TypeError
        found.append(value)
        return {"_placeholder": True, "num": len(found) - 1}

    raw = orjson.dumps(payload, default=set_aside)
    return Message(head(kind, namespace, id, len(found)) + raw, tuple(found))
