import json

import pytest

from live.words import READERS, SetPresence, Status, Subscribe, Typing, Unsubscribe, event, frame, read
from voice.core.errors import MalformedFrame


@pytest.mark.parametrize(
    ("name", "args", "command"),
    [
        ("subscribe", [], Subscribe()),
        ("subscribe", [None], Subscribe()),
        ("subscribe", [{}], Subscribe()),
        ("subscribe", [{"since": None, "servers": None, "token": None, "more": 1}], Subscribe()),
        ("subscribe", [{"since": 0, "token": "t", "servers": [3, 4, 3]}], Subscribe("t", 0, frozenset({3, 4}))),
        ("subscribe", [{"servers": []}], Subscribe(servers=frozenset())),
        ("unsubscribe", [], Unsubscribe()),
        ("unsubscribe", ["whatever"], Unsubscribe()),
        ("typing", [{"channelId": 5}], Typing(5)),
        ("presence", [{"status": "invisible"}], SetPresence(Status.INVISIBLE)),
    ],
)
def test_what_a_client_says_is_read(name, args, command):
    assert read(name, args) == command


@pytest.mark.parametrize("name", ["subscribe", "typing", "presence"])
@pytest.mark.parametrize(
    "said",
    [
        "", 0, 1.5, True, [], {"since": True}, {"since": 1.0}, {"since": -1}, {"since": 2**63}, {"since": "1"}, {"servers": {}},
        {"servers": [True]}, {"servers": ["1"]}, {"servers": [0] * 1001}, {"token": ""}, {"token": 1}, {"token": "x" * 4097},
        {"channelId": None, "since": []}, {"channelId": "5", "since": {}}, {"status": 5, "since": "x"},
        {"status": "offline", "since": "x"}, {"status": None, "since": ""},
    ],
)  # fmt: skip
def test_what_is_malformed_is_refused(name, said):
    with pytest.raises(MalformedFrame):
        read(name, [said])


def test_the_more_present_is_the_greater():
    assert Status.ONLINE > Status.DND > Status.IDLE > Status.INVISIBLE > Status.OFFLINE
    assert [status.shown for status in sorted(Status)] == ["offline", "offline", "idle", "dnd", "online"]
    assert "presence" in READERS


def test_a_frame_is_an_event_with_one_argument():
    assert json.loads(frame("resumed", {"seq": 5})) == ["resumed", {"seq": 5}]


def test_an_entry_of_the_log_says_where_it_happened():
    said = json.loads(event("message-deleted", 7, "2026-01-01T00:00:00.000Z", 1, 2, '{"messageId":3}'))
    at = "2026-01-01T00:00:00.000Z"
    assert said == ["message-deleted", {"seq": 7, "at": at, "serverId": 1, "channelId": 2, "messageId": 3}]
    said = json.loads(event("message-deleted", 7, at, None, 2, '{"messageId":3}'))
    assert said == ["message-deleted", {"seq": 7, "at": at, "channelId": 2, "messageId": 3}]


def test_what_the_payload_names_is_not_said_twice():
    text = event("read-state", 7, "now", None, 2, '{"channelId":2,"lastReadId":5,"unread":0}')
    assert text.count(b"channelId") == 1
    assert event("server-left", 7, "now", 1, None, '{"serverId":1,"reason":"kicked"}').count(b"serverId") == 1
