"""Several hubs that work as one: whatever happens in whatever order, and however slowly they hear of each other."""

import json
from collections import defaultdict, deque
from contextlib import suppress

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from voice.core.errors import IdTaken, NotInRoom, RoomFull, SatDownElsewhere, UnknownPeer
from voice.core.hub import Absent, Change, Hub, Roster, Seated
from voice.core.letters import (
    read_change,
    read_outgoing,
    read_roster,
    write_change,
    write_outgoing,
    write_roster,
)
from voice.core.words import (
    FREE,
    Forward,
    Join,
    Joined,
    Leave,
    MicChanged,
    Outgoing,
    Peer,
    PeerJoined,
    PeerLeft,
    PutOut,
    Relay,
    Room,
    SetMic,
    Signal,
    Terms,
    Voice,
    VoiceChanged,
)

ROOM, OTHER_ROOM = Room("6", channel=True), Room("kitchen")


def by_mail(write, read, value):
    return read(json.loads(json.dumps(write(value))))


class Hubs:
    """Hubs by name, that attend every room, and the mail between them. `seen` is whom each peer was told of."""

    def __init__(self, *names, room_size=500):
        self.hubs = {name: Hub(room_size) for name in names}
        self.mail = defaultdict(deque)
        self.home, self.seen, self.heard = {}, {}, []
        self.now = 0.0

    def join(self, name, peer, room=ROOM, **terms):
        self.home[peer.key] = name
        outgoing = self.hubs[name].join(peer, Join(room, room.name), Terms(**terms), self.now, at=self.now)
        self.deliver(name, outgoing)

    def handle(self, peer, command):
        name = self.home[peer.key]
        self.deliver(name, self.hubs[name].handle(peer, command, self.now))

    def leave(self, peer, **died):
        name = self.home[peer.key]
        self.deliver(name, self.hubs[name].leave(peer.key, **died))
        self.seen.pop(peer.key, None)

    def wait(self, seconds):
        self.now += seconds
        for name, hub in self.hubs.items():
            self.deliver(name, hub.tick(self.now))

    def deliver(self, name, outgoing):
        hub = self.hubs[name]
        for out in outgoing:
            node = hub.node_of(out.to)
            if self.home.get(out.to) == name and not isinstance(out.event, Forward):
                self.hear(*out)
            elif node is not None:
                self.mail[name, node].append(by_mail(write_outgoing, read_outgoing, out))
        changes, hub.changes = hub.changes, []
        for change in changes:
            for other in self.hubs.keys() - {name}:
                self.mail[name, other].append(by_mail(write_change, read_change, change))

    def hear(self, to, event):
        self.heard.append((to, event))
        match event:
            case Joined(_, _, participants):
                self.seen[to] = {seat.peer.id for seat in participants}
            case PeerJoined(peer):
                assert peer.id not in self.seen[to], "announced twice"
                self.seen[to].add(peer.id)
            case PeerLeft(peer):
                self.seen[to].remove(peer.id)
            case PutOut():
                del self.seen[to]
            case Signal(sender) | MicChanged(sender):
                assert sender in self.seen[to], "heard of a stranger"

    def post(self, sender, receiver):
        """One letter on its way arrives."""
        letters = self.mail[sender, receiver]
        if letters:
            letter, hub = letters.popleft(), self.hubs[receiver]
            if isinstance(letter, Change):
                outgoing = hub.learn(sender, letter, self.now, at=self.now)
            elif isinstance(letter.event, Forward):
                outgoing = hub.take(letter.to, letter.event, self.now)
            else:
                outgoing = hub.arrive(letter.to, letter.event, self.now)
            self.deliver(receiver, outgoing)

    def post_all(self):
        for _ in range(1000):
            ways = [way for way, letters in self.mail.items() if letters]
            if not ways:
                return
            for way in ways:
                self.post(*way)
        raise AssertionError("the hubs never come to rest")

    def names(self, name, room=ROOM):
        roster = self.hubs[name].roster(room, self.now)
        return [] if roster is None else [seated.peer.id for seated in roster.seated]

    def said_to(self, peer):
        return [event for to, event in self.heard if to == peer.key]


