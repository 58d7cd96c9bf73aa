"""Which room a name means (CONTRACT 3): a voice channel's id has one spelling, all else is an open room."""

import re
from typing import Any

from projectvoice.kernel.errors import Text
from voice.core.errors import MalformedFrame
from voice.core.words import Room

ROOM_NAME = 128
_CHANNEL = re.compile(r"(?:channel-)?([1-9][0-9]{0,18})", re.ASCII)
NO_ROOM = Text("Room ID is required", "Укажите ID комнаты")


def room_of(name: Any) -> Room:
    """`6`, `"6"` and `"channel-6"` are voice channel 6. Raises MalformedFrame."""
    if type(name) is int and 0 < name < 2**63:
        return Room(str(name), channel=True)
    if not isinstance(name, str) or not name.strip() or len(name) > ROOM_NAME or "\0" in name:
        raise MalformedFrame(NO_ROOM)
    channel = _CHANNEL.fullmatch(name)
    return Room(channel[1], channel=True) if channel else Room(name)
