"""A STUN and TURN client that sees a relay from outside: over UDP, TCP and TLS, polite or not.

It waits for what must come for PATIENCE seconds, and never for what must not: that something is dropped shows by what was
sent behind it being answered (`unanswered`).
"""

import asyncio
import os
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

from bench.ports import ANY, free_port
from tests.conftest import PATIENCE
from turn.plane.sockets import FAMILIES
from turn.protocol import channel_data
from turn.protocol.attributes import (
    CONNECTION_ID,
    DATA,
    ERROR_CODE,
    LIFETIME,
    NONCE,
    PASSWORD_ALGORITHM,
    PASSWORD_ALGORITHMS,
    REALM,
    REQUESTED_TRANSPORT,
    USERHASH,
    USERNAME,
    XOR_PEER_ADDRESS,
    XOR_RELAYED_ADDRESS,
    Attribute,
    PasswordAlgorithm,
)
from turn.protocol.integrity import Algorithm, Key, long_term_key, userhash, verify
from turn.protocol.stun import Kind, Message, Method, decode, encode
from turn.words import Address, Family, Transport

ANSWERED = 1.0  # seconds that the answer to the last request is waited for
LONGEST = 70_000
HEADER = 20
UDP, TCP = (REQUESTED_TRANSPORT, 17), (REQUESTED_TRANSPORT, 6)
Said = tuple[Attribute[Any], Any]


