"""Who a client says it is, and the keys that prove it. Time-limited names are those of coturn's `use-auth-secret`. Pure."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from turn.protocol.integrity import Algorithm, long_term_key, userhash

NOBODY = bytes(32)
"""Verified against when the name is unknown, so that an answer takes as long as for a wrong password."""


def mint(secret: str, user: str, expiry: int) -> tuple[str, str]:
    """Username and password for `user` until `expiry`, in seconds since 1970."""
    username = f"{expiry}:{user}"
    return username, _password(secret, username)


class Claim(NamedTuple):
    """What a username stands for, before its key is proved."""

    user: str
    keys: tuple[bytes, ...]
    """Any of them proves it: there are two while secrets are rotated."""
    expiry: float | None
    """Seconds since 1970; None: never."""


class Credentials:
    """Static users, and whoever holds credentials minted with one of the secrets."""

    def __init__(self, *, realm: str, secrets: Sequence[str] = (), users: Mapping[str, str] | None = None) -> None:
        self.realm = realm
        self._secrets = tuple(secrets)
        self._static = {
            (name, algorithm): long_term_key(name, realm, password, algorithm)
            for name, password in (users or {}).items()
            for algorithm in Algorithm
        }
        self._by_hash = {userhash(name, realm): name for name in users or {}}

    @property
    def anonymous(self) -> bool:
        """Every name is known by its USERHASH. A time-limited one cannot be: it is first seen when it is used."""
        return not self._secrets

    def name_of(self, hashed: bytes) -> str:
        """The static user of a USERHASH (RFC 8489 section 14.4); a name that nobody has if there is none."""
        return self._by_hash.get(hashed, "")

    def claim(self, username: str, algorithm: Algorithm) -> Claim:
        key = self._static.get((username, algorithm))
        if key is not None:
            return Claim(username, (key,), None)
        expiry, _, user = username.partition(":")
        if not (self._secrets and expiry.isascii() and expiry.isdigit() and len(expiry) < 16):
            return Claim("", (NOBODY,), None)
        keys = (long_term_key(username, self.realm, _password(secret, username), algorithm) for secret in self._secrets)
        return Claim(user or username, tuple(keys), float(expiry))


def _password(secret: str, username: str) -> str:
    return b64encode(hmac.digest(secret.encode(), username.encode(), hashlib.sha1)).decode()
