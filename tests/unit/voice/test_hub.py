"""The hub: rosters and who hears of them. Time is passed, never slept."""

from contextlib import suppress

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from voice.core.errors import IdTaken, NotInRoom, RoomFull, UnknownPeer
from voice.core.hub import ROOM_SIZE, Absent, Change, Hub
from voice.core.words import (
    Join,
    Joined,
    Leave,
    LinkState,
    MicChanged,
    Nothing,
    Outgoing,
    Participant,
    Peer,
    PeerJoined,
    PeerLeft,
    Relay,
    Room,
    SetMic,
    SetName,
    Signal,
    Terms,
)

ROOM, OTHER_ROOM = Room("6", channel=True), Room("kitchen")
ANN, BEN, CEM = (Peer(name, {"username": name}) for name in ("ann", "ben", "cem"))
SLOW = Peer("slow", {}, announce_delay=0.7)


def join(hub, peer, room=ROOM, now=0.0, **terms):
    return hub.join(peer, Join(room, room.name), Terms(**terms), now, at=now)


def room_with(*peers):
    hub = Hub()
    for peer in peers:
        join(hub, peer)
    return hub


def names(hub, room=ROOM):
    roster = hub.roster(room, 0.0)
    return [] if roster is None else [seated.peer.id for seated in roster.seated]


def test_the_joiner_sees_all_and_the_others_see_the_joiner():
    hub = room_with(ANN)
    roster = Joined("channel-6", BEN, (Participant(ANN, True), Participant(BEN, True)))
    told = hub.join(BEN, Join(ROOM, "channel-6"), Terms(), 0, 0)
    assert told == [Outgoing("ben", roster), Outgoing("ann", PeerJoined(BEN))]
    assert hub.room_of("ben") == ROOM
    assert hub.room_of("nobody") is None


def test_joining_twice_answers_again_and_adds_nobody():
    hub = room_with(ANN, BEN)
    assert [(out.to, type(out.event)) for out in join(hub, BEN)] == [("ben", Joined)]
    assert names(hub) == ["ann", "ben"]


def test_joining_another_room_leaves_the_first():
    hub = room_with(ANN, BEN)
    outgoing = join(hub, BEN, OTHER_ROOM)
    assert outgoing == [Outgoing("ann", PeerLeft(BEN)), Outgoing("ben", Joined("kitchen", BEN, (Participant(BEN, True),)))]
    assert (names(hub), names(hub, OTHER_ROOM)) == (["ann"], ["ben"])


def test_a_channel_and_an_open_room_of_the_same_name_never_meet():
    hub = room_with(ANN)
    join(hub, BEN, Room("6"))
    assert (names(hub), names(hub, Room("6"))) == (["ann"], ["ben"])


def test_leaving_is_told_once_and_the_empty_room_is_forgotten():
    hub = room_with(ANN, BEN)
    assert hub.handle(BEN, Leave(), 0) == [Outgoing("ann", PeerLeft(BEN))]
    assert hub.handle(BEN, Leave(), 0) == []
    assert hub.leave("ann") == []
    assert list(hub.rooms) == []


def test_what_asks_for_nothing_gets_nothing():
    for deed in (Nothing(), LinkState("nobody", "failed")):
        assert room_with(ANN).handle(ANN, deed, 0) == []


def test_leaving_another_room_changes_nothing():
    hub = room_with(ANN, BEN)
    assert hub.handle(BEN, Leave(OTHER_ROOM), 0) == []
    assert names(hub) == ["ann", "ben"]
    assert hub.handle(BEN, Leave(ROOM), 0) == [Outgoing("ann", PeerLeft(BEN))]


def test_a_full_room_refuses_and_the_refused_stays_where_he_was():
    hub = room_with(*(Peer(str(number), {}) for number in range(ROOM_SIZE)))
    join(hub, ANN, OTHER_ROOM)
    with pytest.raises(RoomFull):
        join(hub, ANN)
    assert hub.room_of("ann") == OTHER_ROOM


def test_a_slow_starter_is_announced_when_his_delay_is_over():
    hub = room_with(ANN)
    assert [out.to for out in join(hub, SLOW, now=10.0)] == ["slow"]
    assert hub.next_due == 10.7
    assert hub.tick(10.6) == []
    assert hub.tick(10.7) == [Outgoing("ann", PeerJoined(SLOW))]
    assert hub.next_due is None


