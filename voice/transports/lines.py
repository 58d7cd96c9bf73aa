"""Lines of the log about who comes and goes, and the ids by which lines belong together."""

import logging
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from voice.core.hub import Absent, Change
from voice.core.words import Room
from voice.transports.metrics import name_of

if TYPE_CHECKING:
    from voice.transports.switchboard import Connection

access: Final = logging.getLogger("projectvoice.access")
LONGEST_ID: Final = 64


def room_id(room: Room) -> str:
    """A channel's number. The name of an open room lets in whoever knows it: of that a digest."""
    return room.name if room.channel else f"open:{sha256(room.name.encode()).hexdigest()[:12]}"


def ids_of(connection: "Connection", room: Room | None) -> dict[str, Any]:
    ids: dict[str, Any] = {"peerId": connection.peer.id[:LONGEST_ID], "dialect": name_of(type(connection.dialect))}
    if connection.identity is not None:
        ids["userId"] = connection.identity.user.pk
    if room is not None:
        ids["roomId"] = room_id(room)
    return ids


def seated() -> None:
    """Whoever is being worked on has sat down."""
    access.info("joined")


def gone(changes: Iterable[Change]) -> None:
    """Who of these has left, or was lost and may come back."""
    if not access.isEnabledFor(logging.INFO):
        return
    for change in changes:
        if change.now is None or isinstance(change.now, Absent):
            word = "left" if change.now is None else "lost"
            access.info(word, extra={"fields": {"roomId": room_id(change.room), "peerId": change.peer_id[:LONGEST_ID]}})
