"""What stays of a session: that things passed, never what stood in them; and no more than so much."""

from collections import Counter
from uuid import UUID

from timelines.recording import CANDIDATES, MOMENTS, Recording, Session
from voice.core.errors import SatDownElsewhere
from voice.core.words import (
    FREE,
    Joined,
    Leave,
    LinkState,
    MicChanged,
    Participant,
    Peer,
    PeerJoined,
    PeerLeft,
    PutOut,
    Relay,
    SetMic,
    Signal,
    Voice,
    VoiceChanged,
)

ADDRESS = "203.0.113.7"
SDP = f"v=0\r\na=ice-ufrag:abcd\r\na=candidate:1 1 udp 1 {ADDRESS} 5000 typ host\r\na=candidate:2 1 udp 1 {ADDRESS} 5001 typ relay raddr x\r\n"
BOB = Peer("b", {"id": 2, "username": "bob"})
ME = Peer("me", {"id": 1, "username": "alice"})


def recording():
    return Recording(Session(UUID(int=1), 1, 3, 5, "projectvoice", "me", 100.0))


def candidate(way, to="b"):
    return Relay(to, "candidate", {"candidate": {"candidate": f"candidate:1 1 udp 1 {ADDRESS} 5000 typ {way}", "sdpMid": "0"}})


def kinds(moments):
    return [(moment.kind, moment.peer, moment.peer_user_id, moment.details) for moment in moments]


def test_who_comes_and_goes_and_how_one_is_allowed_to_speak():
    it = recording()
    it.told(Joined(5, ME, (Participant(BOB, True), Participant(ME, True))), 101.0)
    it.told(PeerJoined(Peer("guest", {"id": None, "username": "g"})), 102.0)
    it.told(VoiceChanged(ME, Voice(muted=True)), 103.0)
    it.told(VoiceChanged(BOB, FREE), 103.0)
    it.told(MicChanged("b", on=False), 104.0)
    it.told(PeerLeft(BOB), 105.0)
    it.told(PutOut("me", SatDownElsewhere()), 106.0)
    moments = it.take()
    assert [moment.at for moment in moments] == [101.0, 102.0, 103.0, 103.0, 104.0, 105.0]
    assert kinds(moments) == [
        ("joined", "", None, {"people": 2}),
        ("peer-joined", "guest", None, {}),
        ("voice-state", "", None, {"muted": True, "deafened": False, "maySpeak": True}),
        ("voice-state", "b", 2, {"muted": False, "deafened": False, "maySpeak": True}),
        ("peer-microphone", "b", 2, {"on": False}),
        ("peer-left", "b", 2, {}),
    ]
    assert it.take() == []


def test_what_one_does():
    it = recording()
    it.told(Joined(5, ME, (Participant(BOB, True), Participant(ME, True))), 1.0)
    it.sent(SetMic(False), 2.0)
    it.sent(LinkState("b", "failed", "relay"), 3.0)
    it.sent(LinkState("nobody \0", "failed"), 3.5)
    it.sent(Leave(), 4.0)
    it.sent(Relay(None, "bye", {}), 5.0)
    assert kinds(it.take())[1:] == [
        ("microphone", "", None, {"on": False}),
        ("link-state", "b", 2, {"state": "failed", "way": "relay"}),
    ]


def test_descriptions_and_candidates_leave_their_types_and_nothing_else():
    it = recording()
    it.told(Joined(5, ME, (Participant(BOB, True), Participant(ME, True))), 1.0)
    it.sent(Relay("b", "offer", {"sdp": SDP}), 2.0)
    for way in ("host", "host", "srflx", "nonsense"):
        it.sent(candidate(way), 3.0)
    it.sent(Relay("b", "candidate", {"candidate": ""}), 3.5)
    it.sent(Relay("b", "candidate", {"candidate": 7}), 3.5)
    it.told(Signal("b", "candidate", candidate("relay").body), 4.0)
    it.told(Signal("b", "answer", {"sdp": 7}), 5.0)
    it.told(Signal("b", "answer", {"sdp": "v=0"}), 6.0)
    moments = it.take()
    assert kinds(moments)[1:] == [
        ("offer-sent", "b", 2, {"candidates": {"host": 1, "relay": 1}}),
        ("candidates-sent", "b", 2, {"host": 2, "srflx": 1, "other": 2, "end": 1}),
        ("candidates-received", "b", 2, {"relay": 1}),
        ("answer-received", "b", 2, {}),
        ("answer-received", "b", 2, {}),
    ]
    assert ADDRESS not in str(moments)
    assert "abcd" not in str(moments)


def test_of_very_many_candidates_only_the_number_is_kept():
    it = recording()
    for _ in range(CANDIDATES + 10):
        it.sent(candidate("host"), 1.0)
    assert kinds(it.take()) == [("candidates-sent", "b", None, Counter(host=CANDIDATES, more=10))]


def test_a_session_is_bounded_but_its_end_is_told():
    it = recording()
    for number in range(MOMENTS + 7):
        it.told(PeerJoined(Peer(f"p{number}", {"id": number + 2, "username": "x"})), float(number))
    assert it.omitted == 7
    it.sent(candidate("host"), 999.0)
    it.end("left", 1000.0)
    assert it.ended == (1000.0, "left")
    assert it.omitted == 8
    assert len(it.take()) == MOMENTS


def test_what_could_not_be_written_is_taken_again_in_its_order():
    it = recording()
    it.sent(SetMic(True), 1.0)
    taken = it.take()
    it.sent(SetMic(False), 2.0)
    it.give_back(taken)
    assert [moment.at for moment in it.take()] == [1.0, 2.0]
