"""The opening handshake of a WebSocket, server side: RFC 6455 section 4.2. Origins are judged elsewhere."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Final

GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
VERSION: Final = "13"
KEY_SIZE: Final = 16

Headers = Mapping[str, str] | Iterable[tuple[bytes, bytes]]
"""A mapping of names to values, or ASGI's list of pairs; names in any case."""


@dataclass
class HandshakeRefused(Exception):
    """The answer is `status` with these headers besides the usual ones."""

    status: int
    reason: str
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.reason}"


def accept_key(method: str, headers: Headers) -> str:
    """The `Sec-WebSocket-Accept` for a request that may open a WebSocket.

    Extensions and subprotocols are neither read nor offered: permessage-deflate costs three times the CPU of a small
    message. Raises HandshakeRefused.
    """
    fields = _fields(headers)
    if method != "GET":
        raise HandshakeRefused(400, "A WebSocket is opened by GET")
    if "websocket" not in _tokens(fields, "upgrade") or "upgrade" not in _tokens(fields, "connection"):
        raise HandshakeRefused(426, "This is an address of WebSockets", {"Upgrade": "websocket"})
    if not fields.get("host"):
        raise HandshakeRefused(400, "The header Host is missing")
    if fields.get("sec-websocket-version") != [VERSION]:  # RFC 6455 section 4.4
        raise HandshakeRefused(426, "Unknown version of WebSocket", {"Sec-WebSocket-Version": VERSION})
    keys = fields.get("sec-websocket-key", [])
    if len(keys) != 1 or not _is_key(keys[0]):
        raise HandshakeRefused(400, "Sec-WebSocket-Key must be 16 bytes in base64")
    return b64encode(sha1(keys[0].encode() + GUID, usedforsecurity=False).digest()).decode()


def _fields(headers: Headers) -> dict[str, list[str]]:
    """By lower-case name, in order; a header that comes twice has two values (RFC 9110 section 5.3)."""
    if isinstance(headers, Mapping):
        pairs = list(headers.items())
    else:
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name.lower(), []).append(value.strip())
    return fields


def _tokens(fields: dict[str, list[str]], name: str) -> set[str]:
    return {token.strip().lower() for value in fields.get(name, []) for token in value.split(",")}


def _is_key(key: str) -> bool:
    try:
        return len(b64decode(key, validate=True)) == KEY_SIZE
    except (NotBase64, ValueError):
        return False
