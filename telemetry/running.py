"""What of this room runs beside a process: its answers to others, and the look at its loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from telemetry.exchange import Exchange
from telemetry.process import watch_loop


@asynccontextmanager
async def running(folder: str) -> AsyncIterator[Exchange]:
    """In the loop of the process. `folder` is where the processes of this machine find each other; empty: nowhere."""
    exchange = Exchange(Path(folder) if folder else None)
    await exchange.start()
    watching = asyncio.create_task(watch_loop())
    try:
        yield exchange
    finally:
        watching.cancel()
        await exchange.stop()
