"""Somebody who talks through the relay with a peer who sends everything back."""

import asyncio
import time
from contextlib import suppress

from tests.faults.load import PAUSE, Load
from tests.turn.probe import Datagrams, Probe, peer
from turn.words import Address, Transport

SAID = b"voice" * 100
PERMITTED = 240.0  # seconds, of the 300 that a permission holds
PATIENCE = 5.0


class Talker:
    """`said`: bytes that the peer has got through the relay; `answered`: that came back."""

    def __init__(self, load: Load, user: dict, relay: Address) -> None:
        self._load, self.user, self._relay = load, user, relay
        self.said = self.answered = self.allocations = 0

    async def run(self) -> None:
        async with peer() as other:
            echo = asyncio.create_task(self._echo(other))
            try:
                while True:
                    with suppress(OSError, TimeoutError):  # the relay is away, or another one that knows no allocation
                        await self._talk(other)
                    await self._load.breathe()
            finally:
                echo.cancel()

    async def _echo(self, other: Datagrams) -> None:
        while True:
            with suppress(OSError, TimeoutError):
                data, source = await other.receive_from()
                self.said += len(data)
                other.send(data, source)

    async def _talk(self, other: Datagrams) -> None:
        """While somebody answers."""
        servers = (await self._load.ask("GET", "/voice/ice-servers", self.user, good=(200,))).body["iceServers"]
        credentials = next(server for server in servers if "credential" in server)
        relay = Probe.to(self._relay, Transport.UDP, credentials["username"], credentials["credential"])
        async with relay as client:
            async with asyncio.timeout(PATIENCE):  # a relay may have died with the question
                await client.allocate()
                if await client.permit(other.address) is not None:
                    return  # it is another relay already
            self.allocations += 1
            begun = time.monotonic()
            while time.monotonic() - begun < PERMITTED:
                await asyncio.sleep(PAUSE)
                if not self._load.over:
                    client.send_to(other.address, SAID)
                    async with asyncio.timeout(PATIENCE):
                        _, data = await client.hear()
                    self.answered += len(data or b"")
