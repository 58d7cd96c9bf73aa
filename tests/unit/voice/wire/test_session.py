"""An Engine.IO session: the behaviours that the protocol's public suite asks of a server, and what else must hold.

Time is passed. Requests and WebSockets are strings here: the session only hands them back.
"""

import json
from collections import Counter

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from voice.wire.engineio import OK, TOO_LARGE, Refusal, Response, Settings, Transport
from voice.wire.session import POLL_PACKETS, Closed, Effect, Hang, Reason, Receive, Respond, Session, Write

SETTINGS = Settings(ping_interval=0.3, ping_timeout=0.2, max_payload=1000, max_outbox_packets=20, max_outbox_bytes=100)
BAD_REQUEST = Refusal.BAD_REQUEST.response


def polling(now: float = 0.0) -> Session:
    """Past its handshake."""
    session = Session("sid", Transport.POLLING, SETTINGS, now)
    session.poll("handshake", now)
    return session


def on_websocket(now: float = 0.0) -> Session:
    session = Session("sid", Transport.WEBSOCKET, SETTINGS, now)
    session.attach("ws")
    return session


def upgraded() -> Session:
    session = polling()
    session.upgrade("ws", 0)
    session.receive("ws", b"2probe", False, 0)
    session.receive("ws", b"5", False, 0)
    return session


def answer(request: str, body: bytes) -> Respond:
    return Respond(request, Response(200, body))


def response_of(effects: list[Effect]) -> Response:
    """Of the only effect."""
    [effect] = effects
    assert isinstance(effect, Respond)
    return effect.response


def write(data: bytes, socket: str = "ws") -> Write:
    return Write(socket, data, False)


# Handshake


def test_a_polling_session_opens_with_its_first_poll():
    session = Session("sid", Transport.POLLING, SETTINGS, 0)
    response = response_of(session.poll("get", 0))
    assert (response.status, response.content_type) == (200, "text/plain; charset=UTF-8")
    assert response.body.startswith(b'0{"sid":"sid","upgrades":["websocket"]')


def test_a_websocket_session_opens_at_once():
    session = Session("sid", Transport.WEBSOCKET, SETTINGS, 0)
    [opening] = session.attach("ws")
    assert isinstance(opening, Write)
    assert json.loads(opening.data[1:])["upgrades"] == []
    assert session.live == "ws"


# Messages


def test_a_poll_takes_what_was_said_before_it():
    session = polling()
    assert session.send(b"hello") == []
    assert session.send(b"\x01\x02\x03\x04", binary=True) == []
    assert session.poll("get", 0) == [answer("get", b"4hello\x1ebAQIDBA==")]


def test_an_open_poll_ends_with_the_next_message():
    session = polling()
    assert session.poll("get", 0) == []
    assert session.send(b"hello") == [answer("get", b"4hello")]
    assert session.send(b"again") == []


def test_a_post_is_answered_ok_after_its_messages():
    session = polling()
    assert session.post("post", b"4hello\x1ebAQIDBA==\x1e6", 0) == [
        Receive(b"hello", False),
        Receive(b"\x01\x02\x03\x04", True),
        Respond("post", OK),
    ]
    assert OK.body == b"ok"


def test_a_websocket_carries_text_and_binary():
    session = on_websocket()
    assert session.receive("ws", b"4hello", False, 0) == [Receive(b"hello", False)]
    assert session.receive("ws", b"\x01\x02", True, 0) == [Receive(b"\x01\x02", True)]
    assert session.send(b"hello") == [write(b"4hello")]
    assert session.send(b"\x01\x02", binary=True) == [Write("ws", b"\x01\x02", True)]


def test_a_poll_takes_no_more_packets_than_clients_can():
    session = polling()
    for number in range(POLL_PACKETS + 1):
        session.send(b"%d" % number)
    response = response_of(session.poll("get", 0))
    assert response.body.count(b"\x1e") == POLL_PACKETS - 1
    assert session.poll("get", 0) == [answer("get", b"4%d" % POLL_PACKETS)]


# What ends a session


@pytest.mark.parametrize("body", [b"abc", b"", b"4hello\x1eabc"])
def test_a_payload_that_is_none_closes(body: bytes):
    session = polling()
    assert session.post("post", body, 0) == [Closed(Reason.PARSE_ERROR), Respond("post", BAD_REQUEST)]
    assert session.poll("get", 0) == [Respond("get", BAD_REQUEST)]
    assert session.post("post", b"4hello", 0) == [Respond("post", BAD_REQUEST)]