ANN, BEN, CEM = (Peer(name, {"username": name}) for name in ("ann", "ben", "cem"))
SLOW = Peer("slow", {"username": "slow"}, announce_delay=0.7)


def two(*peers):
    """Peers by turns on two hubs, who know of each other."""
    hubs = Hubs("east", "west")
    for number, peer in enumerate(peers):
        hubs.join(["east", "west"][number % 2], peer)
        hubs.post_all()
        hubs.now += 1
    hubs.heard.clear()
    return hubs


def test_peers_of_two_hubs_see_and_hear_each_other():
    hubs = two(ANN, BEN)
    assert hubs.names("east") == hubs.names("west") == ["ann", "ben"]
    assert hubs.seen == {"ann": {"ann", "ben"}, "ben": {"ann", "ben"}}
    hubs.handle(ANN, Relay("ben", "custom", {"x": [None]}, dialect="projectvoice"))
    hubs.handle(BEN, Relay(None, "custom", {"y": 1}))
    hubs.post_all()
    assert hubs.said_to(BEN) == [Signal("ann", "custom", {"x": [None]}, "projectvoice")]
    assert hubs.said_to(ANN) == [Signal("ben", "custom", {"y": 1}, to_all=True)]


def test_a_signal_is_one_letter():
    hubs = two(ANN, BEN)
    for sender, receiver in ((ANN, BEN), (BEN, ANN)):
        hubs.handle(sender, Relay(receiver.id, "candidate", {}))
        assert sum(map(len, hubs.mail.values())) == 1
        hubs.post_all()
        assert len(hubs.said_to(receiver)) == 1


def test_crossing_offers_are_settled_between_hubs_as_within_one():
    hubs = two(ANN, BEN)
    hubs.handle(BEN, Relay("ann", "offer", {"n": 1}, "B1"))
    hubs.handle(ANN, Relay("ben", "offer", {"n": 2}, "A1"))
    hubs.post_all()
    assert [len(hubs.said_to(peer)) for peer in (ANN, BEN)] == [0, 1], "Ann's hub settles: hers was there first"
    hubs.handle(BEN, Relay("ann", "answer", {"n": 3}, "B2"))
    hubs.post_all()
    assert [event.kind for event in hubs.said_to(ANN)] == ["answer"]
    hubs.wait(1.5)  # neither has shown a candidate: the pair is introduced anew, across the hubs
    hubs.wait(2.0)
    hubs.post_all()
    assert hubs.said_to(ANN)[1:] == [PeerLeft(BEN), PeerJoined(BEN)]
    assert hubs.said_to(BEN)[1:] == [PeerLeft(ANN), PeerJoined(ANN)]


def test_a_slow_starter_is_announced_late_on_every_hub_and_first_if_he_signals():
    hubs = two(ANN, BEN)
    hubs.join("east", SLOW)
    hubs.post_all()
    assert hubs.said_to(BEN) == []
    hubs.handle(SLOW, Relay("ben", "custom", {}))
    hubs.post_all()
    assert hubs.said_to(BEN) == [PeerJoined(SLOW), Signal("slow", "custom", {})]
    hubs.wait(0.7)
    assert (hubs.said_to(ANN), len(hubs.said_to(BEN))) == ([PeerJoined(SLOW)], 2)


def test_microphone_and_voice_state_reach_the_other_hub_and_who_comes_later():
    hubs = two(ANN, BEN)
    hubs.handle(ANN, SetMic(False))
    hubs.deliver("east", hubs.hubs["east"].set_voice("ann", Voice(muted=True)))
    assert hubs.hubs["east"].set_voice("ann", Voice(muted=True)) == []
    assert hubs.hubs["east"].set_voice("nobody", Voice()) == []
    hubs.post_all()
    assert hubs.said_to(BEN) == [MicChanged("ann", False), VoiceChanged(ANN, Voice(muted=True))]
    assert hubs.said_to(ANN) == [VoiceChanged(ANN, Voice(muted=True))]
    hubs.join("west", CEM)
    hubs.post_all()
    seats = hubs.said_to(CEM)[0].participants
    assert [(seat.mic, seat.voice) for seat in seats] == [(False, Voice(muted=True)), (True, FREE), (True, FREE)]


