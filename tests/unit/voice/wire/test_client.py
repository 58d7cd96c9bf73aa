"""A Socket.IO client on one connection: the behaviours that the protocol's public suite asks of a server, and the bounds."""

import pytest

from voice.wire.client import (
    CONNECT_TIMEOUT,
    MAX_PENDING_ACKS,
    AckCame,
    Client,
    ConnectAsked,
    EventCame,
    HangUp,
    Left,
    Say,
    TooManyAcks,
)
from voice.wire.socketio import Message

KNOWN = {"/", "/custom"}


def stranger() -> Client:
    return Client(KNOWN, max_size=100, now=0)


def connected(*namespaces: str) -> Client:
    client = stranger()
    for namespace in namespaces or ["/"]:
        client.receive_text(f"0{namespace},".encode(), 0)
        client.accept(namespace, "abc")
    return client


def is_hung_up(news: list) -> bool:
    return len(news) == 1 and isinstance(news[0], HangUp)


# Connect


@pytest.mark.parametrize(
    ("text", "namespace", "auth", "answer"),
    [
        (b"0", "/", {}, b'0{"sid":"abc"}'),
        (b'0{"token":"123"}', "/", {"token": "123"}, b'0{"sid":"abc"}'),
        (b"0/custom,", "/custom", {}, b'0/custom,{"sid":"abc"}'),
        (b"0/custom", "/custom", {}, b'0/custom,{"sid":"abc"}'),
        (b'0/custom,{"token":"abc"}', "/custom", {"token": "abc"}, b'0/custom,{"sid":"abc"}'),
    ],
)
def test_a_namespace_is_entered(text: bytes, namespace: str, auth: dict, answer: bytes):
    client = stranger()
    assert client.receive_text(text, 0) == [ConnectAsked(namespace, auth)]
    assert client.namespaces == []
    assert client.accept(namespace, "abc") == [Say(answer)]
    assert client.namespaces == [namespace]
    assert client.next_due is None


def test_an_unknown_namespace_is_refused_and_the_connection_lives():
    client = stranger()
    assert client.receive_text(b"0/random", 0) == [Say(b'4/random,{"message":"Invalid namespace"}')]
    assert client.receive_text(b"0", 0) == [ConnectAsked("/", {})]


def test_a_refusal_lets_the_client_try_again():
    client = stranger()
    client.receive_text(b"0", 0)
    assert client.refuse("/", "Sign in first", 10, {"code": 401}) == [Say(b'4{"message":"Sign in first","data":{"code":401}}')]
    assert client.next_due == 10 + CONNECT_TIMEOUT
    assert client.receive_text(b"0", 11) == [ConnectAsked("/", {})]


@pytest.mark.parametrize(
    "text", [b"abc", b"", b"2[]", b'2["message"]', b"1", b"30[]", b'4{"message":"no"}', b"0[]", b'51-["a"]']
)
def test_a_bad_handshake_closes(text: bytes):
    assert is_hung_up(stranger().receive_text(text, 0))


@pytest.mark.parametrize("text", [b'2["message"]', b"30[]", b"0", b'51-["a"]'])
def test_before_the_answer_a_client_waits(text: bytes):
    client = stranger()
    client.receive_text(b"0", 0)
    assert is_hung_up(client.receive_text(text, 0))
    assert client.accept("/", "abc") == []
    assert client.refuse("/", "no", 0) == []


def test_a_client_may_leave_before_the_answer():
    client = stranger()
    client.receive_text(b"0", 0)
    assert client.receive_text(b"1", 0) == [Left("/")]
    assert client.accept("/", "abc") == []
    assert client.refuse("/", "no", 0) == []


def test_to_connect_twice_closes():
    client = connected("/", "/custom")
    assert is_hung_up(client.receive_text(b"0/custom", 0))
    assert client.receive_text(b'2["message"]', 0) == []


