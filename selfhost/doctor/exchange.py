"""Whether packets pass relayed ports: between two of them, and from a socket here to one."""

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from ipaddress import ip_address
from typing import Final, NamedTuple

from selfhost.doctor.client import Allocated, Refused, Session
from selfhost.doctor.reach import Reach
from turn.words import Address

TRIES: Final = 4
PATIENCE: Final = 0.4
"""Seconds for a packet and its echo."""

Holder = tuple[Session, Allocated]


class Passage(NamedTuple):
    between: bool
    direct: bool | None
    """None: nothing can be learnt from here. The relay does not let peers at our address in, or its address is ours too."""


async def exchange(one: Holder, other: Holder, way: Reach) -> Passage:
    """Raises Refused if the relay's own addresses are no peers; OSError, TimeoutError, Forged."""
    (first, here), (second, there) = one, other
    await first.permit(there.relayed)
    await second.permit(here.relayed)
    between = await _between(one, other)
    return Passage(between, await _direct(second, there.relayed, way))


async def _between(one: Holder, other: Holder) -> bool:
    (first, here), (second, there) = one, other
    word = secrets.token_bytes(12)

    async def there_and_back() -> None:
        await _hear(second, word)
        second.send(here.relayed, word[::-1])
        await _hear(first, word[::-1])

    return await _insist(lambda: first.send(there.relayed, word), there_and_back)


async def _direct(session: Session, relayed: Address, way: Reach) -> bool | None:
    host = ip_address(relayed.host)
    with socket.socket(socket.AF_INET6 if host.version == 6 else socket.AF_INET, socket.SOCK_DGRAM) as outside:
        outside.setblocking(False)
        try:
            outside.connect((str(host), relayed.port))
        except OSError:
            return None
        sources = list(_sources(outside, way))
        if any(source.host == relayed.host for source in sources):  # where relays listen to nobody but each other
            return None
        try:
            for source in sources:
                await session.permit(source)
        except Refused:
            return None
        return await _through(outside, session)


def _sources(outside: socket.socket, way: Reach) -> Iterable[Address]:
    """Under which addresses the relay may see this socket: its own, and what a NAT makes of it."""
    own = Address.of(outside.getsockname()[0].partition("%")[0], 0)
    yield own
    if way.mapped is not None and way.local is not None and way.local.host == own.host != way.mapped.host:
        yield way.mapped


async def _through(outside: socket.socket, session: Session) -> bool:
    word, loop = secrets.token_bytes(12), asyncio.get_running_loop()

    def send() -> None:
        with suppress(OSError):  # that an earlier packet was refused
            outside.send(word)

    async def there_and_back() -> None:
        session.send(await _hear(session, word), word[::-1])
        while True:
            with suppress(ConnectionError):
                if await loop.sock_recv(outside, 64) == word[::-1]:
                    return

    return await _insist(send, there_and_back)


async def _hear(session: Session, word: bytes) -> Address:
    """Whom that word came from."""
    while True:
        peer, data = await session.receive()
        if data == word:
            return peer


async def _insist(send: Callable[[], None], hear: Callable[[], Awaitable[None]]) -> bool:
    """Packets may be lost."""
    for _ in range(TRIES):
        send()
        try:
            async with asyncio.timeout(PATIENCE):
                await hear()
        except TimeoutError:
            continue
        return True
    return False