def test_who_is_muted_by_a_moderator_is_announced_so():
    hubs = two(ANN, BEN)
    hubs.join("east", CEM, voice=Voice(may_speak=False))
    hubs.post_all()
    assert hubs.said_to(BEN) == [PeerJoined(CEM), VoiceChanged(CEM, Voice(may_speak=False))]


def test_who_leaves_is_gone_everywhere():
    hubs = two(ANN, BEN, CEM)
    hubs.handle(BEN, Leave())
    hubs.post_all()
    assert hubs.names("east") == hubs.names("west") == ["ann", "cem"]
    assert hubs.said_to(ANN) == hubs.said_to(CEM) == [PeerLeft(BEN)]


def test_a_hub_that_is_lost_takes_its_peers_with_it():
    hubs = two(ANN, BEN, CEM)
    hubs.deliver("west", hubs.hubs["west"].lose_node("east"))
    assert hubs.names("west") == ["ben"]
    assert hubs.said_to(BEN) == [PeerLeft(ANN), PeerLeft(CEM)]


def test_one_id_given_away_twice_stays_with_who_came_first():
    hubs = two(CEM)
    first, second = Peer("ann", {"username": "1"}, key="k1"), Peer("ann", {"username": "2"}, key="k2")
    hubs.join("east", first)
    hubs.now += 0.1
    hubs.join("west", second)
    hubs.post_all()
    assert hubs.names("east") == hubs.names("west") == ["cem", "ann"]
    assert [type(event) for event in hubs.said_to(second)] == [Joined, PutOut]
    assert isinstance(hubs.said_to(second)[1].reason, IdTaken)
    assert [type(event) for event in hubs.said_to(first)] == [Joined]
    with pytest.raises(IdTaken):
        hubs.join("west", Peer("ann", {}, key="k3"))


@pytest.mark.parametrize(
    ("meanwhile", "stays"),
    [
        (lambda hub: [], True),
        (lambda hub: hub.learn("north", Change(ROOM, "game", None), 0, 0), False),
        (lambda hub: hub.learn_all("north", ROOM, Roster(0, (), ()), 0, 0), False),
        (lambda hub: hub.lose_node("north"), False),
    ],
    ids=["there", "left", "not among all", "lost too"],
)
def test_who_comes_back_under_his_id_before_the_death_of_his_hub_is_noticed_is_there_once_it_is(meanwhile, stays):
    """He is on a third hub, which has never heard of the dead one; this one has, and takes his old seat for the older claim."""
    ann, old, back = Peer("ann", {}), Peer("game", {}, key="g1"), Peer("game", {}, key="g2")
    west = Hub()
    west.join(ann, Join(ROOM, ROOM.name), Terms(), 0, at=0.0)
    west.learn("east", Change(ROOM, "game", Seated(old, Terms(), 1.0)), 0, 0)
    assert west.learn("north", Change(ROOM, "game", Seated(back, Terms(), 2.0)), 0, 0) == []
    assert meanwhile(west) == []
    joined = [Outgoing("ann", PeerJoined(back))] if stays else []
    assert west.lose_node("east") == [Outgoing("ann", PeerLeft(old)), *joined]
    assert [one.peer for one in west.roster(ROOM, 0).seated] == [ann, back][: 1 + stays]


def test_the_last_seat_given_away_twice_stays_with_who_came_first():
    hubs = two(CEM)
    hubs.join("east", ANN, limit=2)
    hubs.now += 0.1
    hubs.join("west", BEN, limit=2)
    hubs.post_all()
    assert hubs.names("east") == hubs.names("west") == ["cem", "ann"]
    assert isinstance(hubs.said_to(BEN)[-1].reason, RoomFull)
    with pytest.raises(RoomFull):
        hubs.join("west", BEN, limit=2)
    hubs.join("west", BEN)  # whoever may move members finds no limit
    hubs.post_all()
    assert hubs.names("east") == ["cem", "ann", "ben"]


