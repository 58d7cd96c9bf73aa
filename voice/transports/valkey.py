"""One connection to Valkey or Redis on which one publishes and is subscribed at once, as RESP3 allows."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, cast

from prometheus_client import Histogram
from redis.asyncio.connection import SSLConnection, parse_url

from telemetry.registry import OWN
from voice.wire.errors import MalformedReply
from voice.wire.resp import Confirmed, Decoder, Event, Message, Refused, command, publication

CONNECT_TIMEOUT: Final = 5.0
PING_PERIOD: Final = 2.0
SILENT_PERIODS: Final = 2  # more than one: after a stall of our own, the timer may come before what waits to be read
MAX_UNWRITTEN: Final = 8 * 1024 * 1024
MAX_MESSAGE: Final = 2 * MAX_UNWRITTEN  # more than anybody can publish at once
MAX_AWAITED: Final = 65_536

PING: Final = command(b"PING")

ROUND_TRIP: Final = Histogram(
    "projectvoice_bus_round_trip_seconds",
    "From a ping to Valkey to its answer, on the connections of the bus, every two seconds.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0),
    registry=OWN,
)

Then = Callable[[int], None]


class Address:
    """Where the server is and who we are there, of a URL as redis-py reads it.

    Certificates are always verified; `?ssl_ca_certs=`, `ssl_certfile=` and `ssl_keyfile=` name files.
    """

    def __init__(self, url: str) -> None:
        """Raises ValueError."""
        given = cast(dict[str, Any], parse_url(url))
        self._path: str | None = given.get("path")
        self._host, self._port = given.get("host", "localhost"), given.get("port", 6379)
        self._tls = _tls(given) if given.get("connection_class") is SSLConnection else None
        password = given.get("password")
        login = [b"AUTH", given.get("username", "default").encode(), password.encode()] if password else []
        self.hello = command(b"HELLO", b"3", *login, b"SETNAME", b"voice-bus")

    async def connect(self, connection: "Connection") -> None:
        """Raises OSError."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_TIMEOUT):
            if self._path is not None:
                await loop.create_unix_connection(lambda: connection, self._path)
            else:  # every loop sets TCP_NODELAY by itself
                await loop.create_connection(lambda: connection, self._host, self._port, ssl=self._tls)


