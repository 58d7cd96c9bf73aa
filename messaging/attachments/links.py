"""Addresses that are keys: `<img src>` sends no header. Each opens one attachment, for at most a day."""

import time
from urllib.parse import quote

from django.core.signing import BadSignature, Signer

SIGNER = Signer(salt="messaging.attachments.link")
STEP = 3600  # seconds; within one step an attachment has one address, so that browsers find it in their cache
STEPS = 24


def link_to(attachment_id: int, filename: str) -> str:
    """Where the file lies, from the instance's root."""
    expires = (int(time.time()) // STEP + STEPS) * STEP
    signature = SIGNER.sign(_claim(attachment_id, expires)).rpartition(SIGNER.sep)[2]
    return f"/api/attachments/{attachment_id}/{quote(filename, safe='')}?expires={expires}&signature={signature}"


def opens(attachment_id: int, expires: str, signature: str) -> bool:
    """Whether these come from a link to that attachment that still holds."""
    if not (expires.isascii() and expires.isdigit() and len(expires) < 16 and signature.isascii()):
        return False
    try:
        SIGNER.unsign(f"{_claim(attachment_id, int(expires))}{SIGNER.sep}{signature}")
    except BadSignature:
        return False
    return time.time() < int(expires)


def _claim(attachment_id: int, expires: int) -> str:
    return f"{attachment_id}-{expires}"
