"""Which dialect an address means."""

import pytest

from voice.dialects.addresses import dialect_of
from voice.dialects.game_signaling import GameSignalingDialect
from voice.dialects.hub_signaling import HubSignalingDialect
from voice.dialects.zvonim import ZvonimDialect, ZvonimEnvelopeDialect


@pytest.mark.parametrize("path", ["/ws", "/ws/"])
def test_one_address_is_told_apart_by_its_query(path):
    assert dialect_of(path, {"room_id": "a", "user_id": ""}) == (ZvonimDialect, {"room_id": "a", "user_id": ""})
    both = {"client_id": "a", "user_id": "b"}
    assert dialect_of(path, both) == (HubSignalingDialect, both)
    assert dialect_of(path, {"room": "a"}) == (GameSignalingDialect, {"room": "a"})


@pytest.mark.parametrize("room", ["standup", "channel-6", "a/b", "переговорная", "a\nb"])
@pytest.mark.parametrize("noun", ["room", "meeting"])
def test_an_envelopes_room_stands_in_the_path(noun, room):
    query = {"room_id": "another", "user_id": "ann"}
    assert dialect_of(f"/api/{noun}/{room}/ws", query) == (ZvonimEnvelopeDialect, {"room_id": room, "user_id": "ann"})


@pytest.mark.parametrize("path", ["", "/", "/wss", "/ws/x", "/api/room/ws", "/api/room//ws", "/api/rooms/a/ws", "/api/room/a"])
def test_elsewhere_is_nobody(path):
    assert dialect_of(path, {"user_id": "ann"}) is None
