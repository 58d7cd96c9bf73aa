"""RESP3: what Valkey said once, cut in every way, and what nobody may say."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.wire.errors import MalformedReply
from voice.wire.resp import MAX_DEPTH, MAX_ITEMS, MAX_LINE, Confirmed, Decoder, Message, Refused, command, publication

# Valkey 9.1.2 to HELLO 3, SUBSCRIBE pv:a, PUBLISH pv:a hi, PING, UNSUBSCRIBE pv:a on one connection
SAID = (
    b"%7\r\n$6\r\nserver\r\n$6\r\nvalkey\r\n$7\r\nversion\r\n$5\r\n9.1.2\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:3\r\n"
    b"$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n"
    b"$7\r\nmodules\r\n*1\r\n%4\r\n$4\r\nname\r\n$3\r\nlua\r\n$3\r\nver\r\n:1\r\n$4\r\npath\r\n$3\r\nlua\r\n$4\r\nargs\r\n*0\r\n"
    b">3\r\n$9\r\nsubscribe\r\n$4\r\npv:a\r\n:1\r\n:1\r\n>3\r\n$7\r\nmessage\r\n$4\r\npv:a\r\n$2\r\nhi\r\n+PONG\r\n"
    b">3\r\n$11\r\nunsubscribe\r\n$4\r\npv:a\r\n:0\r\n"
)
MODULE = [b"name", b"lua", b"ver", 1, b"path", b"lua", b"args", []]
HELLO = [b"server", b"valkey", b"version", b"9.1.2", b"proto", 3, b"id", 3]
HELLO += [b"mode", b"standalone", b"role", b"master", b"modules", [MODULE]]
MEANT = [
    HELLO,
    Confirmed(b"subscribe", b"pv:a"),
    1,
    Message(b"pv:a", b"hi"),
    b"PONG",
    Confirmed(b"unsubscribe", b"pv:a"),
]


def read(*chunks: bytes, max_size: int = 1 << 20) -> list:
    decoder = Decoder(max_size)
    return [event for chunk in chunks for event in decoder.receive(chunk)]


def test_what_valkey_says_is_read():
    assert read(SAID) == MEANT


def test_it_does_not_matter_how_it_is_cut():
    for at in range(len(SAID)):
        assert read(SAID[:at], SAID[at:]) == MEANT, at
    assert read(*(bytes((byte,)) for byte in SAID)) == MEANT


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (b"-NOPERM User alice has no permissions\r\n", Refused("NOPERM")),
        (b"-ERR unknown command 'HELLO', with args beginning with: 'AUTH' 'secret'\r\n", Refused("ERR")),
        (b"-\xff\r\n", Refused("\ufffd")),
        (b"_\r\n", None),
        (b"$-1\r\n", None),
        (b"$0\r\n\r\n", b""),
        (b"$4\r\n\r\n\r\n\r\n", b"\r\n\r\n"),
        (b"~2\r\n:-5\r\n+a\r\n", [-5, b"a"]),
        (b"*1\r\n-ERR no\r\n", [Refused("ERR")]),
    ],
)
def test_other_replies(said: bytes, meant: object):
    assert read(said, b"+next\r\n") == [meant, b"next"]


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\r\n",
        b",1.5\r\n",
        b":\r\n",
        b":one\r\n",
        b":" + b"9" * 5000 + b"\r\n",
        b"$-2\r\n",
        b"$x\r\n",
        b"$2\r\nabc\r\n",
        b"*-1\r\n",
        b"*%d\r\n" % (MAX_ITEMS + 1),
        b"*1\r\n" * MAX_DEPTH + b":1\r\n",
        b"+" * (MAX_LINE + 1),
        b">3\r\n$7\r\nmessage\r\n:1\r\n$1\r\na\r\n",
        b">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$-1\r\n",
        b">2\r\n$10\r\ninvalidate\r\n_\r\n",
        b">3\r\n$9\r\nsubscribe\r\n_\r\n:1\r\n",
    ],
)
def test_malformed_replies(said: bytes):
    heard = []
    with pytest.raises(MalformedReply):  # noqa: PT012  # what came before is heard
        for event in Decoder(1 << 20).receive(b":1\r\n" + said):
            heard.append(event)
    assert heard == [1]


def test_a_message_too_big_is_refused_by_its_length():
    head = b">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$%d\r\n"
    room = 1000 - len(head % 900) - 2
    assert read(head % room, b"x" * room, b"\r\n", max_size=1000) == [Message(b"a", b"x" * room)]
    with pytest.raises(MalformedReply):
        read(head % (room + 1), max_size=1000)


def test_many_small_items_are_too_big_together():
    with pytest.raises(MalformedReply):
        read(b"*1000\r\n", *[b":12345\r\n"] * 200, max_size=1000)


PIECES = [
    b">3\r\n$7\r\nmessage\r\n",
    b"$1\r\na\r\n",
    b"$-1\r\n",
    b"%1\r\n",
    b"*2\r\n",
    b">3\r\n",
    b":1\r\n",
    b"-E\r\n",
    b"_\r\n",
    b"\r",
]


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=50), max_size=10))
def test_any_bytes_are_read_or_refused(chunks: list[bytes]):
    with suppress(MalformedReply):
        read(*chunks)


@given(st.lists(st.binary(), min_size=1))
def test_commands_are_arrays_of_strings(words: list[bytes]):
    assert read(command(*words)) == [words]


@given(st.binary(), st.binary())
def test_a_publication_is_the_command(channel: bytes, payload: bytes):
    assert publication(channel, payload) == command(b"PUBLISH", channel, payload)
