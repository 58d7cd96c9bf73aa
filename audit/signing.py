"""Ed25519 over checkpoints: the private key is in the environment, so whoever owns the database alone cannot sign."""

import hashlib
from datetime import UTC

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from audit.models import KEY_ID_LENGTH, AuditCheckpoint

INFO = b"projectvoice audit checkpoints 1"  # also opens what is signed: the key signs nothing that reads otherwise
Keys = dict[str, Ed25519PublicKey]  # by their id


def own_key() -> Ed25519PrivateKey:
    """`AUDIT_KEY`; without it derived from SECRET_KEY, so that it changes with that."""
    seed = settings.AUDIT_KEY or HKDF(SHA256(), length=32, salt=None, info=INFO).derive(settings.SECRET_KEY.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def own_public_key() -> Ed25519PublicKey:
    return own_key().public_key()


def trusted_keys() -> Keys:
    """The instance's own key, and those it had before."""
    return by_id(own_public_key(), *map(Ed25519PublicKey.from_public_bytes, settings.AUDIT_FORMER_KEYS))


def key_id_of(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:KEY_ID_LENGTH]


def by_id(*keys: Ed25519PublicKey) -> Keys:
    return {key_id_of(key): key for key in keys}


def sign(checkpoint: AuditCheckpoint) -> None:
    key = own_key()
    checkpoint.key_id = key_id_of(key.public_key())
    checkpoint.signature = key.sign(_signed(checkpoint)).hex()


def is_signed(checkpoint: AuditCheckpoint, key: Ed25519PublicKey) -> bool:
    try:
        key.verify(bytes.fromhex(checkpoint.signature), _signed(checkpoint))
    except (InvalidSignature, ValueError):  # ValueError: no hexadecimal digits at all
        return False
    return True


def _signed(checkpoint: AuditCheckpoint) -> bytes:
    fields = {name: getattr(checkpoint, name) for name in ("log", "sequence", "hash", "key_id")}
    fields["at"] = checkpoint.at.astimezone(UTC).isoformat(timespec="microseconds")
    return INFO + b"\n" + orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