def test_a_bad_payload_ends_the_open_poll():
    session = polling()
    session.poll("get", 0)
    assert session.post("post", b"abc", 0) == [
        answer("get", b"1"),
        Closed(Reason.PARSE_ERROR),
        Respond("post", BAD_REQUEST),
    ]


def test_a_packet_that_is_none_closes_the_websocket():
    session = on_websocket()
    assert session.receive("ws", b"abc", False, 0) == [Hang("ws"), Closed(Reason.PARSE_ERROR)]
    assert session.receive("ws", b"4hello", False, 0) == []
    assert session.send(b"hello") == []
    assert session.live is None


def test_a_body_too_large_is_refused_and_the_session_lives():
    session = polling()
    assert session.post("post", b"4" * 1001, 0) == [Respond("post", TOO_LARGE)]
    assert session.post("post", b"4" * 1000, 0) == [Receive(b"4" * 999, False), Respond("post", OK)]


def test_two_polls_at_once_close():
    session = polling()
    session.poll("first", 0)
    assert session.poll("second", 0) == [
        answer("first", b"1"),
        Closed(Reason.TRANSPORT_ERROR),
        Respond("second", BAD_REQUEST),
    ]
    assert session.poll("third", 0) == [Respond("third", BAD_REQUEST)]


def test_a_poll_that_is_cancelled_closes():
    session = polling()
    session.poll("get", 0)
    assert session.poll_lost("another") == []
    assert session.poll_lost("get") == [Closed(Reason.TRANSPORT_ERROR)]
    assert session.poll("get", 0) == [Respond("get", BAD_REQUEST)]


def test_a_client_closes_by_post_and_its_poll_ends_with_noop():
    session = polling()
    session.poll("get", 0)
    assert session.post("post", b"4last\x1e1\x1e4late", 0) == [
        Receive(b"last", False),
        answer("get", b"6"),
        Closed(Reason.TRANSPORT_CLOSE),
        Respond("post", OK),
    ]
    assert session.poll("get", 0) == [Respond("get", BAD_REQUEST)]


def test_a_client_closes_by_websocket():
    session = on_websocket()
    assert session.receive("ws", b"1", False, 0) == [Hang("ws"), Closed(Reason.TRANSPORT_CLOSE)]


def test_a_lost_websocket_closes():
    session = on_websocket()
    assert session.lost("another") == []
    assert session.lost("ws") == [Closed(Reason.TRANSPORT_CLOSE)]
    assert session.lost("ws") == []


def test_clients_do_not_ping():
    assert on_websocket().receive("ws", b"2", False, 0) == [Hang("ws"), Closed(Reason.TRANSPORT_ERROR)]
    assert polling().post("post", b"2", 0) == [Closed(Reason.TRANSPORT_ERROR), Respond("post", BAD_REQUEST)]


@pytest.mark.parametrize("packet", [b"0", b"3", b"5", b"6"])
def test_packets_that_mean_nothing_here_do_nothing(packet: bytes):
    session = on_websocket()
    due = session.next_due
    assert session.receive("ws", packet, False, 0.1) == []
    assert session.next_due == due


# Heartbeat


def test_pings_go_out_and_pongs_keep_a_websocket_alive():
    session = on_websocket()
    for beat in range(3):
        now = beat * 0.35
        assert session.next_due == pytest.approx(now + 0.3)
        assert session.tick(now + 0.29) == []
        assert session.tick(now + 0.3) == [write(b"2")]
        assert session.next_due == pytest.approx(now + 0.5)
        assert session.receive("ws", b"3", False, now + 0.35) == []


def test_pings_go_out_by_poll_and_pongs_come_by_post():
    session = polling()
    session.poll("get", 0)
    assert session.tick(0.3) == [answer("get", b"2")]
    assert session.post("post", b"3", 0.35) == [Respond("post", OK)]
    assert session.tick(0.5) == []
    assert session.poll("get", 0.65) == [answer("get", b"2")]


def test_a_missed_pong_closes():
    session = on_websocket()
    session.tick(0.3)
    assert session.tick(0.5) == [Hang("ws"), Closed(Reason.PING_TIMEOUT)]
    assert session.next_due is None
    assert session.tick(9) == []


