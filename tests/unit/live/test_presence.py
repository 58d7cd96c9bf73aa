from itertools import permutations

from live.presence import MOST_TOLD, NOWHERE, Change, Here, Presence
from live.words import Status

ONLINE, IDLE, INVISIBLE = Status.ONLINE, Status.IDLE, Status.INVISIBLE


def here(status: Status, *servers: int) -> Here:
    return Here(status, frozenset(servers))


def test_who_comes_and_goes_is_told_on_his_servers():
    presence = Presence()
    assert presence.tell("a", 1, here(ONLINE, 5, 6)) == Change(1, ONLINE, frozenset({5, 6}), True)
    assert presence.tell("a", 1, here(ONLINE, 5, 6)) is None
    assert presence.tell("a", 1, NOWHERE) == Change(1, Status.OFFLINE, frozenset({5, 6}), True)
    assert presence.tell("a", 1, NOWHERE) is None
    assert list(presence.users) == []


def test_the_most_present_device_counts_wherever_it_is():
    for order in permutations([("a", IDLE), ("b", ONLINE), ("c", INVISIBLE)]):
        presence = Presence()
        for node, status in order:
            presence.tell(node, 1, here(status, 5))
        assert presence.of(1) is ONLINE
        assert presence.lose("b") == [Change(1, IDLE, frozenset({5}), True)]
        assert presence.lose("a") == [Change(1, INVISIBLE, frozenset({5}), True)]
        assert presence.lose("c") == []


def test_who_is_invisible_is_offline_to_others():
    presence = Presence()
    assert presence.tell("a", 1, here(INVISIBLE, 5)) is None
    assert presence.seen(2, [5], [1]) == []
    assert presence.tell("a", 1, here(ONLINE, 5)) == Change(1, ONLINE, frozenset({5}), True)
    assert presence.tell("a", 1, here(INVISIBLE, 5)) == Change(1, INVISIBLE, frozenset({5}), True)


def test_who_joins_a_server_is_told_there_only():
    presence = Presence()
    presence.tell("a", 1, here(ONLINE, 5))
    assert presence.tell("a", 1, here(ONLINE, 5, 6)) == Change(1, ONLINE, frozenset({6}), False)
    assert presence.tell("a", 1, here(ONLINE, 6)) is None
    assert presence.seen(2, [5], []) == []
    assert presence.seen(2, [6], []) == [(1, ONLINE)]


def test_a_node_that_tells_all_forgets_whom_it_does_not_name():
    presence = Presence()
    presence.tell_all("a", {1: here(ONLINE, 5), 2: here(IDLE, 5)})
    changes = presence.tell_all("a", {2: here(ONLINE, 5)})
    assert {change.user_id: change.status for change in changes} == {1: Status.OFFLINE, 2: ONLINE}
    assert presence.on("a") == {2: here(ONLINE, 5)}
    assert presence.on("b") == {}
    assert presence.here("a", 2) == here(ONLINE, 5)
    assert presence.here("b", 2) == NOWHERE


def test_one_sees_himself_his_friends_and_his_servers_members_and_not_too_many():
    presence = Presence()
    for user in range(2 * MOST_TOLD):
        presence.tell("a", user, here(ONLINE, user % 2))
    seen = dict(presence.seen(1, [0], [3, 5]))
    assert len(seen) == MOST_TOLD
    assert {1, 3, 5} <= seen.keys()
    assert not {7, 9} & seen.keys()
    assert dict(presence.seen(1, [], [3, 10**6])) == {1: ONLINE, 3: ONLINE}
