"""Nonces that need no memory: what they are good for stands in them, and is signed. Pure."""

import hashlib
import hmac
from base64 import b64decode, b64encode

from turn.words import Client

COOKIE = "obMatJos2"
"""Says that four base64 digits of security features follow (RFC 8489 section 9.2)."""
PASSWORD_ALGORITHMS = 0x80_00_00
USERNAME_ANONYMITY = 0x40_00_00
LIFETIME = 3600.0
"""Seconds. A client that uses an older one hears 438 and goes on with a fresh one."""
SIGNATURE = 8
"""Bytes. Guessing 2**64 costs more requests than an hour has, and a short nonce keeps answers to strangers small."""


class Nonces:
    """For one client address each, and for an hour. With the same secret they outlive a restart."""

    def __init__(self, secret: bytes, *, anonymity: bool) -> None:
        self._secret = secret
        features = PASSWORD_ALGORITHMS | (USERNAME_ANONYMITY if anonymity else 0)
        self._prefix = COOKIE + b64encode(features.to_bytes(3, "big")).decode()

    def fresh(self, client: Client, wall: float) -> str:
        stamp = int(wall).to_bytes(4, "big")
        return self._prefix + b64encode(stamp + self._signature(stamp, client)).decode()

    def valid(self, nonce: str, client: Client, wall: float) -> bool:
        if not nonce.startswith(self._prefix):
            return False
        try:
            token = b64decode(nonce[len(self._prefix) :], validate=True)
        except ValueError:
            return False
        stamp, signature = token[:4], token[4:]
        if not hmac.compare_digest(signature, self._signature(stamp, client)):
            return False
        return wall - LIFETIME <= int.from_bytes(stamp, "big") <= wall

    def _signature(self, stamp: bytes, client: Client) -> bytes:
        told = b"".join([self._prefix.encode(), stamp, client.remote.host, client.remote.port.to_bytes(2, "big")])
        return hmac.digest(self._secret, told, hashlib.sha256)[:SIGNATURE]


def promises_algorithms(nonce: str) -> bool:
    """Whether the nonce, whoever made it, says that PASSWORD-ALGORITHMS came with it."""
    if not nonce.startswith(COOKIE):
        return False
    try:
        features = b64decode(nonce[len(COOKIE) : len(COOKIE) + 4], validate=True)
    except ValueError:
        return False
    return bool(int.from_bytes(features, "big") & PASSWORD_ALGORITHMS)