def _tls(given: dict[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=given.get("ssl_ca_certs"), capath=given.get("ssl_ca_path"))
    if "ssl_certfile" in given:
        context.load_cert_chain(given["ssl_certfile"], given.get("ssl_keyfile"), given.get("ssl_password"))
    return context


class _Awaited(NamedTuple):
    answer: object  # what the server is to say, or its type
    then: Sequence[Then] = ()


class _Batch(NamedTuple):
    lines: list[bytes]
    then: list[Then]


class Connection(asyncio.Protocol):
    """What one turn of the loop publishes leaves in one write, and to one channel in one PUBLISH, lines joined by newlines.

    `over` is done once it has ended, and says why: lost, or given up since the server is silent, refuses or is not understood.
    A `then` is told the number that the server answered, 1 for another answer, and 0 if the connection ended before.
    """

    def __init__(self, hello: bytes, greeted: Then, hear: Callable[[bytes, list[bytes]], None]) -> None:
        """`greeted` once the server has taken `hello`; `hear(channel, lines)`. They must not raise."""
        self._loop = asyncio.get_running_loop()
        self.over: asyncio.Future[str] = self._loop.create_future()
        self.subscribed: set[bytes] = set()  # or about to be
        self._hello, self._greeted, self._hear = hello, greeted, hear
        self._decoder = Decoder(MAX_MESSAGE)
        self._awaited: deque[_Awaited] = deque()
        self._batches: dict[bytes, _Batch] = {}
        self._unwritten = 0  # bytes; kept only while there are batches
        self._silent_periods = 0

    def publish(self, channel: bytes, line: bytes, *then: Then) -> bool:
        """False: the connection is over, at the latest now that too much is unwritten. `then` is told how many got it."""
        if self.over.done():
            return False
        if not self._batches:
            self._unwritten = self._transport.get_write_buffer_size()
            self._loop.call_soon(self._flush)
        batch = self._batches.get(channel)
        if batch is None:
            batch = self._batches[channel] = _Batch([], [])
        batch.lines.append(line)
        batch.then.extend(then)
        self._unwritten += len(line) + 1
        if self._unwritten > MAX_UNWRITTEN or len(self._batches) + len(self._awaited) > MAX_AWAITED:
            self._give_up("too much is unwritten or unanswered")
            return False
        return True

    def subscribe(self, channels: Sequence[bytes], then: Then) -> None:
        """In one command, so that nothing is heard of any of them before `then`."""
        self.subscribed.update(channels)
        *others, last = (Confirmed(b"subscribe", channel) for channel in channels)
        self._ask(command(b"SUBSCRIBE", *channels), *map(_Awaited, others), _Awaited(last, (then,)))

    def unsubscribe(self, channel: bytes) -> None:
        self.subscribed.discard(channel)
        self._ask(command(b"UNSUBSCRIBE", channel), _Awaited(Confirmed(b"unsubscribe", channel)))

    def close(self) -> None:
        """What was published is still written."""
        self._flush()
        self._end("closed")
        self._transport.close()

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask(self._hello, _Awaited(list, (self._greeted,)))
        self._timer = self._loop.call_later(PING_PERIOD, self._tick)

    def data_received(self, data: bytes) -> None:
        self._silent_periods = 0
        try:
            for event in self._decoder.receive(data):
                if self.over.done():
                    return
                self._take(event)
        except MalformedReply as error:
            self._give_up(f"malformed reply, {error}")

    def connection_lost(self, error: Exception | None) -> None:
        self._end(f"lost, {error}" if error else "closed by the server")

    # Within

    def _ask(self, asked: bytes, *awaited: _Awaited) -> None:
        self._awaited.extend(awaited)
        self._transport.write(asked)

    def _take(self, event: Event) -> None:
        if type(event) is Message:
            self._hear(event.channel, event.payload.split(b"\n"))
            return
        if type(event) is Refused:
            self._give_up(f"refused, {event.code}")
            return
        if not self._awaited:
            raise MalformedReply("an answer to nothing")
        answer, then = self._awaited.popleft()
        if type(event) is not answer and event != answer:
            raise MalformedReply("not the answer to what was asked")
        for tell in then:
            tell(event if type(event) is int else 1)

    def _flush(self) -> None:
        batches, self._batches = self._batches, {}
        if batches:
            awaited = [_Awaited(int, batch.then) for batch in batches.values()]
            self._ask(b"".join([publication(channel, b"\n".join(batch.lines)) for channel, batch in batches.items()]), *awaited)

    def _tick(self) -> None:
        if self._silent_periods == SILENT_PERIODS or len(self._awaited) > MAX_AWAITED:
            self._give_up("the server does not answer")
            return
        self._silent_periods += 1
        self._ask(PING, _Awaited(b"PONG", (partial(self._answered, self._loop.time()),)))
        self._timer = self._loop.call_later(PING_PERIOD, self._tick)

    def _answered(self, asked: float, answer: int) -> None:
        if answer:
            ROUND_TRIP.observe(self._loop.time() - asked)

    def _give_up(self, why: str) -> None:
        self._end(why)
        self._transport.abort()

    def _end(self, why: str) -> None:
        if self.over.done():
            return
        self.over.set_result(why)
        self._timer.cancel()
        self.subscribed.clear()
        unanswered = [tell for _, then in self._awaited for tell in then]
        unanswered += [tell for _, then in self._batches.values() for tell in then]
        self._awaited.clear()
        self._batches.clear()
        for tell in unanswered:
            tell(0)
