"""Crossing offers: what each side gets to hear, and when."""

from itertools import count

from voice.core.agenda import Agenda
from voice.core.arbiter import ANSWER_PATIENCE, KEPT_CANDIDATES, MOMENT, OFFER_PATIENCE, REPAIRS, SETTLE_PATIENCE, Link
from voice.core.words import Peer, PeerJoined, PeerLeft, Relay

ANN, BEN = Peer("ann", {}), Peer("ben", {})
OTHER = {"ann": "ben", "ben": "ann"}


class Pair:
    """A link between Ann, who was there first, and Ben. Says what was delivered as short words: `to<kind:ufrag`."""

    def __init__(self, met=(0.0, 0.0)):
        self.agenda, self.now = Agenda(), 100.0
        self.link = Link(ANN, BEN, self.agenda, met)
        self._numbers = count()

    def send(self, sender, kind, ufrag="", complete=False):
        body = {"n": next(self._numbers), "says": f"{kind}:{ufrag}"}
        return words(self.link.handle(sender, Relay(OTHER[sender], kind, body, ufrag or None, complete), self.now))

    def wait(self, seconds):
        self.now += seconds
        return words(self.agenda.run(self.now))


def words(outgoing):
    def word(event):
        match event:
            case PeerLeft(peer):
                return f"left {peer.id}"
            case PeerJoined(peer):
                return f"joined {peer.id}"
        return event.body["says"]

    return [f"{to}<{word(event)}" for to, event in outgoing]


def glare():
    """Both have offered; Ann's offer was delivered, Ben's is held."""
    pair = Pair()
    assert pair.send("ann", "offer", "A1") == ["ben<offer:A1"]
    assert pair.send("ben", "offer", "B1") == []
    return pair


def test_without_a_crossing_everything_passes_at_once_and_nothing_is_planned():
    pair = Pair()
    assert pair.send("ann", "offer", "A1") == ["ben<offer:A1"]
    assert pair.send("ann", "candidate", "A1") == ["ben<candidate:A1"]
    assert pair.send("ben", "answer", "B1") == ["ann<answer:B1"]
    assert pair.send("ben", "candidate", "B1") == ["ann<candidate:B1"]
    assert pair.send("ben", "offer", "B1") == ["ann<offer:B1"]  # a later negotiation from the other side
    assert pair.send("ann", "custom") == ["ben<custom:"]
    assert pair.agenda.next_due is None


def test_the_answered_first_offer_makes_the_held_one_and_its_candidates_needless():
    pair = glare()
    assert pair.send("ben", "candidate", "B1") == []
    assert pair.send("ben", "answer", "B2") == ["ann<answer:B2"]
    assert pair.send("ben", "candidate", "B1") == []  # late, of the offer that was rolled back
    assert pair.send("ben", "candidate", "B2") == ["ann<candidate:B2"]
    assert pair.send("ann", "candidate", "A1") == ["ben<candidate:A1"]
    assert pair.wait(10) == []


def test_the_held_offer_is_released_with_its_candidates_when_the_first_stays_unanswered():
    pair = glare()
    pair.send("ben", "candidate", "B1")
    pair.send("ben", "candidate")  # an old client does not say which description it belongs to
    assert pair.wait(ANSWER_PATIENCE - 0.01) == []
    assert pair.wait(0.01) == ["ann<offer:B1", "ann<candidate:B1", "ann<candidate:"]
    assert pair.send("ann", "answer", "A2") == ["ben<answer:A2"]
    assert pair.send("ben", "candidate", "B1") == ["ann<candidate:B1"]


def test_a_newer_offer_of_the_same_side_takes_the_held_ones_place_and_keeps_what_is_good_for_both():
    pair = glare()
    pair.send("ben", "candidate", "B1")
    assert pair.send("ben", "offer", "B1") == []  # more media, the same transport
    assert pair.wait(ANSWER_PATIENCE) == ["ann<offer:B1", "ann<candidate:B1"]
    pair = glare()
    pair.send("ben", "candidate", "B1")
    assert pair.send("ben", "offer", "B2") == []  # ICE restarted
    assert pair.wait(ANSWER_PATIENCE) == ["ann<offer:B2"]


def test_an_offer_reaches_nobody_in_the_moment_after_he_met_its_sender():
    pair = Pair(met=(100.0, 100.0))
    assert pair.send("ann", "offer", "A1") == []
    assert pair.send("ann", "candidate", "A1") == []
    assert pair.send("ann", "offer", "A1") == []
    assert pair.send("ann", "custom") == ["ben<custom:"]
    assert pair.wait(MOMENT / 2) == []
    assert pair.wait(MOMENT / 2) == ["ben<offer:A1", "ben<candidate:A1"]
    assert pair.send("ann", "candidate", "A1") == ["ben<candidate:A1"]
    assert pair.send("ben", "answer", "B1") == ["ann<answer:B1"]


def test_only_the_side_that_just_met_the_other_has_its_moment():
    pair = Pair(met=(100.0, 0.0))
    assert pair.send("ann", "offer", "A1") == ["ben<offer:A1"]
    pair = Pair(met=(100.0, 0.0))
    assert pair.send("ben", "offer", "B1") == []
    assert pair.wait(MOMENT) == ["ann<offer:B1"]


def test_offers_that_cross_within_the_moment_are_settled_like_all_others():
    pair = Pair(met=(100.0, 100.0))
    assert pair.send("ann", "offer", "A1") == []
    assert pair.send("ben", "offer", "B1") == []
    assert pair.wait(MOMENT) == ["ben<offer:A1"]
    assert pair.wait(ANSWER_PATIENCE) == ["ann<offer:B1"]


