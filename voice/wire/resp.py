"""RESP3, what Valkey and Redis speak, as far as one needs it who publishes and subscribes: commands out, events in.

https://valkey.io/topics/protocol/. Replies come in the order of the commands; messages come between any two of them.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from voice.wire.errors import MalformedReply

MAX_LINE: Final = 64 * 1024
MAX_ITEMS: Final = 1024
MAX_DEPTH: Final = 8  # HELLO names modules, and those their arguments: four

_MESSAGE: Final = b">3\r\n$7\r\nmessage\r\n"  # how every message begins


class Message(NamedTuple):
    channel: bytes
    payload: bytes


class Confirmed(NamedTuple):
    kind: bytes  # subscribe or unsubscribe
    channel: bytes


class Refused(NamedTuple):
    """An error. Its text may quote the command, password and all, so only the code is kept."""

    code: str


Reply = int | bytes | Refused | None | list["Reply"]
"""Arrays, sets and maps are lists, a map with keys and values by turns."""

Event = Message | Confirmed | Reply


class Decoder:
    """Reads what the server sends. How it is cut into chunks changes nothing but when events come."""

    __slots__ = ("_max_size", "_needed", "_rest")

    def __init__(self, max_size: int) -> None:
        """`max_size` is the most bytes that one reply or message may have on the wire."""
        self._max_size = max_size
        self._rest = bytearray()  # the start of an event
        self._needed = 0  # bytes without which it cannot be whole

    def receive(self, data: bytes) -> Iterator[Event]:
        """Yield what `data` completes. Raises MalformedReply, once, after what came before it was yielded."""
        if self._rest:
            self._rest += data
            if len(self._rest) < self._needed:
                return
            data = bytes(self._rest)
            self._rest.clear()
        at, end = 0, len(data)
        while at < end:
            try:
                event, after = _event(data, at)
            except _Incomplete as incomplete:
                self._needed = incomplete.end - at
                if self._needed > self._max_size:
                    raise MalformedReply("too big") from None
                self._rest += data[at:]
                return
            at = after
            yield event


def command(*words: bytes) -> bytes:
    return b"*%d\r\n%b" % (len(words), b"".join([b"$%d\r\n%b\r\n" % (len(word), word) for word in words]))


def publication(channel: bytes, payload: bytes) -> bytes:
    """The command that is sent all day."""
    return b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(channel), channel, len(payload), payload)


class _Incomplete(Exception):
    def __init__(self, end: int) -> None:
        self.end = end  # where the data must reach at least


def _event(data: bytes, at: int) -> tuple[Event, int]:
    if data.startswith(_MESSAGE, at):
        channel, at = _string(data, at + len(_MESSAGE))
        payload, at = _string(data, at)
        return Message(channel, payload), at
    value, after = _value(data, at, MAX_DEPTH)
    return (_push(value) if data[at] == b">"[0] and isinstance(value, list) else value), after


def _push(items: Sequence[Reply]) -> Event:
    match items:
        case [b"subscribe" | b"unsubscribe" as kind, bytes(channel), int()]:
            return Confirmed(kind, channel)  # the number is of all our channels
    raise MalformedReply("a push nobody asked for")


def _value(data: bytes, at: int, depth: int) -> tuple[Reply, int]:
    if not depth:
        raise MalformedReply("nested too deeply")
    line, after = _line(data, at)
    kind, said = line[:1], line[1:]
    match kind:
        case b":":
            return _number(said), after
        case b"+":
            return said, after
        case b"-":
            return Refused(said.partition(b" ")[0].decode("ascii", "replace")), after
        case b"_":
            return None, after
        case b"$":
            return _string(data, at) if said != b"-1" else (None, after)
        case b"*" | b"~" | b">":
            return _items(data, after, _number(said), depth)
        case b"%":
            return _items(data, after, 2 * _number(said), depth)
    raise MalformedReply("a type nobody asked for")


def _items(data: bytes, at: int, count: int, depth: int) -> tuple[list[Reply], int]:
    if not 0 <= count <= MAX_ITEMS:
        raise MalformedReply("bad number of items")
    items = []
    for _ in range(count):
        item, at = _value(data, at, depth - 1)
        items.append(item)
    return items, at


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    """A bulk string, with its length before it."""
    line, start = _line(data, at)
    if line[:1] != b"$":
        raise MalformedReply("not a string")
    size = _number(line[1:])
    if size < 0:
        raise MalformedReply("bad length")
    stop = start + size
    if stop + 2 > len(data):
        raise _Incomplete(stop + 2)
    if data[stop : stop + 2] != b"\r\n":
        raise MalformedReply("longer than its length")
    return data[start:stop], stop + 2


def _line(data: bytes, at: int) -> tuple[bytes, int]:
    stop = data.find(b"\r\n", at)
    if stop < 0:
        if len(data) - at > MAX_LINE:
            raise MalformedReply("a line without end")
        raise _Incomplete(len(data) + 1)
    return data[at:stop], stop + 2


def _number(text: bytes) -> int:
    try:
        return int(text)
    except ValueError:
        raise MalformedReply("not a number") from None
