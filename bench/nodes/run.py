"""How long the people of a node that ends stay in a call: until somebody on another node is told that they are gone.

    .venv/bin/python -m bench.nodes.run [--rounds 10]

Each round starts two of our processes on one Valkey and ends one of them: by SIGKILL, or by SIGTERM.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import statistics
import time
from pathlib import Path

import socketio

from bench.rest.run import folder_for
from bench.signaling.servers import OURS, Stage, stage
from launch.bootstrap import DEVELOPMENT, RUNTIME, ensure_venv
from launch.console import say
from launch.crew import Crew

ROOM, PATIENCE = "bench", 30.0


class Person:
    def __init__(self, port: int, token: str) -> None:
        self._url, self._token = f"http://127.0.0.1:{port}", token
        self.io = socketio.AsyncClient(reconnection=False)
        self.joined, self.met, self.left = asyncio.Event(), asyncio.Event(), asyncio.Event()
        for name, event in (("created", self.joined), ("user-connected", self.met), ("user-disconnected", self.left)):
            self.io.on(name, lambda *_, event=event: event.set(), namespace="/socket")

    async def sit_down(self) -> None:
        await self.io.connect(self._url, namespaces=["/socket"], auth={"token": self._token}, transports=["websocket"])
        await self.io.emit("join-room", ROOM, namespace="/socket")
        await asyncio.wait_for(self.joined.wait(), PATIENCE)


async def parting(where: Stage, how: signal.Signals) -> float:
    """Seconds."""
    async with where.start(OURS, 2) as running:
        ann, bob = (Person(port, where.token) for port in running.ports)
        await ann.sit_down()
        await bob.sit_down()
        await asyncio.wait_for(ann.met.wait(), PATIENCE)
        begun = time.monotonic()
        os.kill(running.pids[-1], how)
        await asyncio.wait_for(ann.left.wait(), PATIENCE)
        took = time.monotonic() - begun
        for person in (ann, bob):
            with contextlib.suppress(Exception):  # one of them has lost his server
                await person.io.shutdown()
        return took


async def bench(rounds: int, folder: Path) -> None:
    crew = Crew()
    crew.obey_signals()
    async with stage(crew, folder) as where:
        for how in (signal.SIGKILL, signal.SIGTERM):
            times = sorted([await parting(where, how) for _ in range(rounds)])
            say(f"{how.name}: told after {statistics.median(times):.1f} s (median), {times[-1]:.1f} s at most, {rounds} times")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    ensure_venv([RUNTIME, DEVELOPMENT])
    with folder_for(None) as folder:
        asyncio.run(bench(options.rounds, folder))


if __name__ == "__main__":
    main()