def test_a_missed_pong_is_noticed_by_the_next_request_whatever_the_timer_did():
    session = polling()
    assert session.tick(0.33) == []  # late, but the pong is due as if it were not
    assert session.poll("get", 0.5) == [Closed(Reason.PING_TIMEOUT), Respond("get", BAD_REQUEST)]
    session = polling()
    session.tick(0.3)
    assert session.post("post", b"3", 0.5) == [Closed(Reason.PING_TIMEOUT), Respond("post", BAD_REQUEST)]


def test_an_open_poll_ends_when_the_session_times_out():
    session = polling()
    session.tick(0.3)
    assert session.poll("get", 0.31) == [answer("get", b"2")]
    session.poll("get", 0.32)
    assert session.tick(0.5) == [answer("get", b"1"), Closed(Reason.PING_TIMEOUT)]


def test_a_process_that_slept_gives_its_clients_a_new_chance():
    session = on_websocket()
    assert session.tick(60) == [write(b"2")]
    assert session.tick(60.1) == []
    assert session.tick(60.2) == [Hang("ws"), Closed(Reason.PING_TIMEOUT)]


# Upgrade


def test_an_upgrade_step_by_step():
    session = polling()
    session.poll("get", 0)
    assert session.upgrade("ws", 0) == []
    assert session.live is None
    assert session.receive("ws", b"2probe", False, 0) == [write(b"3probe"), answer("get", b"6")]
    assert session.poll("get", 0) == [answer("get", b"6")]  # polls must not linger now
    assert session.receive("ws", b"5", False, 0) == []
    assert (session.live, session.transport) == ("ws", Transport.WEBSOCKET)
    assert session.receive("ws", b"4hello", False, 0) == [Receive(b"hello", False)]
    assert session.next_due == 0.3  # no upgrade is due any more


def test_messages_during_an_upgrade_arrive_once_and_in_order():
    session = polling()
    session.upgrade("ws", 0)
    session.send(b"before")
    session.receive("ws", b"2probe", False, 0)
    session.send(b"probed")
    assert session.receive("ws", b"5", False, 0) == [write(b"4before"), write(b"4probed")]
    assert session.send(b"after") == [write(b"4after")]


def test_a_poll_during_an_upgrade_takes_what_there_is():
    session = polling()
    session.upgrade("ws", 0)
    session.receive("ws", b"2probe", False, 0)
    session.send(b"probed")
    assert session.poll("get", 0) == [answer("get", b"4probed")]
    assert session.receive("ws", b"5", False, 0) == []


def test_a_poll_that_is_open_at_the_upgrade_ends():
    session = polling()
    session.upgrade("ws", 0)
    session.poll("get", 0)
    assert session.receive("ws", b"5", False, 0) == [answer("get", b"6")]


def test_after_the_upgrade_http_is_over():
    session = upgraded()
    assert session.poll("get", 0) == [Respond("get", BAD_REQUEST)]
    assert session.post("post", b"4hello", 0) == [Respond("post", BAD_REQUEST)]
    assert session.receive("ws", b"4hello", False, 0) == [Receive(b"hello", False)]


def test_a_second_websocket_is_closed_and_the_first_lives_on():
    session = upgraded()
    assert session.upgrade("second", 0) == [Hang("second")]
    assert session.receive("second", b"4hello", False, 0) == []
    assert session.receive("second", b"abc", False, 0) == []
    assert session.receive("ws", b"4hello", False, 0) == [Receive(b"hello", False)]
    probing = polling()
    probing.upgrade("ws", 0)
    assert probing.upgrade("second", 0) == [Hang("second")]
    assert probing.receive("ws", b"5", False, 0) == []
    assert probing.live == "ws"
    assert on_websocket().upgrade("second", 0) == [Hang("second")]


@pytest.mark.parametrize("packet", [b"4hello", b"2", b"3probe", b"1", b"abc", b""])
def test_a_probe_that_says_something_else_is_dropped(packet: bytes):
    session = polling()
    session.upgrade("ws", 0)
    assert session.receive("ws", packet, False, 0) == [Hang("ws")]
    assert session.poll("get", 0) == []
    assert session.send(b"hello") == [answer("get", b"4hello")]
    assert session.upgrade("another", 0) == []