class Datagrams:
    """A UDP socket by hand: asyncio's transports of some versions do not send empty datagrams.

    Its port was nobody's lately: over UDP a relay takes who has one for the last who had it, with all that is allocated to him.
    """

    def __init__(self, family: Family, host: str | None = None) -> None:
        of = FAMILIES[family]
        self.socket = socket.socket(of, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind((host or ANY[of], free_port()))

    @property
    def address(self) -> Address:
        return Address.of(*self.socket.getsockname()[:2])

    async def receive(self) -> bytes:
        return (await self.receive_from())[0]

    async def receive_from(self) -> tuple[bytes, Address]:
        waiting = asyncio.get_running_loop().sock_recvfrom(self.socket, LONGEST)
        data, source = await asyncio.wait_for(waiting, PATIENCE)
        return data, Address.of(*source[:2])

    def send(self, data: bytes, to: Address | None = None) -> None:
        if to is None:
            self.socket.send(data)
        else:
            self.socket.sendto(data, where(to))

    def close(self) -> None:
        self.socket.close()


class Stream:
    """A TCP or TLS connection, cut into frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.address = Address.of(*writer.get_extra_info("sockname")[:2])
        self.framer = channel_data.Framer(longest=LONGEST)
        self.frames: deque[bytes] = deque()

    async def receive(self) -> bytes:
        """Raises EOFError once the relay has hung up."""
        while not self.frames:
            data = await asyncio.wait_for(self.reader.read(LONGEST), PATIENCE)
            if not data:
                raise EOFError
            self.frames.extend(self.framer.feed(data))
        return self.frames.popleft()

    async def exactly(self, size: int) -> bytes:
        """Bytes as they come. Raises EOFError."""
        return await asyncio.wait_for(self.reader.readexactly(size), PATIENCE)

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def close(self) -> None:
        self.writer.close()


def where(address: Address) -> tuple[str, int]:
    host, _, _ = str(address).rpartition(":")
    return host.strip("[]"), address.port


def is_channel_data(frame: bytes) -> bool:
    return frame[0] >> 6 == 0b01


def code(message: Message) -> int | None:
    """None: a success."""
    if message.kind is not Kind.ERROR:
        return None
    error = message.get(ERROR_CODE)
    assert error is not None
    return error.code


class Probe:
    """One client, with the credentials of a user or without. `sha256`: as RFC 8489 has it, when the relay offers it."""

    def __init__(self, wire: Datagrams | Stream, user: str, password: str, *, sha256: bool = False) -> None:
        self.wire = wire
        self.address = wire.address
        self.user, self.password, self.sha256 = user, password, sha256
        self.realm, self.nonce = "", ""
        self.offered: tuple[PasswordAlgorithm, ...] = ()
        self.early: deque[bytes] = deque()

    @classmethod
    @asynccontextmanager
    async def to(
        cls, relay: Address, transport: Transport, user: str, password: str, trust: ssl.SSLContext | None = None
    ) -> AsyncIterator[Self]:
        wire: Datagrams | Stream
        if transport is Transport.UDP:
            wire = Datagrams(relay.family)
            wire.socket.connect(where(relay))
        else:
            context = trust if transport is Transport.TLS else None
            wire = Stream(*await asyncio.open_connection(*where(relay), ssl=context))
        client = cls(wire, user, password)
        try:
            yield client
        finally:
            await client.leave()

    # Peers that speak TCP (RFC 6062)

    async def listen(self, *said: Said) -> Address:
        """Where peers can connect to."""
        return await self.allocate(*said, transport=TCP)

    async def connect(self, to: Address) -> Message:
        return await self.request(Method.CONNECT, (XOR_PEER_ADDRESS, to))

    async def attempted(self) -> tuple[int, Address]:
        """The connection that a peer has opened, and who he is."""
        message = decode(self.early.popleft() if self.early else await self.wire.receive())
        assert (message.method, message.kind) == (Method.CONNECTION_ATTEMPT, Kind.INDICATION)
        number, source = message.get(CONNECTION_ID), message.get(XOR_PEER_ADDRESS)
        assert number is not None
        assert source is not None
        return number, source

    async def bind_connection(self, number: int, *, hastily: bytes = b"") -> int | None:
        """None: from now on the stream carries what the peer says. `hastily`: said before the answer."""
        assert isinstance(self.wire, Stream)
        if not self.nonce:
            self.learn(await self.ask(Method.CONNECTION_BIND, (CONNECTION_ID, number)))
        self.wire.send(self.signed(Method.CONNECTION_BIND, (CONNECTION_ID, number)) + hastily)
        head = await self.wire.exactly(HEADER)
        return code(decode(head + await self.wire.exactly(int.from_bytes(head[2:4], "big"))))

    # What is said

    async def ask(self, method: int, *said: Said, **how: Any) -> Message:
        """A request as it is given, without credentials; and its answer."""
        return await self.answer_to(encode(method, Kind.REQUEST, os.urandom(12), said, **how))

    async def answer_to(self, request: bytes) -> Message:
        self.wire.send(request)
        while True:
            frame = await self.wire.receive()
            if not is_channel_data(frame) and frame[8:20] == request[8:20]:
                return decode(frame)
            self.early.append(frame)

    def signed(self, method: int, *said: Said, transaction_id: bytes | None = None) -> bytes:
        """A request with credentials, as the last challenge wants them."""
        who = (USERHASH, userhash(self.user, self.realm)) if self.sha256 else (USERNAME, self.user)
        chosen = [(PASSWORD_ALGORITHMS, self.offered), (PASSWORD_ALGORITHM, PasswordAlgorithm(Algorithm.SHA256))]
        words = [*said, who, (REALM, self.realm), (NONCE, self.nonce), *(chosen if self.sha256 else [])]
        return encode(method, Kind.REQUEST, transaction_id or os.urandom(12), words, integrity=self.key)

    @property
    def key(self) -> Key:
        algorithm = Algorithm.SHA256 if self.sha256 else Algorithm.MD5
        return Key(long_term_key(self.user, self.realm, self.password, algorithm), self.sha256)

    def learn(self, challenge: Message) -> None:
        """Realm and nonce of a 401 or 438."""
        self.realm, self.nonce = challenge.get(REALM) or "", challenge.get(NONCE) or ""
        self.offered = challenge.get(PASSWORD_ALGORITHMS) or ()

    async def request(self, method: int, *said: Said) -> Message:
        """A request with credentials, asked again with a new nonce if the relay wants one. Its answer is protected likewise."""
        if not self.nonce:
            self.learn(await self.ask(method, *said))
        answer = await self.answer_to(self.signed(method, *said))
        if code(answer) == 438:
            self.learn(answer)
            answer = await self.answer_to(self.signed(method, *said))
        if code(answer) not in (400, 401, 438):
            assert verify(answer, self.key.secret), "the answer is not protected with the same key"
        return answer

    async def allocate(self, *said: Said, transport: Said = UDP) -> Address:
        """The relayed address, the first if there are two."""
        answer = await self.request(Method.ALLOCATE, transport, *said)
        assert code(answer) is None, answer.get(ERROR_CODE)
        relayed = answer.get(XOR_RELAYED_ADDRESS)
        assert relayed is not None
        return relayed

    async def permit(self, *peers: Address) -> int | None:
        return code(await self.request(Method.CREATE_PERMISSION, *((XOR_PEER_ADDRESS, peer) for peer in peers)))

    async def leave(self) -> None:
        """Over UDP nobody notices who goes: what is allocated to us would stay."""
        try:
            if isinstance(self.wire, Datagrams) and self.nonce:
                with suppress(OSError, TimeoutError):  # the relay is away, or answers nobody
                    async with asyncio.timeout(ANSWERED):
                        await self.answer_to(self.signed(Method.REFRESH, (LIFETIME, 0)))
        finally:
            self.wire.close()

    def indicate(self, *said: Said) -> None:
        self.wire.send(encode(Method.SEND, Kind.INDICATION, os.urandom(12), said))

    def send_to(self, peer: Address, data: bytes) -> None:
        self.indicate((XOR_PEER_ADDRESS, peer), (DATA, data))

    def send_by(self, channel: int, data: bytes) -> None:
        self.wire.send(channel_data.encode(channel, data, padded=isinstance(self.wire, Stream)))

    # What comes

    async def hear(self) -> tuple[Address | int | None, bytes | None]:
        """Data of a peer: by which channel, or from which address."""
        frame = self.early.popleft() if self.early else await self.wire.receive()
        if is_channel_data(frame):
            return channel_data.decode(frame)
        message = decode(frame)
        assert (message.method, message.kind) == (Method.DATA, Kind.INDICATION)
        return message.get(XOR_PEER_ADDRESS), message.get(DATA)

    async def unanswered(self, data: bytes) -> bool:
        """Whether nothing came back of it before the answer to what was asked next."""
        self.wire.send(data)
        await self.ask(Method.BINDING)
        return not self.early


@asynccontextmanager
async def peer(host: str = "127.0.0.1") -> AsyncIterator[Datagrams]:
    """Somebody who speaks plain UDP to a relayed address."""
    datagrams = Datagrams(Address.of(host, 0).family, host)
    try:
        yield datagrams
    finally:
        datagrams.close()
