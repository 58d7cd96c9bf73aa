"""The signature by which a receiver knows that a body is ours, and from when. Pure; docs/protocols/bots.md shows how it is checked."""

import hmac

HEADER = "X-ProjectVoice-Signature"


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`timestamp` in seconds since 1970: a receiver refuses what is old."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()
    return f"t={timestamp},v1={signed}"
