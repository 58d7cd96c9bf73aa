"""Three nodes whose lines to each other may be lost."""

from collections.abc import Iterable
from itertools import count

from orjson import loads

from voice.core.hub import Hub, Roster
from voice.core.words import Join, Peer, Room, SetMic, Terms
from voice.transports.lookout import Lookout

CHANNEL = Room("5", channel=True)
clock = count()


class Node:
    def __init__(self, name: str, nodes: dict[str, "Node"]) -> None:
        self.name, self.nodes, self.hub = name, nodes, Hub()
        self.deaf = False
        self.told: list[set[Room]] = []
        self.lookout = Lookout(name, self.hub, self._roster, self._publish)
        nodes[name] = self

    def _roster(self, room: Room) -> Roster:
        return self.hub.roster(room, 0.0, own=True) or Roster(0, (), ())

    def _publish(self, to: str, line: bytes) -> None:
        kind, node, *rest = loads(line)
        for other in self.nodes.values():
            if other is not self and to in {other.name, "nodes"} and not other.deaf:
                other.lookout.hear(node, kind, rest)

    def watch(self) -> None:
        self.lookout.watch(self._hear, "nodes")

    def _hear(self, rooms: Iterable[Room]) -> None:
        self.told.append(set(rooms))

    def join(self, name: str, room: Room = CHANNEL) -> None:
        at = float(next(clock))
        self.hub.join(Peer(name, {"username": name}), Join(room, room.name), Terms(), at, at)
        self._tell()

    def leave(self, name: str) -> None:
        self.hub.leave(name)
        self._tell()

    def silence(self, name: str) -> None:
        self.hub.handle(Peer(name, {}), SetMic(False), 0.0)
        self._tell()

    def _tell(self) -> None:
        changes, self.hub.changes = self.hub.changes, []
        for change in changes:
            self.lookout.tell(change)

    @property
    def sees(self) -> list[tuple[str, bool]]:
        return [(one.peer.id, one.mic) for one in self.lookout.board.seated(CHANNEL)]


def nodes() -> tuple[Node, Node, Node]:
    all_of_them: dict[str, Node] = {}
    east, west, north = (Node(name, all_of_them) for name in ("east", "west", "north"))
    return east, west, north


def test_a_watcher_sees_who_sits_elsewhere_and_who_comes_and_goes() -> None:
    east, west, north = nodes()
    west.join("bob")
    east.join("ann")
    assert east.sees == [("ann", True)]
    east.watch()
    assert east.sees == [("bob", True), ("ann", True)]
    north.join("cid")
    north.silence("cid")
    west.leave("bob")
    assert east.sees == [("ann", True), ("cid", False)]
    assert east.told == [{CHANNEL}] * 4
    assert west.sees == []


def test_open_rooms_are_not_told() -> None:
    east, west, _ = nodes()
    east.watch()
    west.join("bob", Room("kitchen"))
    assert east.told == []


def test_lost_lines_are_made_good() -> None:
    east, west, _ = nodes()
    east.watch()
    east.deaf = True
    west.join("bob")
    assert east.sees == []
    east.deaf = False
    east.lookout.ask("nodes")
    assert east.sees == [("bob", True)]
    east.deaf = True
    west.leave("bob")
    east.deaf = False
    west.lookout.tell_all()
    assert east.sees == []


def test_a_lost_watcher_is_told_again_once_it_says_that_it_lives() -> None:
    east, west, _ = nodes()
    east.watch()
    west.join("bob")
    west.lookout.lose("east")
    west.silence("bob")
    assert east.sees == [("bob", True)]
    for _ in range(2):
        west.lookout.hear("east", "alive", [True])
    assert east.sees == [("bob", False)]
    assert east.told == [{CHANNEL}] * 2


def test_the_seats_of_a_lost_node_are_free() -> None:
    east, west, _ = nodes()
    east.watch()
    west.join("bob")
    east.lookout.lose("west")
    assert east.sees == []
    assert len(east.told) == 2
