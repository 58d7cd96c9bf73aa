"""What a relayed signal costs: our server, ours under other servers, and socket.io on Node, by turns in one run.

    .venv/bin/python -m bench.signaling.run [--rounds 4] [--seconds 6]

CPU seconds per 100 000 signals, of a server with all its processes but database and Valkey, which have nothing to do here.
Limits are on, only that of connections per address is raised, since the load has one address. A client may say 2 000 signals at
once and 200 a second, so the 200 of them stay within the pace up to 97 000 a second in all for seven seconds.
"""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import statistics
import time
import urllib.request
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from bench.rest.cpu import seconds_of_tree
from bench.rest.run import folder_for, free_port
from bench.signaling.load import CLIENTS, SIZE, WINDOW, Load
from launch.bootstrap import DEVELOPMENT, RUNTIME, VENV, ensure_venv
from launch.console import LaunchError, complain, say
from launch.crew import Crew
from launch.environment import inherited
from launch.options import ROOT
from launch.postgres import Cluster
from launch.run import LONGEST_FRAME, WEBSOCKETS
from launch.valkey import serve as serve_valkey

PEER = ROOT / "bench" / "peers" / "socketio"
PYTHON = VENV / "bin" / "python"
UVICORN = ["-m", "uvicorn", "projectvoice.asgi:application", "--log-level", "warning", "--no-access-log", "--no-proxy-headers"]
UVICORN += ["--ws-max-size", str(LONGEST_FRAME)]
OURS, NODE = "ProjectVoice", "socket.io on Node"
COMMANDS: Mapping[str, list[str | Path]] = {
    OURS: [PYTHON, *UVICORN, "--ws", WEBSOCKETS, "--port"],  # as ./run starts it
    NODE: ["node", PEER / "server.js"],
    "ProjectVoice, uvicorn's WebSockets": [PYTHON, *UVICORN, "--port"],
    "ProjectVoice, daphne": [PYTHON, "-m", "daphne", "-v", "0", "projectvoice.asgi:application", "-p"],
}
READY_TIMEOUT = 60.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=6.0, help="of load, for each server in each round")
    options = parser.parse_args()
    try:
        ensure_venv([RUNTIME, DEVELOPMENT])
        asyncio.run(bench(options.rounds, options.seconds))
    except LaunchError as error:
        complain(str(error))
        return 1
    return 0


async def bench(rounds: int, seconds: float) -> None:
    crew = Crew()
    crew.obey_signals()
    costs: dict[str, list[float]] = {name: [] for name in COMMANDS}
    rates: dict[str, list[float]] = {name: [] for name in COMMANDS}
    async with running(crew) as servers:
        for _ in range(rounds):
            for name, (port, pid, token) in servers.items():
                cost, rate = await asyncio.to_thread(measured, port, pid, token, seconds)
                costs[name].append(cost)
                rates[name].append(rate)
                say(f"{name}: {cost:.2f} s, {rate:.0f} signals a second, load {os.getloadavg()[0]:.1f}")
    node = statistics.median(costs[NODE])
    say(f"{CLIENTS} clients, {SIZE} bytes, window {WINDOW}; CPU seconds per 100 000 signals, least to most in {rounds} rounds:")
    for name, cost in costs.items():
        median = statistics.median(cost)
        spread = f"{min(cost):.2f} to {max(cost):.2f}"
        say(f"{name:36} {median:6.2f} ({spread})  {median / node:5.2f} × Node  {statistics.median(rates[name]):8.0f} a second")


def measured(port: int, pid: int, token: str, seconds: float) -> tuple[float, float]:
    """CPU seconds per 100 000 signals, and signals a second. Server and load keep off each other's CPU."""
    cpus = range(os.cpu_count() or 1)
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {cpus[0]})
    os.sched_setaffinity(0, {cpus[-1]})
    load = Load(port, token)
    try:
        load.run(seconds / 6)
        cpu, begun = seconds_of_tree(pid), time.monotonic()
        relayed = load.run(seconds)
        took = time.monotonic() - begun
        return (seconds_of_tree(pid) - cpu) / relayed * 100_000, relayed / took
    finally:
        load.close()


@contextlib.asynccontextmanager
async def running(crew: Crew) -> AsyncIterator[dict[str, tuple[int, int, str]]]:
    """Each server's port, process and a token that opens its rooms."""
    with folder_for(None) as folder:
        async with contextlib.AsyncExitStack() as stack:
            environment = inherited() | {
                "DATABASE_URL": await stack.enter_async_context(Cluster(folder / "postgres", VENV).serve(crew)),
                "REDIS_URL": await stack.enter_async_context(serve_valkey(folder / "valkey", VENV, crew)),
                "SECRET_KEY": secrets.token_urlsafe(48),
                "DATA_DIR": str(folder),
                "RATE_LIMITS": "on",
                "MAX_CONNECTIONS_PER_ADDRESS": str(2 * CLIENTS),
                "NODE_ENV": "production",
            }
            await crew.run("migrate", [PYTHON, "manage.py", "migrate", "-v0"], environment)
            await crew.run("npm ci", ["npm", "ci", "--no-audit", "--no-fund"], environment, quiet=True, cwd=PEER)
            servers, token = {}, ""
            for name, command in COMMANDS.items():
                port = free_port()
                argument = [] if name == NODE else [str(port)]
                child = await crew.start(name, [*command, *argument], environment | {"PORT": str(port)})
                stack.push_async_callback(child.stop, 10)
                crew.watch(child)
                await until_ready(port)
                token = token or await asyncio.to_thread(signed_up, port)
                servers[name] = port, child.process.pid, token
            yield servers


def signed_up(port: int) -> str:
    body = {"username": "bench", "email": "bench@example.com", "password": "password123"}
    url, head = f"http://127.0.0.1:{port}/api/auth/register", {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), head), timeout=30) as answer:
        return str(json.load(answer)["token"])


async def until_ready(port: int) -> None:
    deadline = time.monotonic() + READY_TIMEOUT
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.1)
    raise LaunchError(f"Nobody listens on port {port} after {READY_TIMEOUT:g} s")


if __name__ == "__main__":
    raise SystemExit(main())
