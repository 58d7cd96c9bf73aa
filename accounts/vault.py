"""Keeps secrets that the instance has to read again: sealed in the database, the key beside it in SECRET_KEY."""

import os
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

INFO = b"projectvoice two-factor secrets 1"
NONCE = 12  # bytes


def sealed(secret: bytes, user_id: int) -> str:
    """Opens for this user alone: a row copied to another account is of no use there."""
    nonce = os.urandom(NONCE)
    return b64encode(nonce + _cipher().encrypt(nonce, secret, str(user_id).encode())).decode()


def opened(seal: str, user_id: int) -> bytes | None:
    """None: another SECRET_KEY sealed it, or it was another user's."""
    data = b64decode(seal)
    try:
        return _cipher().decrypt(data[:NONCE], data[NONCE:], str(user_id).encode())
    except InvalidTag:
        return None


def _cipher() -> AESGCM:
    return AESGCM(HKDF(SHA256(), length=32, salt=None, info=INFO).derive(settings.SECRET_KEY.encode()))
