"""Which dialect a WebSocket's address means (CONTRACT 0 and 5)."""

from collections.abc import Mapping

from voice.dialects.base import BoundDialect
from voice.dialects.game_signaling import GameSignalingDialect
from voice.dialects.hub_signaling import HubSignalingDialect


def dialect_of(path: str, query: Mapping[str, str]) -> tuple[type[BoundDialect], Mapping[str, str]] | None:
    """With what the address says in all. None: nobody is there."""
    if path.rstrip("/") != "/ws":
        return None
    if "client_id" in query:
        return HubSignalingDialect, query
    return GameSignalingDialect, query
