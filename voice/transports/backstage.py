"""What runs beside the sockets of one process, from its first connection on."""

import asyncio
from typing import Any

from figures.keeping import keeper
from voice.transports.enforcement import Enforcement
from voice.transports.switchboard import switchboard

enforcement = Enforcement(switchboard)


async def ready() -> None:
    """Before somebody may sit down, we hear of the other nodes and of changed rights."""
    keeper.start()
    await asyncio.gather(switchboard.others.start(), enforcement.ready(), _accompany())


async def _accompany() -> None:
    for one in (switchboard.companion, switchboard.witness):
        if one is not None:
            await one.start()


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """ASGI's, of servers that have it: from the start on a node among others, and gone with a word."""
    await receive()
    keeper.start()
    await asyncio.gather(switchboard.others.start(), _accompany())
    await send({"type": "lifespan.startup.complete"})
    await receive()
    for one in (switchboard.companion, switchboard.witness):
        if one is not None:
            await one.stop()
    switchboard.others.stop()
    await keeper.stop()
    await send({"type": "lifespan.shutdown.complete"})