def test_the_offering_side_may_offer_again_and_gets_new_patience():
    pair = glare()
    pair.now += 0.5
    assert pair.send("ann", "offer", "A2") == ["ben<offer:A2"]
    assert pair.wait(ANSWER_PATIENCE - 0.5) == []  # the first offer's time is up, but it was replaced
    assert pair.send("ben", "answer", "B2") == ["ann<answer:B2"]


def test_an_offer_held_while_the_other_side_offers_again_is_still_released():
    pair = glare()
    pair.now += 0.5
    assert pair.send("ann", "offer", "A2") == ["ben<offer:A2"]
    assert pair.wait(ANSWER_PATIENCE - 0.1) == []
    assert pair.wait(0.1) == ["ann<offer:B1"]


def test_after_the_patience_an_offer_of_the_other_side_is_not_held():
    pair = Pair()
    pair.send("ann", "offer", "A1")
    pair.now += ANSWER_PATIENCE
    assert pair.send("ben", "offer", "B1") == ["ann<offer:B1"]


def test_what_is_no_real_description_is_not_arbitrated():
    pair = Pair()
    assert pair.send("ann", "offer") == ["ben<offer:"]
    assert pair.send("ben", "offer") == ["ann<offer:"]
    assert pair.send("ann", "answer") == ["ben<answer:"]


def test_a_client_that_keeps_its_ufrag_over_the_rollback_gets_its_candidates_through():
    pair = glare()
    pair.send("ben", "candidate", "B1")
    assert pair.send("ben", "answer", "B1") == ["ann<answer:B1", "ann<candidate:B1"]
    assert pair.send("ben", "candidate", "B1") == ["ann<candidate:B1"]


def test_a_held_offer_without_ufrag_never_arises_and_held_candidates_are_bounded():
    pair = glare()
    for _ in range(2 * KEPT_CANDIDATES):
        pair.send("ben", "candidate", "B1")
    assert len(pair.wait(ANSWER_PATIENCE)) == 1 + KEPT_CANDIDATES


def test_a_side_that_lost_its_candidates_in_the_rollback_is_introduced_anew_the_elder_first():
    pair = glare()
    pair.send("ann", "candidate", "A1")
    pair.send("ben", "answer", "B2")
    assert pair.wait(SETTLE_PATIENCE) == ["ann<left ben", "ann<joined ben"]
    assert pair.send("ben", "candidate", "B2") == []  # belongs to the link that was given up
    assert pair.send("ann", "candidate", "A1") == []
    assert pair.send("ann", "offer", "A3") == ["ben<left ann", "ben<joined ann"]
    assert pair.send("ben", "offer", "B3") == []  # he makes one too, and has time to begin to gather
    assert pair.wait(MOMENT) == ["ben<offer:A3"]
    assert pair.send("ann", "candidate", "A3") == ["ben<candidate:A3"]
    assert pair.send("ben", "answer", "B4") == ["ann<answer:B4"]
    assert pair.send("ben", "candidate", "B4") == ["ann<candidate:B4"]
    assert pair.wait(10) == []


def test_a_pair_with_complete_descriptions_needs_no_candidates():
    pair = Pair()
    pair.send("ann", "offer", "A1", complete=True)
    pair.send("ben", "offer", "B1", complete=True)
    pair.send("ben", "answer", "B2", complete=True)
    assert pair.wait(SETTLE_PATIENCE) == []


def test_a_repaired_elder_that_does_not_offer_is_not_waited_for_forever():
    pair = glare()
    pair.send("ben", "answer", "B2")
    assert pair.wait(SETTLE_PATIENCE) == ["ann<left ben", "ann<joined ben"]
    assert pair.wait(OFFER_PATIENCE) == ["ben<left ann", "ben<joined ann"]
    assert pair.send("ben", "offer", "B3") == ["ann<offer:B3"]
    assert pair.send("ann", "offer", "A3") == []


def test_an_answer_that_comes_after_the_release_starts_the_pair_anew():
    pair = glare()
    pair.wait(ANSWER_PATIENCE)
    assert pair.send("ben", "answer", "B2") == ["ann<left ben", "ann<joined ben"]


def test_repairs_end():
    pair = Pair()
    for turn in range(REPAIRS + 1):
        pair.send("ann", "offer", f"A{turn}")
        pair.send("ben", "offer", f"B{turn}")
        pair.send("ben", "answer", f"C{turn}")
        repaired = pair.wait(SETTLE_PATIENCE)
        assert bool(repaired) == (turn < REPAIRS)
        pair.wait(OFFER_PATIENCE)
        pair.wait(MOMENT)


def test_a_new_negotiation_is_not_disturbed_by_the_look_after_an_old_one():
    pair = glare()
    pair.send("ben", "answer", "B2")
    pair.now += SETTLE_PATIENCE / 2
    assert pair.send("ann", "offer", "A2") == ["ben<offer:A2"]
    assert pair.wait(SETTLE_PATIENCE) == []


def test_a_closed_link_says_nothing_more():
    pair = Pair(met=(100.0, 100.0))
    pair.send("ann", "offer", "A1")
    pair.link.close()
    assert pair.wait(10) == []
    for moment in ("release", "look after", "introduce"):
        pair = glare()
        if moment != "release":
            pair.send("ben", "answer", "B2")
        if moment == "introduce":
            pair.wait(SETTLE_PATIENCE)
        pair.link.close()
        assert pair.wait(10) == []
