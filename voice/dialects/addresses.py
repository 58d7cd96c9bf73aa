"""Which dialect a WebSocket's address means (CONTRACT 0 and 5)."""

import re
from collections.abc import Mapping

from voice.dialects.base import BoundDialect
from voice.dialects.game_signaling import GameSignalingDialect
from voice.dialects.hub_signaling import HubSignalingDialect
from voice.dialects.zvonim import ZvonimDialect, ZvonimEnvelopeDialect

_ZVONIM_ROOM = re.compile(r"/api/(?:room|meeting)/(.+)/ws", re.DOTALL)


def dialect_of(path: str, query: Mapping[str, str]) -> tuple[type[BoundDialect], Mapping[str, str]] | None:
    """With what the address says in all. None: nobody is there."""
    path = path.rstrip("/")
    if room := _ZVONIM_ROOM.fullmatch(path):
        return ZvonimEnvelopeDialect, {**query, "room_id": room[1]}
    if path != "/ws":
        return None
    if "client_id" in query:
        return HubSignalingDialect, query
    if "user_id" in query:
        return ZvonimDialect, query
    return GameSignalingDialect, query
