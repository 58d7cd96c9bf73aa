"""The Zvonim dialect in both its forms; its single frames are those in tests/wire."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.core.errors import IdTaken, MalformedFrame, UnknownPeer
from voice.core.words import FREE, Join, Joined, MicChanged, Nothing, Peer, PutOut, Relay, Room, SetName, Signal, VoiceChanged
from voice.dialects.zvonim import LINGER, NAMING, ZvonimDialect, ZvonimEnvelopeDialect

FORMS = pytest.mark.parametrize("form", [ZvonimDialect, ZvonimEnvelopeDialect])
ADDRESS = {"room_id": "standup", "user_id": "ann"}
SDP = "v=0\r\na=ice-ufrag:abcd\r\n"
INIT = {"candidate": "candidate:1", "sdpMid": "audio", "sdpMLineIndex": 1, "usernameFragment": "abcd"}
ANN = Peer("ann", {"username": "Ann"})


@FORMS
def test_the_address_says_who_joins_what(form):
    opening = form.open({**ADDRESS, "token": "jwt"}, None)
    assert opening.join == Join(Room("standup"), "standup", "jwt")
    assert (opening.peer_id, opening.linger, opening.naming) == ("ann", LINGER, NAMING)
    assert form.open({**ADDRESS, "room_id": "channel-6"}, None).join == Join(Room("6", channel=True), "channel-6")


@FORMS
@pytest.mark.parametrize("wrong", [{"room_id": ""}, {"user_id": ""}, {"room_id": "x" * 129}, {"user_id": "x" * 129}], ids=str)
def test_an_address_that_names_neither_is_refused(form, wrong):
    with pytest.raises(MalformedFrame):
        form.open(ADDRESS | wrong, None)
    for name in ADDRESS:
        with pytest.raises(MalformedFrame):
            form.open({one: value for one, value in ADDRESS.items() if one != name}, None)


@FORMS
@pytest.mark.parametrize(("name", "understood"), [(" Ann  B ", SetName("Ann B")), ("", Nothing()), (5, Nothing())])
def test_a_name_is_said_with_join_wherever_it_stands(form, name, understood):
    for frame in ({"user_name": name}, {"user_name": name, "data": None}, {"data": {"user_name": name}}):
        assert form("ann").decode("join", ({"type": "join", **frame},)) == understood


@FORMS
@pytest.mark.parametrize("to", [None, "", "all"])
def test_all_are_meant_in_three_ways(form, to):
    message = {"type": "offer", "to": to, "sdp": SDP, "data": {"sdp": SDP}}
    assert form("ann").decode("offer", (message,)).to is None
    del message["to"]
    assert form("ann").decode("offer", (message,)).to is None


def test_what_a_message_holds_beside_reaches_the_same_form_unchanged():
    message = {"type": "offer", "from": "x", "to": "bob", "sdp": {"odd": [0, None]}, "more": 1}
    relay = ZvonimDialect("ann").decode("offer", (message,))
    assert relay == Relay("bob", "offer", {"sdp": {"odd": [0, None]}, "more": 1}, dialect="zvonim")
    signal = Signal("ann", relay.kind, relay.body, relay.dialect)
    assert ZvonimDialect("bob").encode(signal) == message | {"from": "ann"}


@pytest.mark.parametrize("data", [None, 0, [], "text", {}])
def test_an_envelope_is_passed_on_unopened(data):
    relay = ZvonimEnvelopeDialect("ann").decode("answer", ({"type": "answer", "to": "bob", "data": data},))
    signal = Signal("ann", relay.kind, relay.body, relay.dialect)
    frame = {"type": "answer", "from": "ann", "to": "bob", "data": data}
    assert ZvonimEnvelopeDialect("bob").encode(signal) == frame


def test_the_forms_understand_each_other():
    flat, envelope = ZvonimDialect("ann"), ZvonimEnvelopeDialect("bob")
    said = flat.decode("ice-candidate", ({"type": "ice-candidate", "to": "bob", **INIT},))
    heard = envelope.encode(Signal("ann", said.kind, said.body, said.dialect))
    assert heard == {"type": "ice_candidate", "from": "ann", "to": "bob", "data": {"candidate": INIT}}
    back = envelope.decode("ice_candidate", ({**heard, "to": "ann"},))
    assert flat.encode(Signal("bob", back.kind, back.body, back.dialect)) == {
        "type": "ice-candidate",
        "from": "bob",
        "to": "ann",
        **INIT,
    }
    assert (said.ufrag, back.ufrag) == ("abcd", "abcd")


@FORMS
def test_what_it_has_no_words_for_is_left_out(form):
    dialect = form("ann")
    for event in (
        MicChanged("bob", on=False),
        VoiceChanged(ANN, FREE),
        PutOut("ann", IdTaken()),
        Signal("bob", "dance", {"payload": 1}, "game-signaling"),
        Signal("bob", "offer", {"payload": {"no": "sdp"}}, "game-signaling"),
        Signal("bob", "candidate", {"payload": 5}, "game-signaling"),
    ):
        assert dialect.encode(event) is None
    assert form.encode_error(UnknownPeer(), "en") is None


def test_only_an_envelope_welcomes_the_newcomer():
    assert ZvonimDialect("ann").encode(Joined("standup", ANN, ())) is None
    assert ZvonimEnvelopeDialect("ann").encode(Joined("standup", ANN, ()))["data"]["user_id"] == "ann"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda value: st.lists(value) | st.dictionaries(st.text() | st.sampled_from(["sdp", "candidate", "user_name"]), value),
    max_leaves=6,
)
FRAMES = st.dictionaries(st.text(), JSON) | st.fixed_dictionaries(
    {"type": st.sampled_from(["join", "offer", "answer", "ice-candidate", "ice_candidate"])},
    optional=dict.fromkeys(("to", "sdp", "candidate", "data", "user_name", "from"), JSON),
)


@FORMS
@given(frame=FRAMES, query=st.dictionaries(st.sampled_from(["room_id", "user_id", "token"]), st.text()))
def test_any_json_is_read_or_refused_by_one_exception(form: Any, frame: Mapping[str, Any], query: Mapping[str, str]):
    with suppress(MalformedFrame):
        form.open(query, frame)
    with suppress(MalformedFrame):
        relay = form("ann").decode(frame.get("type"), (frame,))
        if isinstance(relay, Relay):
            for reader in (ZvonimDialect("bob"), ZvonimEnvelopeDialect("bob")):
                reader.encode(Signal("ann", relay.kind, relay.body, relay.dialect))
