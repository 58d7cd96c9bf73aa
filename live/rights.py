"""What one user may see, and which events he may therefore hear. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from events.words import KINDS, Audience
from servers.permissions import Permission

NEEDS: Mapping[str, int] = {
    name: int(Permission[kind.need]) if kind.need else 0 for name, kind in KINDS.items() if kind.audience is not Audience.NOBODY
}
"""What one must hold to hear of it, by kinds that are told at all."""


class Sight(NamedTuple):
    """Of one server. Members with the same roles share one."""

    permissions: int
    channels: Mapping[int, int]
    """What he may do, by each channel that he sees."""

    def allows(self, channel_id: int | None, need: int) -> bool:
        if channel_id is None:
            return self.permissions & need == need
        held = self.channels.get(channel_id)
        return held is not None and held & need == need


@dataclass(eq=False, slots=True)
class View:
    """As the doors had it when they were asked last."""

    user_id: int
    username: str
    servers: dict[int, Sight] = field(default_factory=dict)
    conversations: frozenset[int] = frozenset()
    friends: frozenset[int] = frozenset()
    until: datetime | None = None
    """Then a timeout of his ends, and the doors are to be asked again."""

    def sees(self, channel_id: int, need: int) -> bool:
        """A channel of whichever server, or a conversation."""
        return channel_id in self.conversations or any(sight.allows(channel_id, need) for sight in self.servers.values())

    def hears(self, kind: str, server_id: int | None, channel_id: int | None, user_id: int | None) -> bool:
        """Of an event with these ids (events/words.py)."""
        need = NEEDS.get(kind)
        if need is None:  # internal, or of a later version of ours
            return False
        if user_id is not None:
            return user_id == self.user_id and (channel_id is None or self.sees(channel_id, need))
        if server_id is not None:
            sight = self.servers.get(server_id)
            return sight is not None and sight.allows(channel_id, need)
        return channel_id in self.conversations


NOBODY = View(0, "")
"""Of who was not admitted yet."""
