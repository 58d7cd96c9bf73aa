"""What a peer can do wrong on the wire: one exception per protocol family, and nothing else comes out of a decoder."""


class ProtocolError(Exception):
    """The WebSocket connection must be failed with `code` (RFC 6455 section 7.1.7)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class MalformedPacket(Exception):
    """Not a packet of Engine.IO or Socket.IO, or not one that belongs here."""


class MalformedReply(Exception):
    """Not RESP3, too big, or not what the server was asked for."""