def test_a_slow_starter_who_signals_is_announced_first():
    hub = room_with(ANN)
    join(hub, SLOW)
    told = hub.handle(SLOW, Relay("ann", "offer", {"sdp": 1}), 0.1)
    assert told == [Outgoing("ann", PeerJoined(SLOW)), Outgoing("ann", Signal("slow", "offer", {"sdp": 1}))]
    assert hub.tick(0.7) == []


def test_who_says_its_name_in_time_is_announced_with_it_at_once():
    hub = room_with(ANN)
    join(hub, SLOW, now=5.0)
    named = Peer("slow", {"username": "Sly"})
    assert hub.handle(SLOW, SetName("Sly"), 5.1) == [Outgoing("ann", PeerJoined(named))]
    assert hub.handle(SLOW, SetName("Fox"), 5.2) == []
    assert hub.tick(5.7) == []
    assert join(hub, BEN, now=6.0)[0].event.participants[1].peer == named


@pytest.mark.parametrize("hurry", ["it is announced", "it has signaled", "it has a name"])
def test_too_late_a_name_changes_nothing(hurry):
    hub, peer = room_with(ANN), BEN if hurry == "it has a name" else SLOW
    join(hub, peer)
    if hurry == "it is announced":
        hub.tick(0.7)
    if hurry == "it has signaled":
        hub.handle(peer, Relay("ann", "hello", {}), 0.1)
    assert hub.handle(peer, SetName("Sly"), 0.7 if hurry == "it is announced" else 0.2) == []
    assert join(hub, CEM, now=1.0)[0].event.participants[1].peer == peer


def test_a_name_is_for_those_in_a_room():
    with pytest.raises(NotInRoom):
        Hub().handle(SLOW, SetName("Sly"), 0)


def test_a_name_said_in_time_is_heard_of_at_other_hubs():
    here, there = room_with(ANN), Hub()
    join(there, SLOW, now=5.0)
    for change in there.changes:
        assert here.learn("there", change, 5.0, 5.0) == []
    there.changes.clear()
    there.handle(SLOW, SetName("Sly"), 5.1)
    named = Peer("slow", {"username": "Sly"})
    for change in there.changes * 2:
        told = here.learn("there", change, 5.1, 5.1)
        assert told in ([Outgoing("ann", PeerJoined(named))], [])
    assert here.roster(ROOM, 5.1).seated[1].peer == named
    assert here.tick(5.7) == []


LOST = Peer("lost", {"username": "lost"}, linger=60.0)


def absent(hub, now, room=ROOM):
    roster = hub.roster(room, now)
    return [] if roster is None else [away.peer.id for away in roster.absent]


def test_who_lost_the_connection_is_absent_for_a_minute_and_then_gone():
    hub = room_with(ANN)
    join(hub, LOST)
    assert hub.leave("lost", now=100.0) == [Outgoing("ann", PeerLeft(LOST))]
    assert (names(hub), absent(hub, 159.9), hub.expected(ROOM, "lost", 159.9)) == (["ann"], ["lost"], LOST)
    assert (absent(hub, 160.0), hub.expected(ROOM, "lost", 160.0)) == ([], None)
    hub.leave("ann")
    assert list(hub.rooms) == [ROOM]
    assert hub.tick(160.0) == []
    assert list(hub.rooms) == []


def test_who_comes_back_within_the_minute_is_announced_again_and_stays():
    hub = room_with(ANN)
    join(hub, LOST)
    hub.leave("lost", now=100.0)
    again = Peer("lost", LOST.profile, linger=60.0, key="another socket")
    assert join(hub, again, now=130.0)[1:] == [Outgoing("ann", PeerJoined(again))]
    assert hub.tick(160.0) == []
    assert (names(hub), absent(hub, 160.0)) == (["ann", "lost"], [])


def test_who_leaves_by_his_own_will_is_not_remembered():
    hub = room_with(ANN)
    join(hub, LOST)
    hub.handle(LOST, Leave(), 100.0)
    assert absent(hub, 100.0) == []


def test_somebody_expected_is_absent_until_he_comes():
    hub = Hub()
    hub.expect(ROOM, Absent(BEN, 60.0), 0.0, 5.0)
    assert (absent(hub, 1.0), hub.roster(ROOM, 1.0).created_at, hub.is_used(ROOM)) == (["ben"], 5.0, True)
    join(hub, BEN, now=30.0)
    assert (absent(hub, 31.0), names(hub)) == ([], ["ben"])
    with pytest.raises(IdTaken):
        hub.expect(ROOM, Absent(BEN, 60.0), 32.0, 5.0)
    assert hub.dismiss(ROOM, "cem", IdTaken()) is None
    hub.expect(ROOM, Absent(CEM, 60.0), 33.0, 5.0)
    assert hub.dismiss(ROOM, "cem", IdTaken()) == []
    assert absent(hub, 34.0) == []