def test_a_room_holds_so_many_on_all_hubs_together():
    hubs = Hubs("east", "west", room_size=2)
    hubs.join("east", ANN)
    hubs.now += 0.1
    hubs.join("east", BEN)
    hubs.now += 0.1
    hubs.join("west", CEM)
    hubs.post_all()
    assert hubs.names("east") == hubs.names("west") == ["ann", "ben"]


def test_the_newest_seat_of_a_user_takes_the_place_of_his_oldest_wherever_it_is():
    hubs = two(CEM)
    for where, peer in (("east", ANN), ("west", BEN)):
        hubs.now += 1
        hubs.join(where, peer, user_id=7, seats_per_user=1, limit=2)
        hubs.post_all()
    assert hubs.names("east") == hubs.names("west") == ["cem", "ben"]
    assert isinstance(hubs.said_to(ANN)[-1].reason, SatDownElsewhere)
    hubs.now += 1
    hubs.join("west", ANN, user_id=7, seats_per_user=1, limit=2)
    hubs.post_all()
    assert hubs.names("east") == ["cem", "ann"]


def test_two_sockets_of_a_user_at_once_where_two_are_allowed():
    hubs = Hubs("east", "west")
    for where, peer in (("east", ANN), ("west", BEN), ("east", CEM)):
        hubs.now += 1
        hubs.join(where, peer, user_id=7, seats_per_user=2)
        hubs.post_all()
    assert hubs.names("east") == hubs.names("west") == ["ben", "cem"]


def test_who_is_expected_on_one_hub_may_come_on_another():
    hubs = Hubs("east", "west")
    guest = Peer("u1", {"username": "Eva"})
    hubs.hubs["east"].expect(ROOM, Absent(guest, 60.0), hubs.now, at=5.0)
    hubs.deliver("east", [])
    hubs.post_all()
    roster = hubs.hubs["west"].roster(ROOM, 10.0)
    assert roster == Roster(0.0, (), (Absent(guest, 50.0),))
    assert hubs.hubs["west"].expected(ROOM, "u1", 10.0) == guest
    assert hubs.hubs["west"].expected(ROOM, "u1", 60.0) is None
    hubs.join("west", Peer("u1", guest.profile, linger=60.0, key="socket"))
    hubs.post_all()
    assert hubs.hubs["east"].roster(ROOM, 0.0).absent == ()
    assert hubs.names("east") == ["u1"]


def test_who_has_lost_his_socket_is_remembered_for_a_while():
    hubs = two(ANN)
    eva = Peer("eva", {"username": "Eva"}, linger=60.0, key="socket")
    hubs.join("west", eva)
    hubs.post_all()
    hubs.leave(eva, now=hubs.now)
    hubs.post_all()
    for name in hubs.hubs:
        assert [absent.peer for absent in hubs.hubs[name].roster(ROOM, hubs.now).absent] == [eva]
    assert hubs.said_to(ANN)[-1] == PeerLeft(eva)
    hubs.wait(60)
    assert hubs.mail["west", "east"][-1] == Change(ROOM, "eva", None), "told, so that nobody attends for nobody's sake"
    hubs.post_all()
    assert hubs.hubs["west"].roster(ROOM, hubs.now).absent == ()
    hubs.leave(ANN)
    hubs.post_all()
    assert [list(hub.rooms) for hub in hubs.hubs.values()] == [[], []]


def test_the_expected_may_be_dismissed_and_the_seated_too():
    hub = Hub(room_size=2)
    reason = RoomFull()
    hub.expect(ROOM, Absent(ANN, 60.0), 0.0, at=0.0)
    hub.expect(ROOM, Absent(BEN, 60.0), 0.0, at=0.0)
    with pytest.raises(RoomFull):
        hub.expect(ROOM, Absent(CEM, 60.0), 0.0, at=0.0)
    assert hub.dismiss(ROOM, "ann", reason) == []
    assert hub.dismiss(ROOM, "ann", reason) is None
    assert hub.dismiss(OTHER_ROOM, "ann", reason) is None
    hub.join(BEN, Join(ROOM, "6"), Terms(), 0, 0)
    with pytest.raises(IdTaken):
        hub.expect(ROOM, Absent(BEN, 60.0), 0.0, at=0.0)
    assert hub.dismiss(ROOM, "ben", reason) is None, "who has no place of his own is not REST's to put out"
    eva = Peer("eva", {"username": "Eva"}, linger=60.0)
    hub.join(eva, Join(ROOM, "6"), Terms(), 0, 0)
    assert hub.dismiss(ROOM, "eva", reason) == [Outgoing("ben", PeerLeft(eva)), Outgoing("eva", PutOut("eva", reason))]
    assert hub.put_out("ben", reason) == [Outgoing("ben", PutOut("ben", reason))]
    assert hub.put_out("ben", reason) == []
    assert list(hub.rooms) == []
    assert hub.expected(ROOM, "ben", 0.0) is None


