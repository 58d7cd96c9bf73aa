"""What hubs of neighbouring releases write to each other: this release's own words, and those of one that knows more."""

import json
from pathlib import Path

import pytest

from voice.core.hub import Absent, Change, Roster, Seated
from voice.core.letters import read_change, read_outgoing, read_roster, write_change, write_outgoing, write_roster
from voice.core.words import Forward, MicChanged, Outgoing, Peer, PeerJoined, PeerLeft, Relay, Room, Signal, Terms, Voice

LETTERS = json.loads((Path(__file__).parents[2] / "wire" / "hubs" / "letters.json").read_text())
"""As the release named in it writes them. The next release must read these: it may add a file, not change this one."""

ROOM = Room("7", True)
ANNA = Peer("a", {"username": "anna"}, 0.7, 5.0, "east.a")
CLEO = Peer("c", {"username": "cleo"})
SEATED = Seated(ANNA, Terms(3, 1, 10, Voice(True, False, True)), 1700000000.5, False)
OUTGOING = {
    "signal": Signal("a", "offer", {"sdp": "v=0"}, "projectvoice"),
    "forward": Forward(ROOM, "a", Relay("b", "offer", {"sdp": "v=0"}, "x1", True, "zvonim")),
    "met": PeerJoined(ANNA),
    "parted": PeerLeft(ANNA),
}
CHANGES = {"seated": SEATED, "absent": Absent(ANNA, 4.5), "gone": None}
ROSTER = Roster(1700000000.25, (SEATED,), (Absent(CLEO, 4.5),))


def plain(letter):
    """As it is after its way."""
    return json.loads(json.dumps(letter))


@pytest.mark.parametrize("name", OUTGOING)
def test_what_is_settled_for_a_peer_is_written_and_read_as_by_the_release(name):
    outgoing = Outgoing("b", OUTGOING[name])
    assert plain(write_outgoing(outgoing)) == LETTERS[name]
    assert read_outgoing(LETTERS[name]) == outgoing


@pytest.mark.parametrize("name", CHANGES)
def test_changes_are_written_and_read_as_by_the_release(name):
    change = Change(ROOM, "a", CHANGES[name])
    assert plain(write_change(change)) == LETTERS[name]
    assert read_change(LETTERS[name]) == change


def test_rosters_are_written_and_read_as_by_the_release():
    assert plain(write_roster(ROSTER)) == LETTERS["roster"]
    assert read_roster(LETTERS["roster"]) == ROSTER


def test_what_a_later_release_adds_at_the_end_is_passed_over():
    peer, terms, since, mic = LETTERS["seated"][3]
    grown = [[*peer, {"badge": 1}], [*terms, "whisper"], since, mic, {"camera": True}]
    assert read_change([*LETTERS["seated"][:3], grown]).now == SEATED
    assert read_change([*LETTERS["absent"][:3], [*LETTERS["absent"][3], "soon"]]).now == CHANGES["absent"]
    assert read_roster([LETTERS["roster"][0], [grown], LETTERS["roster"][2], "more"]) == ROSTER
    assert read_outgoing([*LETTERS["met"], {"badge": 1}]) == Outgoing("b", PeerJoined(ANNA))


def test_what_stays_within_one_hub_is_not_written():
    with pytest.raises(ValueError, match="MicChanged stays within one hub"):
        write_outgoing(Outgoing("b", MicChanged("a", True)))
