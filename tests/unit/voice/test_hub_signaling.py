"""The hub signaling dialect (seed 001): its addresses, and what its recorded frames do not say."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.voice.test_projectvoice import JSON
from voice.core.errors import MalformedFrame, NotInRoom
from voice.core.words import Join, Joined, MicChanged, Participant, Peer, PutOut, Room, Signal, Voice, VoiceChanged
from voice.dialects.addresses import dialect_of
from voice.dialects.game_signaling import GameSignalingDialect
from voice.dialects.hub_signaling import KEPT, NAME, HubSignalingDialect

ANN = Peer("clientA", {"id": None, "username": "clientA"})
DIALECT = HubSignalingDialect(room_id="channel-6", client_id="clientA")


@pytest.mark.parametrize("path", ["/ws", "/ws/"])
def test_an_address_with_a_client_id_is_of_this_dialect(path: str):
    query = {"room_id": "room123", "client_id": "clientA"}
    assert dialect_of(path, query) == (HubSignalingDialect, query)
    assert dialect_of(path, {"room": "room123"}) == (GameSignalingDialect, {"room": "room123"})
    assert dialect_of("/ws2", query) is None


def test_a_client_joins_under_its_own_id_and_is_kept_a_place_when_its_socket_dies():
    opening = HubSignalingDialect.open({"room_id": "channel-6", "client_id": "clientA", "token": "jwt"}, None)
    assert opening.join == Join(Room("6", channel=True), "channel-6", "jwt")
    assert (opening.peer_id, opening.linger) == ("clientA", KEPT)
    told = opening.dialect.encode(Signal("clientB", "custom", {}, NAME))
    assert told == {"type": "custom", "from": "clientB", "to": "clientA", "room_id": "channel-6"}


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"client_id": "clientA"}, "Room ID is required"),
        ({"room_id": " ", "client_id": "clientA"}, "Room ID is required"),
        ({"room_id": "x" * 129, "client_id": "clientA"}, "Room ID is required"),
        ({"room_id": "room123", "client_id": " "}, "An id is"),
        ({"room_id": "room123", "client_id": "x" * 129}, "An id is"),
        ({"room_id": "room123", "client_id": "a\0b"}, "An id is"),
        ({"room_id": "room123"}, "An id is"),
    ],
)
def test_an_address_without_a_room_or_an_id_is_refused(query: dict[str, str], why: str):
    with pytest.raises(MalformedFrame, match=why):
        HubSignalingDialect.open(query, None)


@pytest.mark.parametrize(
    "event",
    [
        Joined("channel-6", ANN, (Participant(ANN, True),)),
        MicChanged("clientA", on=False),
        VoiceChanged(ANN, Voice(muted=True)),
        PutOut("clientA", NotInRoom()),
    ],
)
def test_rosters_microphones_and_moderators_have_no_words_here(event):
    assert DIALECT.encode(event) is None


@pytest.mark.parametrize("payload", [None, 0, 0.5, False, "", "text", [], {}, {"sdp": None}])
def test_a_payload_arrives_as_it_was_sent(payload: Any):
    relay = DIALECT.decode("custom", ({"type": "custom", "payload": payload},))
    told = DIALECT.encode(Signal("clientB", relay.kind, relay.body, NAME))
    assert told["payload"] == payload
    assert type(told["payload"]) is type(payload)


KINDS = st.sampled_from(["offer", "answer", "candidate", "bye", "custom"])
MESSAGES = st.fixed_dictionaries(
    {}, optional={"type": KINDS | JSON, "to": JSON, "from": JSON, "room_id": JSON, "payload": JSON}
)


@given(MESSAGES)
def test_any_json_is_read_or_refused_by_one_exception(message: dict[str, Any]):
    with suppress(MalformedFrame):
        DIALECT.decode(message.get("type"), (message,))
