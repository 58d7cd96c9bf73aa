import pytest

from voice.core.errors import MalformedFrame
from voice.core.words import LOBBY, Room
from voice.dialects.rooms import ROOM_NAME, room_of


@pytest.mark.parametrize("name", [6, "6", "channel-6"])
def test_a_channel_id_has_three_spellings(name):
    assert room_of(name) == Room("6", channel=True)


@pytest.mark.parametrize(
    "name", ["06", " 6", "6 ", "6.0", "６", "6\n", "channel-06", "Channel-6", "channel-", "kitchen", "кухня", "-6"]
)
def test_every_other_text_is_an_open_room(name):
    assert room_of(name) == Room(name)


@pytest.mark.parametrize(
    "name", [None, "", "  ", 0, -1, 2**63, 1.5, 6.0, True, [6], {"id": 6}, "a\0b", "x" * (ROOM_NAME + 1), b"6"], ids=repr
)
def test_what_cannot_name_a_room_is_refused(name):
    with pytest.raises(MalformedFrame):
        room_of(name)


def test_of_open_rooms_with_a_name_anybody_may_know():
    assert Room("kitchen").is_listed
    assert not Room("6", channel=True).is_listed
    assert not LOBBY.is_listed