def test_a_room_is_occupied_while_somebody_sits_there():
    hub = Hub()
    assert not hub.is_occupied(ROOM)
    hub.expect(ROOM, Absent(BEN, 60.0), 0.0, 5.0)
    assert not hub.is_occupied(ROOM)
    join(hub, BEN)
    assert hub.is_occupied(ROOM)
    hub.leave(BEN.key)
    assert not hub.is_occupied(ROOM)


def test_a_live_id_is_refused_and_a_dead_one_is_not():
    hub = room_with(ANN)
    thief = Peer("ann", {"username": "thief"}, key="another socket")
    with pytest.raises(IdTaken):
        join(hub, thief)
    hub.leave("ann")
    join(hub, thief)
    assert names(hub) == ["ann"]


def test_an_offer_follows_an_introduction_only_after_a_moment():
    hub = room_with(ANN)
    join(hub, BEN, now=5.0)
    assert hub.handle(ANN, Relay("ben", "offer", {}, "A1"), 5.01) == []
    assert hub.handle(BEN, Relay("ann", "offer", {}, "B1"), 5.02) == []
    assert hub.tick(5.2) == [Outgoing("ben", Signal("ann", "offer", {}))]
    hub = room_with(ANN)
    join(hub, SLOW, now=5.0)  # knows of Ann at 5, Ann of him from his first signal on
    assert hub.handle(SLOW, Relay("ann", "offer", {}, "S1"), 5.5) == [Outgoing("ann", PeerJoined(SLOW))]
    assert hub.tick(5.6) == []
    assert hub.tick(5.65) == [Outgoing("ann", Signal("slow", "offer", {}))]


def test_a_parting_word_comes_before_the_leaving_and_to_nobody_is_none():
    hub = room_with(ANN, BEN)
    bye = Relay(None, "bye", {})
    assert hub.handle(BEN, Leave(parting=bye), 1) == [
        Outgoing("ann", Signal("ben", "bye", {}, to_all=True)),
        Outgoing("ann", PeerLeft(BEN)),
    ]
    assert hub.handle(ANN, Leave(parting=bye._replace(to="ben")), 2) == []
    assert hub.room_of("ann") is None
    with pytest.raises(NotInRoom):
        hub.handle(ANN, Leave(parting=bye), 3)


def test_whoever_is_expected_and_does_not_come_is_forgotten_and_other_hubs_hear_of_it():
    hub = Hub()
    hub.expect(OTHER_ROOM, Absent(ANN, 60.0), now=0.0, at=0.0)
    assert hub.expected(OTHER_ROOM, "ann", 59.0) == ANN
    assert hub.is_used(OTHER_ROOM)
    hub.changes.clear()
    assert hub.tick(60.0) == []
    assert hub.changes == [Change(OTHER_ROOM, "ann", None)]
    assert list(hub.rooms) == []


def test_who_leaves_before_he_was_announced_is_never_mentioned():
    hub = room_with(ANN)
    join(hub, SLOW)
    join(hub, BEN, now=0.1)  # sees the slow one in his roster, so he hears of the leaving
    assert hub.leave("slow") == [Outgoing("ben", PeerLeft(SLOW))]
    assert hub.tick(0.7) == []


def test_who_leaves_and_comes_back_is_announced_by_his_second_coming_only():
    hub = room_with(ANN)
    join(hub, SLOW, now=0.0)
    hub.leave("slow")
    join(hub, SLOW, now=0.5)
    assert hub.tick(0.7) == []
    assert hub.tick(1.2) == [Outgoing("ann", PeerJoined(SLOW))]


def test_a_member_who_left_meanwhile_is_told_nothing():
    hub = room_with(ANN, BEN)
    join(hub, SLOW)
    hub.leave("ann")
    assert hub.tick(0.7) == [Outgoing("ben", PeerJoined(SLOW))]


def test_a_signal_reaches_its_one_target_with_the_true_sender_and_nobody_else():
    hub = room_with(ANN, BEN, CEM)
    assert hub.handle(ANN, Relay("ben", "custom", {"x": [None, 0]}), 0) == [
        Outgoing("ben", Signal("ann", "custom", {"x": [None, 0]}))
    ]


