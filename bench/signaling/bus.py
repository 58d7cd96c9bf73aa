"""What a line on the bus costs: one process publishes, another hears, Valkey is between them.

    .venv/bin/python bench/signaling/bus.py URL [--turn N] [--loop asyncio]

CPU seconds per 100 000 lines of 600 bytes. Without --turn, one to four lines leave in a turn of the loop. The Valkey at URL
should have nothing else to do; of several runs the least counts.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import redis
import uvloop

sys.path.insert(0, str(Path(__file__).parents[2]))

from voice.transports.bus import Bus

LINES = 100_000
LINE = b'{"to":"%s"}' % (b"x" * 591)
BEGIN, SO_FAR = b"begin", b"so far"
THERE, BACK = "there", "back"
TURNS_UNHEARD = 200  # else Valkey cuts a listener off that the machine gives no time


def lost() -> None:
    print("lost the bus", file=sys.stderr)
    os._exit(1)


async def joined(url: str, hear) -> Bus:
    up = asyncio.Event()
    bus = Bus(url, hear, up.set, lost, prefix="bench")
    bus.running = asyncio.create_task(bus.run())
    await up.wait()
    return bus


async def listen(url: str) -> None:
    begun, left, done = 0.0, LINES, asyncio.Event()

    def hear(channel: str, line: bytes) -> None:
        nonlocal begun, left
        if line == BEGIN:
            begun = time.process_time()
            return
        if line == SO_FAR:
            bus.publish(BACK, line)
            return
        left -= 1
        if not left:
            done.set()

    bus = await joined(url, hear)
    await bus.subscribe(THERE)
    print("ready", flush=True)
    await done.wait()
    print(time.process_time() - begun, flush=True)


async def talk(url: str, turn: int | None, listener: subprocess.Popen) -> None:
    heard = asyncio.Event()
    bus = await joined(url, lambda channel, line: heard.set())
    await bus.subscribe(BACK)
    server, dice, left, turns = redis.Redis.from_url(url), random.Random(1), LINES, 0
    listener.stdout.readline()
    await bus.reach(THERE, BEGIN)
    of_valkey, begun = cpu_of(server), time.process_time()
    while left:
        for _ in range(min(turn or dice.randint(1, 4), left)):
            assert bus.publish(THERE, LINE)
            left -= 1
        turns += 1
        if turns % TURNS_UNHEARD:
            await asyncio.sleep(0)
            continue
        bus.publish(THERE, SO_FAR)
        heard.clear()
        await heard.wait()
    await bus.reach(THERE, SO_FAR)
    speaker = time.process_time() - begun
    hearer = float(listener.stdout.readline())
    of_valkey = cpu_of(server) - of_valkey
    both = speaker + hearer
    print(f"{turns} turns: publishes {speaker:.2f}, hears {hearer:.2f}, Valkey {of_valkey:.2f}, all {both + of_valkey:.2f}")


def cpu_of(server: redis.Redis) -> float:
    info = server.info("cpu")
    return info["used_cpu_user"] + info["used_cpu_sys"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--turn", type=int)
    parser.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    parser.add_argument("--listen", action="store_true", help="be the other process")
    chosen = parser.parse_args()
    run = uvloop.run if chosen.loop == "uvloop" else asyncio.run
    if chosen.listen:
        run(listen(chosen.url))
        return
    with subprocess.Popen([sys.executable, *sys.argv, "--listen"], stdout=subprocess.PIPE, text=True) as listener:
        run(talk(chosen.url, chosen.turn, listener))


if __name__ == "__main__":
    main()
