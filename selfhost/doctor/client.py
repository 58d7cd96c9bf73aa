"""A small TURN client (RFC 8656), enough to see what a browser would see: over UDP, TCP and TLS, one server at a time."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, NamedTuple, Self, TypeVar

from selfhost.doctor.addresses import Host
from selfhost.doctor.certificate import trusting
from selfhost.doctor.waiting import CONNECT
from turn.protocol.attributes import (
    DATA,
    ERROR_CODE,
    LIFETIME,
    MAGIC_COOKIE,
    NONCE,
    REALM,
    REQUESTED_TRANSPORT,
    USERNAME,
    XOR_MAPPED_ADDRESS,
    XOR_PEER_ADDRESS,
    XOR_RELAYED_ADDRESS,
    Attribute,
)
from turn.protocol.integrity import HEADER_SIZE, Algorithm, Key, long_term_key, verify
from turn.protocol.stun import BadAttribute, Kind, MalformedMessage, Message, Method, decode, encode
from turn.words import Address, Transport

COOKIE: Final = MAGIC_COOKIE.to_bytes(4, "big")
UDP: Final = 17  # as IP numbers it
RESEND: Final = (0.25, 0.5, 1.0)
"""Seconds between the sendings of a request over UDP; then it is given up (RFC 8489 section 6.2.1, in a hurry)."""
WRONG_CREDENTIALS: Final = 401
STALE_NONCE: Final = 438

T = TypeVar("T")
Attributes = Sequence[tuple[Attribute[Any], Any]]


class NotStun(OSError):
    """Something answers that is no STUN server."""


class Refused(Exception):
    """An error response; `realm` is the one that it names."""

    def __init__(self, code: int, reason: str, realm: str) -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code, self.realm = code, realm


class Forged(Exception):
    """A success that is not signed with our key: it comes from somebody who does not know it."""


class Line:
    """Requests and their answers over one socket. What the server sends of itself waits in `unasked`."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.local: Address | None = None
        self.unasked: asyncio.Queue[Message] = asyncio.Queue(maxsize=64)
        self._waiting: dict[bytes, asyncio.Future[Message]] = {}
        self._over: OSError | None = None
        self._write: Callable[[bytes], object]

    def opened(self, local: Any, write: Callable[[bytes], object]) -> None:
        """`write` takes bytes; `local` is the socket's own name."""
        self.local, self._write = Address.of(str(local[0]).partition("%")[0], local[1]), write

    def heard(self, data: bytes) -> None:
        try:
            message = decode(data)
        except MalformedMessage:
            self.over(NotStun("no STUN message"))
            return
        if message.kind is Kind.INDICATION:
            with suppress(asyncio.QueueFull):
                self.unasked.put_nowait(message)
        elif (waiting := self._waiting.get(message.transaction_id)) and not waiting.done():
            waiting.set_result(message)

    def over(self, problem: OSError) -> None:
        """Nothing more comes: whoever waits learns why."""
        self._over = self._over or problem
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(self._over)

    async def ask(self, method: Method, attributes: Attributes = (), key: Key | None = None) -> Message:
        """The answer, success or error. Raises OSError, TimeoutError."""
        if self._over:
            raise self._over
        transaction_id = secrets.token_bytes(12)
        data = encode(method, Kind.REQUEST, transaction_id, attributes, integrity=key, fingerprint=True)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[transaction_id] = answer
        try:
            for patience in RESEND if self.transport is Transport.UDP else (CONNECT,):
                self._write(data)
                done, _ = await asyncio.wait([answer], timeout=patience)
                if done:
                    return answer.result()
            raise TimeoutError
        finally:
            del self._waiting[transaction_id]

    def tell(self, method: Method, attributes: Attributes) -> None:
        """An indication: nobody answers it."""
        self._write(encode(method, Kind.INDICATION, secrets.token_bytes(12), attributes))


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, line: Line) -> None:
        self._line = line

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._line.heard(data)

    def error_received(self, exc: Exception) -> None:
        """An ICMP message: nothing listens there."""
        if isinstance(exc, OSError):
            self._line.over(exc)


@asynccontextmanager
async def dial(address: Host, port: int, transport: Transport, name: str) -> AsyncIterator[Line]:
    """`name` is asked for in TLS. Raises OSError, TimeoutError."""
    line = Line(transport)
    if transport is Transport.UDP:
        loop = asyncio.get_running_loop()
        datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(line), remote_addr=(str(address), port))
        line.opened(datagrams.get_extra_info("sockname"), datagrams.sendto)
        try:
            yield line
        finally:
            datagrams.abort()
        return
    context = trusting() if transport is Transport.TLS else None
    async with asyncio.timeout(CONNECT):
        reader, writer = await asyncio.open_connection(str(address), port, ssl=context, server_hostname=context and name)
    line.opened(writer.get_extra_info("sockname"), writer.write)
    reading = asyncio.create_task(_read(line, reader))
    try:
        yield line
    finally:
        reading.cancel()
        writer.transport.abort()
        await asyncio.gather(reading, return_exceptions=True)