def test_a_whole_roster_replaces_what_was_known():
    hubs = two(ANN, BEN)
    west = hubs.hubs["west"]
    known = by_mail(write_roster, read_roster, hubs.hubs["east"].roster(ROOM, 0.0, own=True))
    assert [seated.peer.id for seated in known.seated] == ["ann"]
    assert west.learn_all("east", ROOM, known, 0.0, 0.0) == []
    assert west.learn_all("east", ROOM, Roster(0.0, (), (Absent(CEM, 5.0),)), 0.0, 0.0) == [Outgoing("ben", PeerLeft(ANN))]
    assert [absent.peer.id for absent in west.roster(ROOM, 0.0).absent] == ["cem"]
    assert west.learn_all("east", ROOM, Roster(0.0, (), ()), 0.0, 0.0) == []
    assert west.roster(ROOM, 0.0).absent == ()
    assert west.is_used(ROOM)
    assert known.joined(west.roster(ROOM, 0.0, own=True)).seated == (known.seated[0], west.roster(ROOM, 0.0).seated[0])
    west.learn_all("east", OTHER_ROOM, Roster(0.0, (), ()), 0.0, 0.0)
    assert list(west.rooms) == [ROOM]


def test_an_id_that_the_same_hub_has_given_away_anew_is_the_new_peers():
    hubs = two(ANN, BEN)
    again = Peer("ann", {"username": "ann"}, key="another socket")
    roster = Roster(0.0, (Seated(again, Terms(), since=9.0),), ())
    outgoing = hubs.hubs["west"].learn_all("east", ROOM, roster, hubs.now, 0.0)
    assert outgoing == [Outgoing("ben", PeerLeft(ANN)), Outgoing("ben", PeerJoined(again))]


def test_a_forgotten_room_is_forgotten_with_all_who_sit_there_elsewhere():
    hubs = two(ANN, BEN)
    east = hubs.hubs["east"]
    hubs.leave(ANN)
    assert not east.is_used(ROOM)
    assert not east.is_used(OTHER_ROOM)
    east.forget(ROOM)
    east.forget(ROOM)
    assert (list(east.rooms), east.node_of("ben")) == ([], None)


@pytest.mark.parametrize(
    "forward",
    [Forward(ROOM, "nobody", Relay("ben", "x", {})), Forward(OTHER_ROOM, "ann", Relay("ben", "x", {}))],
)
def test_what_comes_from_outside_the_room_is_dropped_at_the_target_too(forward):
    hubs = two(ANN, BEN)
    west = hubs.hubs["west"]
    assert west.take("ben", forward, 0.0) == []
    assert west.take("gone", Forward(ROOM, "ann", Relay("ben", "x", {})), 0.0) == []
    assert west.arrive("gone", Signal("ann", "x", {}), 0.0) == []
    assert west.arrive("ann", Signal("ben", "x", {}), 0.0) == [], "it is not here"
    assert west.arrive("ben", Signal("nobody", "x", {}), 0.0) == []


def test_what_concerns_one_hub_alone_is_no_letter():
    with pytest.raises(ValueError, match="MicChanged"):
        write_outgoing(Outgoing("ann", MicChanged("ben", True)))


def test_a_parting_word_is_said_before_the_leaving():
    hubs = two(ANN, BEN)
    hubs.handle(BEN, Leave(parting=Relay(None, "bye", {})))
    hubs.post_all()
    assert hubs.said_to(ANN) == [Signal("ben", "bye", {}, to_all=True), PeerLeft(BEN)]


