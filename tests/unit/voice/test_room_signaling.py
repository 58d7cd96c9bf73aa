"""The room signaling dialect (seed 000): what its recorded frames do not say."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.voice.test_projectvoice import JSON
from voice.core.errors import MalformedFrame, NotInRoom
from voice.core.words import MicChanged, Peer, PutOut, Signal, Voice, VoiceChanged
from voice.dialects.room_signaling import NAME, RoomSignalingDialect

DIALECT = RoomSignalingDialect()
ANN = Peer("sid1", {"id": 1, "username": "ann"})


@pytest.mark.parametrize("language", ["", "ru", "en"])
def test_a_join_without_a_room_is_refused_in_the_words_of_the_seed(language: str):
    with pytest.raises(MalformedFrame) as refused:
        DIALECT.decode("join", ({"name": "Alice"},))
    assert DIALECT.encode_error(refused.value, language) == ("error", {"message": "Room ID is required"})


@pytest.mark.parametrize(
    "event", [MicChanged("sid1", on=False), VoiceChanged(ANN, Voice(muted=True)), PutOut("sid1", NotInRoom())]
)
def test_microphones_and_moderators_have_no_words_here(event):
    assert DIALECT.encode(event) is None


@pytest.mark.parametrize("content", [None, 0, "", [], {"sdp": 1}, "v=0"])
def test_a_content_arrives_as_it_was_sent(content: Any):
    relay = DIALECT.decode("offer", ({"target": "sid2", "sdp": content, "more": 1},))
    assert DIALECT.encode(Signal("sid1", relay.kind, relay.body, NAME)) == ("getOffer", {"sdp": content, "sender": "sid1"})


NAMES = st.sampled_from(["join", "leave", "offer", "answer", "candidate", "connect", "signal", ""])
MESSAGES = st.dictionaries(st.sampled_from(["room", "name", "token", "target", "sdp", "candidate"]), JSON)


@given(NAMES, st.lists(MESSAGES | JSON, max_size=3))
def test_any_json_is_read_or_refused_by_one_exception(name: str, args: list[Any]):
    with suppress(MalformedFrame):
        DIALECT.decode(name, tuple(args))
