"""Who sits in which voice channel of all nodes, for those who are not in the call.

A node whose clients want to know is a watcher: the others send it all their channels' seats once, and from then on every
change. Whenever lines may have been lost, they send all again.
"""

from collections.abc import Callable, Iterable
from typing import Any

from orjson import dumps

from voice.core.board import HERE, Board
from voice.core.hub import Change, Hub, Roster
from voice.core.letters import Letter, read_change, read_roster, write_change, write_roster
from voice.core.words import Room

MOST_ROOMS = 1000  # that a node tells of at once


class Lookout:
    def __init__(self, node: str, hub: Hub, roster: Callable[[Room], Roster], publish: Callable[[str, bytes], Any]) -> None:
        """`roster` of this node's own peers; `publish` a line to a node."""
        self.board = Board()
        """Of this node; of all, once `watch` was called."""
        self._node, self._hub, self._roster, self._publish = node, hub, roster, publish
        self._watchers: set[str] = set()
        self._on_seats: Callable[[Iterable[Room]], object] | None = None

    @property
    def is_watching(self) -> bool:
        return self._on_seats is not None

    def watch(self, on_seats: Callable[[Iterable[Room]], object], everybody: str) -> None:
        """`on_seats` hears from now on which channels are other than before; `everybody` is where all nodes listen."""
        self._on_seats = on_seats
        self.ask(everybody)

    def ask(self, node: str) -> None:
        """For all its seats, if we watch: it may not know so, or we may have missed some."""
        if self.is_watching:
            self._publish(node, dumps(["watching", self._node]))

    def tell(self, change: Change) -> None:
        """Of a change of this node's own."""
        if not change.room.channel:
            return
        self.board.learn(HERE, change)
        if self._watchers:
            line = dumps(["seat", self._node, *write_change(change)])
            for node in self._watchers:
                self._publish(node, line)
        self._look()

    def tell_all(self) -> None:
        """To every watcher, after lines may have been lost."""
        for node in self._watchers:
            self._tell_all(node)

    def hear(self, node: str, kind: str, rest: Letter) -> None:
        match kind, rest:
            case "watching", _:
                self._watchers.add(node)
                self._tell_all(node)
            case "alive", [True] if node not in self._watchers:  # we had given it up
                self._watchers.add(node)
                self._tell_all(node)
            case "seat", _:
                self.board.learn(node, read_change(rest))
            case "seats", [rosters]:
                self.board.learn_all(node, {Room(*name): read_roster(roster) for name, roster in rosters})
        self._look()

    def lose(self, node: str) -> None:
        self._watchers.discard(node)
        self.board.lose_node(node)
        self._look()

    def _tell_all(self, node: str) -> None:
        rooms = [room for room in self._hub.rooms if room.channel][:MOST_ROOMS]
        self._publish(node, dumps(["seats", self._node, [[[*room], write_roster(self._roster(room))] for room in rooms]]))

    def _look(self) -> None:
        changed, self.board.changed = self.board.changed, set()
        if changed and self._on_seats is not None:
            self._on_seats(changed)
