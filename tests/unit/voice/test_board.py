from dataclasses import replace

from voice.core.board import HERE, Board
from voice.core.hub import Absent, Change, Roster, Seated
from voice.core.words import Peer, Room, Terms

CHANNEL, OTHER, OPEN = Room("5", channel=True), Room("6", channel=True), Room("5")


def seat(name: str, since: float = 1.0, *, mic: bool = True) -> Seated:
    return Seated(Peer(name, {"username": name}), Terms(user_id=1), since, mic)


def names(board: Board, room: Room = CHANNEL) -> list[str]:
    return [one.peer.id for one in board.seated(room)]


def news(board: Board) -> set[Room]:
    changed, board.changed = board.changed, set()
    return changed


def test_the_first_comes_first_whatever_node_he_is_on() -> None:
    board = Board()
    board.learn("west", Change(CHANNEL, "bob", seat("bob", 2.0)))
    board.learn(HERE, Change(CHANNEL, "ann", seat("ann", 1.0)))
    assert names(board) == ["ann", "bob"]
    assert news(board) == {CHANNEL}
    assert list(board.rooms) == [CHANNEL]


def test_who_leaves_or_is_lost_is_shown_no_more() -> None:
    board = Board()
    for name in ("ann", "bob"):
        board.learn(HERE, Change(CHANNEL, name, seat(name)))
    board.learn(HERE, Change(CHANNEL, "ann", None))
    board.learn(HERE, Change(CHANNEL, "bob", Absent(Peer("bob", {}), 5)))
    assert names(board) == []
    assert not list(board.rooms)
    assert news(board) == {CHANNEL}
    board.learn(HERE, Change(CHANNEL, "ann", None))
    assert news(board) == set()


def test_open_rooms_are_nobodys_business() -> None:
    board = Board()
    board.learn(HERE, Change(OPEN, "ann", seat("ann")))
    assert not list(board.rooms)
    assert news(board) == set()


def test_a_node_that_tells_all_it_has_is_believed() -> None:
    board = Board()
    board.learn(HERE, Change(CHANNEL, "ann", seat("ann")))
    board.learn("west", Change(CHANNEL, "bob", seat("bob")))
    board.learn("west", Change(OTHER, "cid", seat("cid")))
    news(board)
    muted = replace(Peer("dan", {}), announce_delay=1.0)
    board.learn_all("west", {CHANNEL: Roster(0, (seat("bob"), Seated(muted, Terms(), 3.0)), ())})
    assert names(board) == ["ann", "bob", "dan"]
    assert names(board, OTHER) == []
    assert news(board) == {CHANNEL, OTHER}
    board.learn_all("west", {CHANNEL: Roster(0, (seat("bob"), Seated(muted, Terms(), 3.0)), ())})
    assert news(board) == set()


def test_a_node_that_is_gone_takes_its_seats_along() -> None:
    board = Board()
    board.learn(HERE, Change(CHANNEL, "ann", seat("ann")))
    board.learn("west", Change(CHANNEL, "bob", seat("bob")))
    board.lose_node("west")
    assert names(board) == ["ann"]


def test_one_id_on_two_nodes_is_two_seats() -> None:
    board = Board()
    board.learn("west", Change(CHANNEL, "ann", seat("ann")))
    board.learn("east", Change(CHANNEL, "ann", seat("ann", 2.0, mic=False)))
    board.learn("west", Change(CHANNEL, "ann", None))
    assert [one.mic for one in board.seated(CHANNEL)] == [False]
