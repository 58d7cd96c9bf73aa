"""The ProjectVoice dialect: every event of seed 002, both ways."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projectvoice.kernel.errors import DomainError
from voice.core.errors import MalformedFrame, NotInRoom, UnknownPeer
from voice.core.words import (
    Join,
    Joined,
    Leave,
    LinkState,
    MicChanged,
    Participant,
    Peer,
    PeerJoined,
    PeerLeft,
    Relay,
    Room,
    SetMic,
    Signal,
    Voice,
)
from voice.dialects.projectvoice import NAME, ProjectVoiceDialect

DIALECT = ProjectVoiceDialect()
SDP = "v=0\r\na=ice-ufrag:abcd\r\n"
ANN = Peer("sid1", {"id": 1, "username": "ann"})


@pytest.mark.parametrize(
    ("name", "args", "command"),
    [
        ("join-room", ("channel-6", "jwt"), Join(Room("6", channel=True), "channel-6", "jwt")),
        ("join-room", (6,), Join(Room("6", channel=True), 6)),
        ("join-room", ("kitchen", None), Join(Room("kitchen"), "kitchen")),
        ("leave-room", (), Leave()),
        ("leave-room", (None,), Leave()),
        ("leave-room", ("6", "more"), Leave(Room("6", channel=True))),
        ("toggle-mic", (), SetMic()),
        ("toggle-mic", ({"roomId": 6},), SetMic()),
        ("toggle-mic", (False,), SetMic(False)),
        ("toggle-mic", ({"roomId": 6, "micToggle": True},), SetMic(True)),
        ("signal", ({"to": "b", "type": "offer", "sdp": SDP},), Relay("b", "offer", {"sdp": SDP}, "abcd", dialect=NAME)),
        (
            "signal",
            ({"to": "b", "type": "answer", "sdp": {"sdp": SDP}},),
            Relay("b", "answer", {"sdp": {"sdp": SDP}}, "abcd", dialect=NAME),
        ),
        (
            "signal",
            ({"to": "b", "type": "candidate", "candidate": {"usernameFragment": "x"}, "from": "forged"},),
            Relay("b", "candidate", {"candidate": {"usernameFragment": "x"}}, "x", dialect=NAME),
        ),
        ("link-state", ({"to": "b", "state": "failed"},), LinkState("b", "failed")),
        ("link-state", ({"to": "b", "state": "connected", "way": "relay"}, 1), LinkState("b", "connected", "relay")),
        ("link-state", ({"to": "b", "state": "connected", "way": ["host"]},), LinkState("b", "connected")),
        ("signal", ({"to": "b", "type": "anything", "n": None},), Relay("b", "anything", {"n": None}, dialect=NAME)),
    ],
)
def test_what_a_client_says_is_understood(name, args, command):
    assert DIALECT.decode(name, args) == command


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("join-room", ()),
        ("join-room", (None, "jwt")),
        ("join-room", ([6], "jwt")),
        ("join-room", (6, 5)),
        ("join-room", (6, {"token": "jwt"})),
        ("leave-room", ([],)),
        ("link-state", ()),
        ("link-state", ({"to": "b", "state": "happy"},)),
        ("link-state", ({"to": 5, "state": "failed"},)),
        ("link-state", ({"to": "b", "state": ["failed"]},)),
        ("signal", ()),
        ("signal", (None,)),
        ("signal", ([],)),
        ("signal", ({"type": "offer"},)),
        ("signal", ({"to": ["b"], "type": "offer"},)),
        ("signal", ({"to": "b"},)),
        ("signal", ({"to": "b", "type": 5},)),
        ("signal", ({"to": "b", "type": ""},)),
        ("signal", ({"to": "b", "type": "x" * 65},)),
        ("join", ({"room": "a"},)),
        ("connect", ()),
        ("", ()),
    ],
)
def test_what_cannot_be_understood_is_refused(name, args):
    with pytest.raises(MalformedFrame):
        DIALECT.decode(name, args)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda v: st.lists(v) | st.dictionaries(st.text(), v),
)


@given(st.sampled_from(["join-room", "leave-room", "signal", "toggle-mic", "x"]), st.lists(JSON, max_size=3))
def test_any_json_is_read_or_refused_by_one_exception(name: str, args: list[Any]):
    with suppress(MalformedFrame):
        DIALECT.decode(name, tuple(args))


def test_what_the_hub_tells_is_worded_as_seed_002_has_it():
    seat = {"micToggle": False, "socketId": "sid1", "userData": {"id": 1, "username": "ann"}}
    assert DIALECT.encode(Joined("channel-6", ANN, (Participant(ANN, False),))) == (
        "created",
        {"roomId": "channel-6", "participants": [seat]},
    )
    assert DIALECT.encode(PeerJoined(ANN)) == ("user-connected", {"socketId": "sid1", "userData": ANN.profile})
    assert DIALECT.encode(PeerLeft(ANN)) == ("user-disconnected", "sid1")
    assert DIALECT.encode(MicChanged("sid1", on=True)) == ("user-mic-toggle", {"socketId": "sid1", "micToggle": True})


def test_a_signal_carries_the_true_sender_twice_and_its_body_unchanged():
    body = {"sdp": {"type": "offer", "sdp": SDP}, "extra": [1, None]}
    assert DIALECT.encode(Signal("sid1", "offer", body, NAME)) == (
        "signal",
        {**body, "from": "sid1", "to": "sid1", "type": "offer"},
    )


def test_an_error_speaks_the_clients_language():
    assert DIALECT.encode_error(NotInRoom(), "en") == ("error", {"message": "You are not in a room"})
    assert DIALECT.encode_error(DomainError(), "") == ("error", {"message": "Неверный запрос"})


def test_what_other_dialects_alone_understand_is_not_said():
    assert DIALECT.encode(Signal("clientA", "custom", {"payload": 1}, "hub-signaling")) is None
    assert DIALECT.encode_error(UnknownPeer(), "en") is None


def test_who_may_not_speak_is_shown_so_to_who_comes():
    seat = DIALECT.encode(Joined(6, ANN, (Participant(ANN, True, Voice(may_speak=False)),)))[1]["participants"][0]
    state = {"socketId": "sid1", "userId": 1, "isMuted": False, "isDeafened": False, "canSpeak": False}
    assert seat == {"micToggle": True, "socketId": "sid1", "userData": ANN.profile, "voiceState": state}
