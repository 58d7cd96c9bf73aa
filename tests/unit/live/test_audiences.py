import pytest

from live.audiences import HELD, Audiences, Subscription
from live.rights import Sight, View
from servers.permissions import Permission

READ = int(Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY)
VIEW = int(Permission.VIEW_CHANNEL)
FULL = Sight(READ | int(Permission.BAN_MEMBERS), {10: READ, 11: READ})
PLAIN = Sight(READ, {10: READ, 11: VIEW})


def subscription(user: int, *, head: bytes = b"", servers: frozenset[int] | None = None, **view: object) -> Subscription:
    one = Subscription(None, head, lambda frame: None)
    one.servers, one.view = servers, View(user, f"user{user}", **view)
    return one


def heard(audiences: Audiences, kind: str, server: int | None, channel: int | None, user: int | None = None) -> set[int]:
    audience = audiences.of(kind, server, channel, user)
    return {one.view.user_id for _, subscriptions in audience for one in subscriptions}


def people(audiences: Audiences) -> tuple[Subscription, Subscription, Subscription]:
    """Ann may all, Bob reads channel 10 only, and Cleo is in a conversation with Ann."""
    ann = subscription(1, conversations=frozenset({20}), friends=frozenset({3}))
    bob, cleo = subscription(2), subscription(3, head=b"42", conversations=frozenset({20}))
    ann.view.servers, bob.view.servers = {5: FULL}, {5: PLAIN}
    for one in (ann, bob, cleo):
        audiences.add(one)
    return ann, bob, cleo


def test_who_hears_what():
    audiences = Audiences()
    people(audiences)
    assert heard(audiences, "server-updated", 5, None) == {1, 2}
    assert heard(audiences, "message-created", 5, 10) == {1, 2}
    assert heard(audiences, "message-created", 5, 11) == {1}
    assert heard(audiences, "channel-updated", 5, 11) == {1, 2}
    assert heard(audiences, "channel-updated", 5, 12) == set()
    assert heard(audiences, "member-banned", 5, None) == {1}
    assert heard(audiences, "message-created", None, 20) == {1, 3}
    assert heard(audiences, "message-created", None, 21) == set()
    assert heard(audiences, "server-updated", 6, None) == set()
    assert heard(audiences, "user-updated", None, None, 2) == {2}
    assert heard(audiences, "user-updated", None, None, 9) == set()
    assert heard(audiences, "mention", None, 11, 2) == set()
    assert heard(audiences, "mention", None, 10, 2) == {2}
    assert heard(audiences, "mention", None, 20, 3) == {3}


@pytest.mark.parametrize("kind", ["access", "gone", "of-a-later-version"])
def test_what_is_internal_or_unknown_nobody_hears(kind: str):
    audiences = Audiences()
    ann, *_ = people(audiences)
    assert heard(audiences, kind, 5, None) == set()
    assert not ann.view.hears(kind, 5, None, None)


@pytest.mark.parametrize("server", [5, None, 6])
@pytest.mark.parametrize("channel", [10, 11, 12, 20, None])
@pytest.mark.parametrize("user", [1, 2, 3, None])
@pytest.mark.parametrize("kind", ["message-created", "channel-updated", "server-updated", "member-banned", "mention"])
def test_live_and_resumed_events_are_told_to_the_same(kind: str, server: int | None, channel: int | None, user: int | None):
    audiences = Audiences()
    resumed = {one.view.user_id for one in people(audiences) if one.view.hears(kind, server, channel, user)}
    assert heard(audiences, kind, server, channel, user) == resumed


def test_an_audience_follows_who_comes_and_goes_and_what_he_may():
    audiences = Audiences()
    _, bob, _ = people(audiences)
    assert heard(audiences, "message-created", 5, 11) == {1}
    audiences.remove(bob)
    bob.view.servers = {5: FULL}
    audiences.add(bob)
    assert heard(audiences, "message-created", 5, 11) == {1, 2}
    audiences.remove(bob)
    audiences.remove(bob)
    assert heard(audiences, "message-created", 5, 11) == {1}


def test_an_audience_is_made_once():
    audiences = Audiences()
    people(audiences)
    assert audiences.on_server(5, 10, 0) is audiences.on_server(5, 10, 0)


def test_nothing_is_left_of_those_who_went():
    audiences = Audiences()
    for one in people(audiences):
        audiences.remove(one)
    assert not any((audiences.of_user, audiences.of_server, audiences.of_conversation, audiences.of_friend))


def test_who_was_not_admitted_yet_is_nowhere():
    audiences = Audiences()
    one = Subscription(None, b"", lambda frame: None)
    audiences.add(one)
    assert not one.admitted
    assert not audiences.of_user


def test_narrowed_down_it_hears_of_these_servers_alone():
    audiences = Audiences()
    one = subscription(1, servers=frozenset({6}))
    one.view.servers = {5: FULL, 6: FULL}
    audiences.add(one)
    assert heard(audiences, "server-updated", 5, None) == set()
    assert heard(audiences, "server-updated", 6, None) == {1}
    assert heard(audiences, "user-updated", None, None, 1) == {1}


def test_subscribers_are_grouped_by_the_heads_of_their_frames():
    audiences = Audiences()
    people(audiences)
    assert {head: len(group) for head, group in audiences.in_conversation(20)} == {b"": 1, b"42": 1}


def test_what_is_held_is_bounded_and_has_no_hole():
    one = subscription(1)
    for number in range(HELD + 5):
        one.hold(b"%d" % number)
    assert one.missed
    assert one.held == [b"%d" % number for number in range(HELD)]


def test_the_server_of_a_channel_is_known_if_somebody_here_sees_it():
    audiences = Audiences()
    people(audiences)
    assert [audiences.server_of(channel) for channel in (10, 11, 12)] == [5, 5, None]


def test_the_server_of_a_channel_is_forgotten_with_its_last_subscriber():
    audiences = Audiences()
    ann, bob, _ = people(audiences)
    audiences.remove(ann)
    audiences.remove(ann)
    assert audiences.server_of(10) == 5
    audiences.remove(bob)
    assert [audiences.server_of(channel) for channel in (10, 11)] == [None, None]
    audiences.add(ann)
    assert audiences.server_of(10) == 5
