"""aioice's TURN client, which verifies MESSAGE-INTEGRITY of what it is answered."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aioice import stun, turn

from tests.conftest import PATIENCE
from tests.turn.clients.conftest import PASSWORD, USER
from tests.turn.clients.running import HOSTS, RunTurn

EVERY_TRANSPORT = pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
AGAIN = 0.1
ROUND_TRIPS = 50


class Endpoint(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[bytes, Any]] = asyncio.Queue()
        self.closed = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self.transport, self.address = transport, transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, source: Any) -> None:
        self.heard.put_nowait((data, source))

    def connection_lost(self, error: Exception | None) -> None:
        self.closed.set()

    async def hears(self, wanted: bytes) -> Any:
        """From whom."""
        while True:
            data, source = await self.heard.get()
            if data == wanted:
                return source

    async def calls(self, other: "Endpoint") -> None:
        """Until it is heard: what comes before the other one permits it is lost."""
        hearing = asyncio.create_task(other.hears(b"hello"))
        while not hearing.done():
            self.transport.sendto(b"hello", other.address)
            await asyncio.wait([hearing], timeout=AGAIN)


class Echo(Endpoint):
    def datagram_received(self, data: bytes, source: Any) -> None:
        self.transport.sendto(data, source)


@asynccontextmanager
async def allocation(relay: RunTurn, transport: str, password: str = PASSWORD) -> AsyncIterator[Endpoint]:
    over_tls = transport == "tls"
    relayed, endpoint = await turn.create_turn_endpoint(
        Endpoint,
        (HOSTS[0], relay.tls_port if over_tls else relay.port),
        username=USER,
        password=password,
        ssl=relay.trust if over_tls else None,
        transport="udp" if transport == "udp" else "tcp",
    )
    try:
        yield endpoint
    finally:
        relayed.close()
        await endpoint.closed.wait()


@EVERY_TRANSPORT
async def test_two_talk_from_relayed_address_to_relayed_address(relay: RunTurn, transport: str) -> None:
    async with asyncio.timeout(PATIENCE), allocation(relay, transport) as anna, allocation(relay, transport) as boris:
        await asyncio.gather(anna.calls(boris), boris.calls(anna))
        for number in range(ROUND_TRIPS):
            said = b"%d" % number
            anna.transport.sendto(said, boris.address)
            assert await boris.hears(said) == anna.address
            boris.transport.sendto(said, anna.address)
            assert await anna.hears(said) == boris.address


@EVERY_TRANSPORT
@pytest.mark.parametrize("size", [1, 1201, 9000, 60_000])
async def test_data_of_any_size_comes_back_whole(relay: RunTurn, transport: str, size: int) -> None:
    peer, echo = await asyncio.get_running_loop().create_datagram_endpoint(Echo, local_addr=(HOSTS[0], 0))
    said = os.urandom(size)
    try:
        async with asyncio.timeout(PATIENCE), allocation(relay, transport) as anna:
            anna.transport.sendto(said, echo.address)
            assert await anna.hears(said) == echo.address
    finally:
        peer.close()


@EVERY_TRANSPORT
async def test_a_wrong_password_gets_nothing(relay: RunTurn, transport: str) -> None:
    with pytest.raises(stun.TransactionFailed) as refusal:
        async with asyncio.timeout(PATIENCE), allocation(relay, transport, "wrong"):
            pass
    assert refusal.value.response.attributes["ERROR-CODE"][0] == 401