@pytest.mark.parametrize("target", ["cem", "ann", "6", "kitchen", ""])
def test_a_signal_stays_inside_the_room(target):
    hub = room_with(ANN, BEN)
    join(hub, CEM, OTHER_ROOM)
    with pytest.raises(UnknownPeer):
        hub.handle(ANN, Relay(target, "offer", {}), 0)
    assert hub.handle(ANN, Relay("ben", "offer", {}), 0) != []


def test_outside_any_room_there_is_nothing_to_signal_or_mute():
    hub = room_with(ANN)
    with pytest.raises(NotInRoom):
        hub.handle(BEN, Relay("ann", "offer", {}), 0)
    with pytest.raises(NotInRoom):
        hub.handle(BEN, SetMic(False), 0)


def test_the_microphone_is_told_and_kept_for_who_comes_later():
    hub = room_with(ANN, BEN)
    assert hub.handle(ANN, SetMic(False), 0) == [Outgoing("ben", MicChanged("ann", False))]
    assert hub.handle(ANN, SetMic(), 0) == [Outgoing("ben", MicChanged("ann", True))]
    hub.handle(ANN, SetMic(), 0)
    roster = join(hub, CEM)[0].event
    assert [(seat.peer.id, seat.mic) for seat in roster.participants] == [("ann", False), ("ben", True), ("cem", True)]


def test_who_mutes_before_he_is_announced_is_announced_as_muted():
    hub = room_with(ANN)
    join(hub, SLOW)
    assert hub.handle(SLOW, SetMic(False), 0.1) == []
    assert hub.tick(0.7) == [Outgoing("ann", PeerJoined(SLOW)), Outgoing("ann", MicChanged("slow", False))]


PEERS = st.sampled_from([Peer(str(number), {}, announce_delay=number % 2) for number in range(6)])
ROOMS = st.sampled_from([ROOM, OTHER_ROOM])


class AnyHistory(RuleBasedStateMachine):
    """What each peer was told must add up to who really sits beside him, whatever happens in whatever order."""

    def __init__(self):
        super().__init__()
        self.hub, self.now = Hub(), 0.0
        self.seen = {}  # peer → those he was told of in his present room

    def hear(self, outgoing):
        for to, event in outgoing:
            match event:
                case Joined(_, _, participants):
                    self.seen[to] = {seat.peer.id for seat in participants}
                case PeerJoined(peer):
                    assert peer.id not in self.seen[to], "announced twice"
                    self.seen[to].add(peer.id)
                case PeerLeft(peer):
                    self.seen[to].remove(peer.id)
                case Signal(sender) | MicChanged(sender):
                    assert sender in self.seen[to], "heard of a stranger"

    @rule(peer=PEERS, room=ROOMS)
    def join(self, peer, room):
        self.hear(join(self.hub, peer, room, self.now))

    @rule(peer=PEERS)
    def leave(self, peer):
        self.hear(self.hub.leave(peer.id))
        self.seen.pop(peer.id, None)

    @rule(peer=PEERS, to=PEERS, kind=st.sampled_from(["offer", "answer", "candidate"]), ufrag=st.sampled_from([None, "a", "b"]))
    def signal(self, peer, to, kind, ufrag):
        if self.hub.room_of(peer.id):
            with suppress(UnknownPeer):
                self.hear(self.hub.handle(peer, Relay(to.id, kind, {}, ufrag), self.now))

    @rule(peer=PEERS, on=st.sampled_from([None, True, False]))
    def mute(self, peer, on):
        if self.hub.room_of(peer.id):
            self.hear(self.hub.handle(peer, SetMic(on), self.now))

    @rule(seconds=st.floats(0.1, 3))
    def wait(self, seconds):
        self.now += seconds
        self.hear(self.hub.tick(self.now))

    @invariant()
    def no_room_is_empty(self):
        assert all(names(self.hub, room) for room in self.hub.rooms)

    @invariant()
    def everybody_sees_only_who_is_there(self):
        for room in self.hub.rooms:
            present = set(names(self.hub, room))
            for peer_id in present:
                assert self.seen[peer_id] <= present

    def teardown(self):
        self.hear(self.hub.tick(self.now + 100))
        for room in self.hub.rooms:
            present = set(names(self.hub, room))
            assert all(self.seen[peer_id] == present for peer_id in present), "after all delays everybody sees everybody"


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
