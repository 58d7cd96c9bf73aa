"""Why a request is refused. Pure."""

from typing import Any, Final

from turn.protocol.attributes import Attribute

REASONS: Final = {
    300: "Try Alternate",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    405: "Mobility Forbidden",
    420: "Unknown Attribute",
    437: "Allocation Mismatch",
    438: "Stale Nonce",
    440: "Address Family not Supported",
    441: "Wrong Credentials",
    442: "Unsupported Transport Protocol",
    443: "Peer Address Family Mismatch",
    446: "Connection Already Exists",
    447: "Connection Timeout or Failure",
    486: "Allocation Quota Reached",
    508: "Insufficient Capacity",
}
"""As the RFCs phrase them: 8489 section 14.8, 8656 section 19, 6062 section 6.3, 8016 section 4.6."""


class Refused(Exception):
    """The client hears this code, and these attributes beside it."""

    def __init__(self, code: int, *attributes: tuple[Attribute[Any], Any]) -> None:
        super().__init__(f"{code} {REASONS[code]}")
        self.code = code
        self.attributes = attributes