async def _read(line: Line, reader: asyncio.StreamReader) -> None:
    """Frames of a stream: a STUN header tells how long its message is."""
    try:
        while True:
            head = await reader.readexactly(HEADER_SIZE)
            if head[0] > 0x3F or head[4:8] != COOKIE:
                raise NotStun("no STUN message")
            line.heard(head + await reader.readexactly(int.from_bytes(head[2:4], "big")))
    except OSError as problem:
        line.over(problem)
    except asyncio.IncompleteReadError:
        line.over(ConnectionResetError("hung up"))


async def binding(line: Line) -> Address:
    """The address that the server sees us at. Raises OSError, TimeoutError, Refused."""
    answer = _success(await line.ask(Method.BINDING))
    mapped = _value(answer, XOR_MAPPED_ADDRESS)
    if mapped is None:
        raise NotStun("no XOR-MAPPED-ADDRESS")
    return mapped


class Allocated(NamedTuple):
    relayed: Address
    mapped: Address | None


class Session:
    """One user on one line, who may hold an allocation."""

    def __init__(self, line: Line, username: str, password: str) -> None:
        self._line, self._username, self._password = line, username, password
        self._key: Key | None = None
        self.realm, self._nonce = "", ""
        self._allocated = False
        self.open_to_all = False
        """It was served before it had said who it is."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        """Leaves no allocation behind."""
        if self._allocated:
            with suppress(OSError, Refused, Forged):
                await self._ask(Method.REFRESH, (LIFETIME, 0))

    async def allocate(self) -> Allocated:
        """Raises OSError, TimeoutError, Refused, Forged."""
        answer = await self._ask(Method.ALLOCATE, (REQUESTED_TRANSPORT, UDP))
        self._allocated = True
        relayed = _value(answer, XOR_RELAYED_ADDRESS)
        if relayed is None:
            raise NotStun("no XOR-RELAYED-ADDRESS")
        return Allocated(relayed, _value(answer, XOR_MAPPED_ADDRESS))

    async def permit(self, peer: Address) -> None:
        """Raises as `allocate` does."""
        await self._ask(Method.CREATE_PERMISSION, (XOR_PEER_ADDRESS, peer))

    def send(self, peer: Address, data: bytes) -> None:
        self._line.tell(Method.SEND, [(XOR_PEER_ADDRESS, peer), (DATA, data)])

    async def receive(self) -> tuple[Address, bytes]:
        """What a peer sent. Waits as long as it takes."""
        while True:
            message = await self._line.unasked.get()
            peer, data = _value(message, XOR_PEER_ADDRESS), _value(message, DATA)
            if message.method == Method.DATA and peer is not None and data is not None:
                return peer, data

    async def _ask(self, method: Method, *attributes: tuple[Attribute[Any], Any]) -> Message:
        """RFC 8489 section 9.2: the first answer names realm and nonce, and a nonce may have to be renewed once."""
        renewed = False
        while True:
            answer = await self._line.ask(method, [*attributes, *self._credentials()], self._key)
            if answer.kind is Kind.SUCCESS:
                if self._key is None:
                    self.open_to_all = True
                elif not verify(answer, self._key.secret):
                    raise Forged
                return answer
            refused = _refusal(answer)
            nonce = _value(answer, NONCE) or ""
            asked_who = refused.code == WRONG_CREDENTIALS and self._key is None and refused.realm
            if not nonce or not (asked_who or (refused.code == STALE_NONCE and not renewed)):
                raise refused
            renewed = refused.code == STALE_NONCE
            self._nonce, self.realm = nonce, refused.realm or self.realm
            self._key = Key(long_term_key(self._username, self.realm, self._password, Algorithm.MD5))

    def _credentials(self) -> Attributes:
        if self._key is None:
            return ()
        return [(USERNAME, self._username), (REALM, self.realm), (NONCE, self._nonce)]


def _success(answer: Message) -> Message:
    if answer.kind is not Kind.SUCCESS:
        raise _refusal(answer)
    return answer


def _refusal(answer: Message) -> Refused:
    error = _value(answer, ERROR_CODE)
    code, reason = error if error else (0, "without a code")
    return Refused(code, reason, _value(answer, REALM) or "")


def _value(message: Message, attribute: Attribute[T]) -> T | None:
    try:
        return message.get(attribute)
    except BadAttribute as bad:
        raise NotStun(str(bad)) from bad