def test_who_enters_no_namespace_is_closed_in_the_end():
    client = stranger()
    assert client.next_due == CONNECT_TIMEOUT
    assert client.tick(CONNECT_TIMEOUT - 1) == []
    assert is_hung_up(client.tick(CONNECT_TIMEOUT))
    assert client.next_due is None
    assert client.tick(1000) == []


# Disconnect


def test_after_the_last_namespace_time_runs():
    client = connected("/", "/custom")
    assert client.receive_text(b"1", 100) == [Left("/")]
    assert client.next_due is None
    assert client.receive_text(b"1/custom,", 100) == [Left("/custom")]
    assert client.next_due == 100 + CONNECT_TIMEOUT
    assert client.receive_text(b"0", 101) == [ConnectAsked("/", {})]


def test_leaving_one_namespace_leaves_the_other():
    client = connected("/", "/custom")
    assert client.receive_text(b"1/custom", 0) == [Left("/custom")]
    assert client.receive_text(b'2["message","to main"]', 0) == [EventCame("/", "message", ["to main"], None)]
    assert is_hung_up(client.receive_text(b'2/custom,["message"]', 0))


def test_the_server_puts_a_client_out():
    client = connected("/", "/custom")
    assert client.disconnect("/custom", 5) == [Say(b"1/custom,")]
    assert client.disconnect("/custom", 5) == []
    assert client.namespaces == ["/"]
    assert client.disconnect("/", 5) == [Say(b"1")]
    assert client.next_due == 5 + CONNECT_TIMEOUT


# Messages


def test_events_come_with_their_ids():
    client = connected("/", "/custom")
    args = [1, "2", {"3": [True]}]
    assert client.receive_text(b'2["message",1,"2",{"3":[true]}]', 0) == [EventCame("/", "message", args, None)]
    assert client.receive_text(b'2456["message",1,"2",{"3":[true]}]', 0) == [EventCame("/", "message", args, 456)]
    assert client.receive_text(b'42/custom,["x"]', 0, start=1) == [EventCame("/custom", "x", [], None)]


BINARY = b'52-789["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'


def test_a_binary_event_comes_when_it_is_whole():
    client = connected()
    assert client.receive_text(BINARY, 0) == []
    assert client.receive_binary(b"\x01\x02\x03", 0) == []
    expected = EventCame("/", "message", [b"\x01\x02\x03", b"\x04\x05\x06"], 789)
    assert client.receive_binary(b"\x04\x05\x06", 0) == [expected]
    assert client.receive_text(b'2["message"]', 0) == [EventCame("/", "message", [], None)]


@pytest.mark.parametrize("text", [b"abc", b"2{}", b'2abc["message"]', b'2["connect"]', b"30{}", b'4{"message":"no"}', b"9"])
def test_an_invalid_packet_closes(text: bytes):
    client = connected()
    assert is_hung_up(client.receive_text(text, 0))
    assert client.receive_text(b'2["message"]', 0) == []
    assert client.receive_binary(b"", 0) == []
    assert client.disconnect("/", 0) == []


def test_an_attachment_to_nothing_closes():
    assert is_hung_up(connected().receive_binary(b"\x01", 0))


def test_text_where_an_attachment_is_due_closes():
    client = connected()
    client.receive_text(BINARY, 0)
    assert is_hung_up(client.receive_text(b'2["message"]', 0))


def test_attachments_are_bounded_together():
    client = connected()
    for _ in range(2):
        client.receive_text(BINARY, 0)
        client.receive_binary(b"x" * 60, 0)
        assert len(client.receive_binary(b"x" * 40, 0)) == 1
    client.receive_text(BINARY, 0)
    client.receive_binary(b"x" * 60, 0)
    assert is_hung_up(client.receive_binary(b"x" * 41, 0))


def test_a_placeholder_for_nothing_closes():
    client = connected()
    client.receive_text(b'51-["message",{"_placeholder":true,"num":1}]', 0)
    assert is_hung_up(client.receive_binary(b"x", 0))


