"""The dialect of bare game signaling; its single frames are those in tests/wire."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.core.errors import IdTaken, MalformedFrame
from voice.core.words import FREE, LOBBY, Join, Joined, MicChanged, Peer, PutOut, Relay, Room, Signal, VoiceChanged
from voice.dialects.game_signaling import GameSignalingDialect

ANN = Peer("ann", {"username": "ann"})


def dialect(*, in_room=True, named=True):
    made = GameSignalingDialect(in_room=in_room, named=named)
    made.encode(Joined("", ANN, ()))
    return made


def test_an_id_in_the_address_needs_no_first_frame():
    opening = GameSignalingDialect.open({"id": "ann", "room": "R1", "token": "jwt"}, None)
    assert (opening.peer_id, opening.join) == ("ann", Join(Room("R1"), "R1", "jwt"))


@pytest.mark.parametrize("query", [{}, {"id": ""}])
def test_without_one_the_first_frame_says_who_it_is(query):
    assert GameSignalingDialect.open(query, None) is None
    opening = GameSignalingDialect.open(query, {"type": "hello", "from": "ann"})
    assert (opening.peer_id, opening.join) == ("ann", Join(LOBBY, ""))
    assert opening.dialect.encode(Joined("", ANN, ())) is None


@pytest.mark.parametrize("name", [None, "", " ", 5, [], {}, "x" * 129, "\0"], ids=repr)
def test_what_cannot_be_an_id_is_none_and_the_server_gives_one(name):
    opening = GameSignalingDialect.open({}, {"from": name})
    assert opening.peer_id == ""
    assert opening.dialect.encode(Joined("", ANN, ())) == {"type": "welcome", "to": "ann"}


@pytest.mark.parametrize("query", [{"id": "x" * 129}, {"id": "ann", "room": "x" * 129}, {"id": " "}])
def test_an_address_that_cannot_be_meant_is_refused(query):
    with pytest.raises(MalformedFrame):
        GameSignalingDialect.open(query, None)


@pytest.mark.parametrize("payload", [None, 0, False, "", [], {}, "text", [{"deep": [None]}]], ids=repr)
def test_a_payload_survives(payload):
    relay = dialect().decode("move", ({"type": "move", "to": "bob", "payload": payload},))
    frame = dialect().encode(Signal("bob", relay.kind, relay.body, relay.dialect))
    assert frame == {"type": "move", "from": "bob", "to": "ann", "payload": payload}


def test_without_a_payload_there_is_none():
    relay = dialect().decode("ping", ({"type": "ping"},))
    assert relay.to is None
    assert dialect().encode(Signal("bob", "ping", relay.body, relay.dialect, True)) == {"type": "ping", "from": "bob"}


def test_what_it_has_no_words_for_is_left_out():
    for event in (
        MicChanged("bob", on=False),
        VoiceChanged(ANN, FREE),
        PutOut("ann", IdTaken()),
        Signal("bob", "dance", {"sdp": "x"}, "projectvoice"),
    ):
        assert dialect().encode(event) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda value: st.lists(value) | st.dictionaries(st.text(), value),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(["type", "from", "to", "payload", "x"]), JSON),
    st.dictionaries(st.sampled_from(["id", "room", "token"]), st.text()),
    st.booleans(),
)
def test_any_json_is_read_or_refused_by_one_exception(frame: Mapping[str, Any], query: Mapping[str, str], in_room: bool):
    with suppress(MalformedFrame):
        GameSignalingDialect.open(query, frame)
    with suppress(MalformedFrame):
        relay = dialect(in_room=in_room).decode(frame.get("type"), (frame,))
        assert isinstance(relay, Relay)
        dialect().encode(Signal("bob", relay.kind, relay.body, relay.dialect))
