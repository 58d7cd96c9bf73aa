"""Who sits in which voice channel, on all nodes: what is shown to those who are not in the call.

A hub knows whole rooms only where it has peers itself; the board knows all channels, by what every hub says of its own peers.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from voice.core.hub import Change, Roster, Seated
from voice.core.words import Room

HERE: Final = ""
"""The node's own name for itself."""


class Board:
    def __init__(self) -> None:
        self.changed: set[Room] = set()
        """Channels that are other than before. Whoever tells of them, empties it."""
        self._rooms: dict[Room, dict[tuple[str, str], Seated]] = {}  # by node and the peer's id

    @property
    def rooms(self) -> Iterable[Room]:
        """Those in which somebody sits."""
        return self._rooms.keys()

    def seated(self, room: Room) -> list[Seated]:
        """The first first."""
        return sorted(self._rooms.get(room, {}).values(), key=lambda one: (one.since, one.peer.key))

    def learn(self, node: str, change: Change) -> None:
        room, peer_id, now = change
        if not room.channel:
            return
        seats = self._rooms.setdefault(room, {})
        if isinstance(now, Seated):
            seats[node, peer_id] = now
            self.changed.add(room)
        elif seats.pop((node, peer_id), None) is not None:
            self.changed.add(room)
        if not seats:
            del self._rooms[room]

    def learn_all(self, node: str, rosters: Mapping[Room, Roster]) -> None:
        """All that a node has: who is not named is gone."""
        for room in [*self._rooms]:
            named = {one.peer.id for one in rosters[room].seated} if room in rosters else set()
            for owner, peer_id in [*self._rooms[room]]:
                if owner == node and peer_id not in named:
                    self.learn(node, Change(room, peer_id, None))
        for room, roster in rosters.items():
            for one in roster.seated:
                if self._rooms.get(room, {}).get((node, one.peer.id)) != one:
                    self.learn(node, Change(room, one.peer.id, one))

    def lose_node(self, node: str) -> None:
        self.learn_all(node, {})
