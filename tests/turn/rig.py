"""A whole relay on the loop of a test, with real sockets, beside which a test can look at its parts."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from bench.ports import RELAYED
from tests.turn.probe import PATIENCE, Probe
from turn.configuration import Configuration
from turn.guests import Guests
from turn.journal import Journal
from turn.listeners import Listeners
from turn.plane import sockets
from turn.process import make_plane, make_server
from turn.relay import Relay
from turn.server import Server
from turn.tls import Certificate
from turn.words import Address, Transport

PASSWORD = "hunter2-of-both"
HOST = "127.0.0.1"


@dataclass
class Rig:
    relay: Relay
    listeners: Listeners
    guests: Guests
    journal: Journal
    address: Address
    """For UDP."""
    streams: Address
    logger: logging.Logger

    def probe(
        self, transport: Transport = Transport.UDP, *, user: str = "anna", **more: Any
    ) -> AbstractAsyncContextManager[Probe]:
        address = self.address if transport is Transport.UDP else self.streams
        return Probe.to(address, transport, user, more.pop("password", PASSWORD), **more)


@asynccontextmanager
async def rig(
    certificate: Certificate | None = None,
    guests: Guests | None = None,
    server: type[Server] | None = None,
    **chosen: Any,
) -> AsyncIterator[Rig]:
    """`chosen`: settings by their names."""
    defaults: dict[str, Any] = {
        "TURN_RELAY_ADDRESSES": [HOST],
        "TURN_PORTS": RELAYED,
        "TURN_USERS": {"anna": PASSWORD, "boris": PASSWORD},
        "TURN_ALLOW_LOOPBACK_PEERS": True,
        "TURN_BANDWIDTH": 0,
    }
    configuration = Configuration.read(settings, **defaults | chosen)
    made = make_server(configuration)
    if server is not None:
        made.__class__ = server
    logger = logging.getLogger(f"tests.{secrets.token_hex(4)}")
    journal, guests = Journal(logger), Guests() if guests is None else guests
    relay = Relay(
        made, make_plane(configuration), journal, hosts=configuration.hosts.values(), bandwidth=configuration.bandwidth
    )
    listeners = Listeners(relay, guests, certificate, journal)
    relay.start()
    try:
        datagrams = sockets.listen_datagrams(Address.of(HOST, 0), relay.plane.workers)
        for worker, listener in enumerate(datagrams):
            relay.listen(worker, listener)
        streams = sockets.listen_streams(Address.of(HOST, 0))
        at = sockets.local_address(streams)
        listeners.listen(streams)
        yield Rig(relay, listeners, guests, journal, sockets.local_address(datagrams[0]), at, logger)
    finally:
        await listeners.stop()
        relay.stop()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - sockets and threads make it true
            await asyncio.sleep(0.01)