# Acknowledgements


def test_an_answer_comes_once():
    client = connected("/", "/custom")
    assert client.ask("/", "who", [1]) == (0, Message(b'20["who",1]'))
    assert client.ask("/custom", "who", []) == (1, Message(b'2/custom,1["who"]'))
    assert client.receive_text(b"3/custom,0[]", 0) == []
    assert client.receive_text(b'30["me"]', 0) == [AckCame("/", 0, ["me"])]
    assert client.receive_text(b'30["me"]', 0) == []
    assert client.receive_text(b"35[]", 0) == []
    client.receive_text(b'61-/custom,1[{"_placeholder":true,"num":0}]', 0)
    assert client.receive_binary(b"me", 0) == [AckCame("/custom", 1, [b"me"])]


def test_answers_owed_are_bounded_and_end_with_their_namespace():
    client = connected("/", "/custom")
    client.ask("/custom", "who", [])
    for _ in range(MAX_PENDING_ACKS - 1):
        client.ask("/", "who", [])
    with pytest.raises(TooManyAcks):
        client.ask("/", "who", [])
    client.disconnect("/", 0)
    assert client.ask("/custom", "who", [])[0] == MAX_PENDING_ACKS
    assert client.receive_text(b"3/custom,0[]", 0) == [AckCame("/custom", 0, [])]


def test_the_reason_to_hang_up_is_told():
    assert connected().receive_text(b"2{}", 0) == [HangUp("the payload is a list")]


# The short way


def talker(*namespaces: str) -> Client:
    """As `connected`, below a layer that writes a digit before each text."""
    client = Client(KNOWN, max_size=100, now=0, before=b"4")
    for namespace in namespaces:
        client.receive_text(f"40{namespace},".encode(), 0, start=1)
        client.accept(namespace, "abc")
    return client


@pytest.mark.parametrize(
    ("namespace", "text", "name", "args"),
    [
        ("/", b'42["message",1,"2",{"3":[true]}]', "message", [1, "2", {"3": [True]}]),
        ("/", b'42[ "message" ]', "message", []),
        ("/custom", b'42/custom,["message",null]', "message", [None]),
        ("/", b'42["half a pair: \\ud800"]', "", []),
    ],
)
def test_the_short_way_says_what_the_long_one_would(namespace: str, text: bytes, name: str, args: list):
    client = talker(namespace)
    event = EventCame(namespace, name, args, None)
    assert client.receive_plain(text) == event
    assert client.receive_text(text, 0, start=1) == [event]


@pytest.mark.parametrize(
    "text",
    [
        b'42/custom,["message"]',  # another namespace
        b'427["message"]',  # wants an answer
        b'451-["message",{"_placeholder":true,"num":0}]',
        b'42["message"',
        b"42[]",
        b"42[7]",
        b'42["connect"]',
        b'2["message"]',
        b"41",
        b"3",
        b"",
    ],
)
def test_all_else_goes_the_long_way_as_if_nothing_had_been(text: bytes):
    client = talker("/custom", "/")
    assert client.receive_plain(text) is None
    assert client.receive_plain(b'42["message"]') == EventCame("/", "message", [], None)


def test_the_short_way_is_open_only_in_a_namespace_and_between_two_packets():
    assert talker().receive_plain(b'42["message"]') is None
    client = talker("/")
    client.receive_text(b'451-["message",{"_placeholder":true,"num":0}]', 0, start=1)
    assert client.receive_plain(b'42["message"]') is None
    client.receive_binary(b"\1", 0)
    assert client.receive_plain(b'42["message"]') is not None
    client.receive_text(b"41", 0, start=1)
    assert client.receive_plain(b'42["message"]') is None
    client = talker("/")
    client.receive_text(b"4abc", 0, start=1)
    assert client.receive_plain(b'42["message"]') is None
