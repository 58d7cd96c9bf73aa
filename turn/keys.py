"""What the relay shares with the web processes: the secrets that mint credentials and verify them."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

CREDENTIALS, NONCES = b"projectvoice turn credentials 1", b"projectvoice turn nonces 1"


def secrets() -> list[str]:
    """`TURN_SECRET`, the first mints; without it one derived from SECRET_KEY, so that it changes with that."""
    return list(settings.TURN_SECRET) or [_derived(settings.SECRET_KEY, CREDENTIALS).hex()]


def nonce_key() -> bytes:
    """Outlives a restart, so that clients need not ask for a new nonce then."""
    return _derived(secrets()[0], NONCES)


def _derived(key: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(key.encode())
