"""What rooms and peers may be called (CONTRACT 3): a voice channel's id has one spelling, all else is an open room."""

import re
from typing import Any

from projectvoice.kernel.errors import Text
from voice.core.errors import MalformedFrame
from voice.core.words import Room

ROOM_NAME = 128
PEER_ID = 128
NAME_LENGTH = 64
_CHANNEL = re.compile(r"(?:channel-)?([1-9][0-9]{0,18})", re.ASCII)
BAD_ID = Text("An id is a text of 1 to 128 characters", "Идентификатор: текст от 1 до 128 символов")
NO_ROOM = Text("Room ID is required", "Укажите ID комнаты")


def room_of(name: Any) -> Room:
    """`6`, `"6"` and `"channel-6"` are voice channel 6. Raises MalformedFrame."""
    if type(name) is int and 0 < name < 2**63:
        return Room(str(name), channel=True)
    if not isinstance(name, str) or not name.strip() or len(name) > ROOM_NAME or "\0" in name:
        raise MalformedFrame(NO_ROOM)
    channel = _CHANNEL.fullmatch(name)
    return Room(channel[1], channel=True) if channel else Room(name)


def peer_id_of(name: Any) -> str:
    """The id that a client has chosen for itself. Raises MalformedFrame."""
    if not isinstance(name, str) or not name.strip() or len(name) > PEER_ID or "\0" in name:
        raise MalformedFrame(BAD_ID)
    return name


def name_of(name: Any) -> str | None:
    """How somebody wants to be called: a text for people to read, shortened where it is too long. None: not said."""
    if not isinstance(name, str):
        return None
    return " ".join(name.replace("\0", "").split())[:NAME_LENGTH] or None