def test_a_binary_message_is_no_probe():
    session = polling()
    session.upgrade("ws", 0)
    assert session.receive("ws", b"2probe", True, 0) == [Hang("ws")]


def test_a_lost_probe_leaves_the_session_polling():
    session = polling()
    session.upgrade("ws", 0)
    session.receive("ws", b"2probe", False, 0)
    assert session.lost("ws") == []
    assert session.poll("get", 0) == []  # and it lingers again
    assert session.send(b"hello") == [answer("get", b"4hello")]


def test_an_upgrade_that_takes_too_long_is_dropped():
    patient = Settings(ping_interval=60, ping_timeout=20, upgrade_timeout=10)
    session = Session("sid", Transport.POLLING, patient, 0)
    session.upgrade("ws", 1)
    assert session.next_due == 11
    assert session.tick(11) == [Hang("ws")]
    assert session.next_due == 60


def test_a_ping_during_the_upgrade_comes_out_on_either_side():
    session = polling()
    session.upgrade("ws", 0.2)
    assert session.tick(0.3) == []
    assert session.receive("ws", b"5", False, 0.3) == [write(b"2")]
    assert session.receive("ws", b"3", False, 0.35) == []
    assert session.next_due == pytest.approx(0.65)


# The server closes


def test_a_server_closes_a_websocket():
    session = on_websocket()
    assert session.close(0) == [Hang("ws"), Closed(Reason.FORCED_CLOSE)]
    assert session.close(0) == []
    assert session.upgrade("another", 0) == [Hang("another")]


def test_a_server_closes_an_open_poll():
    session = polling()
    session.poll("get", 0)
    assert session.close(0) == [answer("get", b"1"), Closed(Reason.FORCED_CLOSE)]


def test_the_last_words_wait_for_a_poll():
    session = polling()
    for number in range(POLL_PACKETS):
        session.send(b"%d" % number)
    assert session.close(0) == []
    assert session.close(0) == []
    assert session.send(b"too late") == []
    assert session.post("post", b"4ignored", 0) == [Respond("post", OK)]
    first = response_of(session.poll("get", 1))
    assert (first.body.count(b"\x1e"), first.body[:2]) == (POLL_PACKETS - 1, b"40")
    assert session.poll("get", 1) == [answer("get", b"1"), Closed(Reason.FORCED_CLOSE)]


def test_the_last_words_and_the_end_go_together():
    session = polling()
    session.send(b"bye")
    session.close(0)
    assert session.poll("get", 1) == [answer("get", b"4bye\x1e1"), Closed(Reason.FORCED_CLOSE)]


def test_nobody_comes_for_the_last_words():
    session = polling()
    session.send(b"bye")
    session.close(0)
    assert session.next_due == 30
    assert session.tick(30) == [Closed(Reason.FORCED_CLOSE)]


def test_both_sides_close():
    session = polling()
    session.close(0)
    assert session.post("post", b"1", 0) == [Closed(Reason.TRANSPORT_CLOSE), Respond("post", OK)]


def test_closing_ends_a_probe():
    session = polling()
    session.upgrade("ws", 0)
    assert session.close(0) == [Hang("ws")]
    probing = polling()
    probing.upgrade("ws", 0)
    assert probing.post("post", b"abc", 0) == [Hang("ws"), Closed(Reason.PARSE_ERROR), Respond("post", BAD_REQUEST)]


# The outbox


@pytest.mark.parametrize(("message", "fit"), [(b"x", 20), (b"x" * 25, 4), (b"x" * 101, 0)])
def test_who_does_not_read_is_closed(message: bytes, fit: int):
    session = polling()
    assert [session.send(message) for _ in range(fit + 1)] == [[]] * fit + [[Closed(Reason.OUTBOX_FULL)]]


def test_the_backlog_is_near_the_limit_before_either_limit_is_reached():
    few, many = polling(), polling()
    few.send(b"x" * 90)
    for _ in range(18):
        many.send(b"x")
    assert (few.backlog, many.backlog) == (90, 90)
    few.poll("get", 0)
    assert few.backlog == 0


def test_what_is_read_makes_room():
    session = polling()
    for _ in range(100):
        assert session.send(b"x" * 100) == []
        session.poll("get", 0)