def test_in_the_lobby_all_reach_each_other_and_nobody_is_told_of_anybody():
    lobby = Room("")
    hubs = Hubs("east", "west", room_size=2)
    for where, peer in (("east", ANN), ("west", BEN), ("west", CEM)):
        hubs.join(where, peer, lobby)
        hubs.post_all()
    assert [len(joined.participants) for _, joined in hubs.heard] == [1, 1, 1]
    hubs.seen = {key: {"ann", "ben", "cem"} for key in hubs.seen}
    hubs.handle(ANN, Relay("cem", "custom", {}))
    hubs.post_all()
    assert hubs.said_to(CEM)[1:] == [Signal("ann", "custom", {})]
    hubs.leave(ANN)
    hubs.post_all()
    assert len(hubs.heard) == 4
    with pytest.raises(UnknownPeer):
        hubs.handle(BEN, Relay("ann", "custom", {}))


PEERS = st.sampled_from([Peer(str(number), {}, announce_delay=number % 2) for number in range(6)])
HUBS = st.sampled_from(["east", "west", "south"])


class AnyHistory(RuleBasedStateMachine):
    """Once the mail has come, all hubs agree, and every peer knows exactly who sits beside it."""

    def __init__(self):
        super().__init__()
        self.hubs = Hubs("east", "west", "south")

    @rule(
        peer=PEERS,
        hub=HUBS,
        room=st.sampled_from([ROOM, OTHER_ROOM]),
        user=st.sampled_from([None, 1, 2]),
        limit=st.sampled_from([0, 3]),
    )
    def join(self, peer, hub, room, user, limit):
        home = self.hubs.home.get(peer.key)
        if home not in {None, hub}:  # a socket lives in one process; another one has another key, after the first has died
            self.hubs.leave(peer)
            self.hubs.post_all()
        terms = {"user_id": user, "seats_per_user": 0 if user is None else 1, "limit": limit}
        with suppress(RoomFull, IdTaken):
            self.hubs.join(hub, peer, room, **terms)

    @rule(peer=PEERS)
    def leave(self, peer):
        if peer.key in self.hubs.home:
            self.hubs.leave(peer)

    @rule(peer=PEERS, to=PEERS, kind=st.sampled_from(["offer", "answer", "candidate"]), ufrag=st.sampled_from([None, "a", "b"]))
    def signal(self, peer, to, kind, ufrag):
        if peer.key in self.hubs.home:
            with suppress(NotInRoom, UnknownPeer):
                self.hubs.handle(peer, Relay(to.id, kind, {}, ufrag))

    @rule(peer=PEERS, on=st.sampled_from([None, True, False]))
    def mute(self, peer, on):
        if peer.key in self.hubs.home:
            with suppress(NotInRoom):
                self.hubs.handle(peer, SetMic(on))

    @rule(sender=HUBS, receiver=HUBS)
    def post(self, sender, receiver):
        self.hubs.post(sender, receiver)

    @rule(seconds=st.floats(0.1, 3))
    def wait(self, seconds):
        self.hubs.wait(seconds)

    def teardown(self):
        self.hubs.post_all()
        self.hubs.wait(100)
        self.hubs.post_all()
        for room in (ROOM, OTHER_ROOM):
            rosters = [self.hubs.names(name, room) for name in self.hubs.hubs]
            assert rosters[0] == rosters[1] == rosters[2]
            for peer_id in rosters[0]:
                assert self.hubs.seen[peer_id] == set(rosters[0])
            terms = [one.terms for one in self.hubs.hubs["east"].roster(room, 0.0).seated] if rosters[0] else []
            users = [one.user_id for one in terms if one.user_id is not None]
            assert len(users) == len(set(users)), "one seat for each user"


TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


def test_each_hub_counts_its_own_peers():
    hubs = Hubs("east", "west")
    for name, peer, room in (("east", "ann", ROOM), ("east", "ben", OTHER_ROOM), ("east", "cem", ROOM), ("west", "dan", ROOM)):
        hubs.join(name, Peer(peer, {"username": peer}), room)
    assert [hubs.hubs[name].census() for name in ("east", "west")] == [(2, 1), (1, 0)]
