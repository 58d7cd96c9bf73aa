"""Codes of authenticator apps, as all of them know: RFC 6238 with SHA-1, six digits, thirty seconds."""

import hmac
import re
import secrets
from base64 import b32encode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP = 30  # seconds
DRIFT = 1  # steps that a phone's clock may be off, either way
SECRET_BYTES = 20
ISSUER = "ProjectVoice"


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def readable(secret: bytes) -> str:
    """As people type it into an app."""
    return b32encode(secret).decode()


def code_at(secret: bytes, moment: float) -> str:
    return _totp(secret).generate(int(moment)).decode()


def step_of(code: str, secret: bytes, now: float) -> int | None:
    """Whose step of time this code is, of those that count now; None: of none."""
    if not re.fullmatch("[0-9]{6}", code):
        return None
    present = int(now) // STEP
    fitting = [
        step for step in range(present - DRIFT, present + DRIFT + 1) if hmac.compare_digest(code_at(secret, step * STEP), code)
    ]
    return max(fitting, default=None)


def uri(secret: bytes, account: str) -> str:
    return _totp(secret).get_provisioning_uri(account, ISSUER)


def qr(text: str) -> str:
    """An `<svg>` that scales, black on white whatever lies behind it."""
    import segno  # here, since every process has codes to check, and few ever draw one

    code: str = segno.make(text, error="m", micro=False).svg_inline(
        dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    return code


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, 6, SHA1(), STEP)  # noqa: S303 - the one that every app knows; HMAC does not rest on collisions