def test_what_is_over_has_no_backlog():
    session = polling()
    assert session.send(b"x" * 60) == []
    assert session.backlog == 60
    assert session.send(b"x" * 60) == [Closed(Reason.OUTBOX_FULL)]
    assert session.backlog == 0


# Any history


class Histories(RuleBasedStateMachine):
    """A client that may do anything, against what must hold whatever it does."""

    @initialize(transport=st.sampled_from(Transport))
    def begin(self, transport: Transport) -> None:
        self.now = 0.0
        self.session = Session("sid", transport, SETTINGS, 0)
        self.requests: Counter[str] = Counter()  # how often each was answered
        self.heard: list[int] = []
        self.said = self.numbered = 0
        self.sockets: set[str] = set()
        self.closed = False
        if transport is Transport.WEBSOCKET:
            self.sockets.add("ws")
            self.carry_out(self.session.attach("ws"))
        else:
            self.requests["handshake"] = 0
            self.carry_out(self.session.poll("handshake", 0))

    def name(self, what: str) -> str:
        self.numbered += 1
        return f"{what} {self.numbered}"

    def carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Respond(request, response):
                    self.requests[request] += 1
                    if response.status == 200 and response != OK:
                        self.hear(response.body.split(b"\x1e"))
                case Write(socket, data, _):
                    assert socket in self.sockets
                    self.hear([data])
                case Hang(socket):
                    self.sockets.remove(socket)
                case Closed():
                    assert not self.closed
                    self.closed = True
                case Receive():
                    assert not self.closed

    def hear(self, packets: list[bytes]) -> None:
        self.heard += [int(packet[1:]) for packet in packets if packet[:1] == b"4"]

    @rule(seconds=st.sampled_from([0.0, 0.1, 0.2, 0.3, 31.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.carry_out(self.session.tick(self.now))

    @rule()
    def server_speaks(self) -> None:
        if not self.closed:
            self.carry_out(self.session.send(b"%d" % self.said))
            self.said += 1

    @rule()
    def server_closes(self) -> None:
        self.carry_out(self.session.close(self.now))

    @rule()
    def client_polls(self) -> None:
        request = self.name("poll")
        self.requests[request] = 0
        self.carry_out(self.session.poll(request, self.now))

    @rule(body=st.sampled_from([b"3", b"4hello", b"4a\x1e4b", b"1", b"2", b"abc", b"6"]))
    def client_posts(self, body: bytes) -> None:
        request = self.name("post")
        self.requests[request] = 0
        self.carry_out(self.session.post(request, body, self.now))
        assert self.requests[request] == 1

    @rule()
    def client_opens_websocket(self) -> None:
        socket = self.name("socket")
        self.sockets.add(socket)
        self.carry_out(self.session.upgrade(socket, self.now))

    @precondition(lambda self: self.sockets)
    @rule(data=st.data(), text=st.sampled_from([b"2probe", b"5", b"3", b"4hello", b"1", b"abc"]))
    def client_sends(self, data: st.DataObject, text: bytes) -> None:
        socket = data.draw(st.sampled_from(sorted(self.sockets)))
        self.carry_out(self.session.receive(socket, text, False, self.now))

    @precondition(lambda self: self.sockets)
    @rule(data=st.data())
    def websocket_is_lost(self, data: st.DataObject) -> None:
        socket = data.draw(st.sampled_from(sorted(self.sockets)))
        self.sockets.remove(socket)
        self.carry_out(self.session.lost(socket))

    @invariant()
    def every_request_is_answered_at_most_once_and_one_waits(self) -> None:
        assert all(count <= 1 for count in self.requests.values())
        assert sum(count == 0 for count in self.requests.values()) <= (0 if self.closed else 1)

    @invariant()
    def messages_are_heard_once_and_in_order(self) -> None:
        assert self.heard == list(range(len(self.heard)))

    @invariant()
    def a_live_websocket_is_up_to_date(self) -> None:
        if self.session.live is not None:
            assert len(self.heard) == self.said

    @invariant()
    def nothing_is_left_open_in_the_end(self) -> None:
        assert (self.session.next_due is None) == self.closed
        if self.closed:
            assert not self.sockets
            assert self.session.live is None


TestHistories = Histories.TestCase
TestHistories.settings = hypothesis_settings(max_examples=150, stateful_step_count=30, deadline=None)
