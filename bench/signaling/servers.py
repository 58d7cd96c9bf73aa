"""The servers that are measured: how each is started, and what it takes of CPU and memory with all its processes."""

import asyncio
import contextlib
import json
import secrets
import shutil
import time
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from bench.ports import free_port
from bench.rest.cpu import processes, seconds_of_tree
from bench.rest.run import PEERS, install
from launch.bootstrap import VENV
from launch.console import LaunchError
from launch.crew import Crew
from launch.environment import inherited
from launch.options import ROOT
from launch.postgres import Cluster
from launch.run import LONGEST_FRAME, WEBSOCKETS
from launch.valkey import serve as serve_valkey

PYTHON = VENV / "bin" / "python"
UVICORN: list[str | Path] = [PYTHON, "-m", "uvicorn", "projectvoice.asgi:application", "--log-level", "warning"]
UVICORN += ["--no-access-log", "--no-proxy-headers", "--ws-max-size", str(LONGEST_FRAME)]
DAPHNE: list[str | Path] = [PYTHON, "-m", "daphne", "-v", "0", "projectvoice.asgi:application"]
GOCODE = "/usr/share/gocode"  # where Debian keeps Go's libraries
READY_TIMEOUT = 60.0
CALM, CALM_TIMEOUT = 0.3, 10.0
ENDLESS = "1000000"


@dataclass(frozen=True)
class Server:
    name: str
    command: tuple[str | Path, ...]
    peer: str = ""  # its folder among the peers; ours has none, and is told its port by an argument
    valkey: bool = False
    needs: tuple[str, ...] = ()  # programs and folders
    packages: str = ""  # of Debian, which have them

    @property
    def missing(self) -> str:
        """Packages without which it cannot run here."""
        return "" if all(shutil.which(need) or Path(need).is_dir() for need in self.needs) else self.packages


def on_node(name: str, peer: str, *, valkey: bool = False) -> Server:
    return Server(name, ("node", PEERS / peer / "server.js"), peer, valkey, ("node", "npm"), "nodejs npm")


OURS = Server("ProjectVoice", (*UVICORN, "--ws", WEBSOCKETS, "--port"), valkey=True)  # as ./run starts it
UNDER_UVICORN = Server("ProjectVoice, uvicorn's WebSockets", (*UVICORN, "--port"), valkey=True)
UNDER_DAPHNE = Server("ProjectVoice, daphne", (*DAPHNE, "-p"), valkey=True)
SOCKET_IO = on_node("socket.io on Node", "socketio")
SOCKET_IO_REDIS = on_node("socket.io on Node, Redis adapter", "socketio-redis", valkey=True)
WS = on_node("ws on Node", "ws")
GORILLA = Server(
    "gorilla on Go",
    ("./gorilla",),  # built into the stage's folder
    "gorilla",
    needs=("go", f"{GOCODE}/src/github.com/gorilla/websocket"),
    packages="golang-go golang-github-gorilla-websocket-dev",
)


@dataclass(frozen=True)
class Running:
    ports: list[int]
    pids: list[int]  # Valkey's too, where there is one

    def cpu_seconds(self) -> float:
        return sum(map(seconds_of_tree, self.pids))

    def memory(self) -> int:
        """Bytes of proportional set size."""
        found, tree = processes(), list(self.pids)
        for pid in tree:
            tree += [child for child, process in found.items() if process.parent == pid]
        return sum(map(_proportional_set_size, tree))

    def wait_until_calm(self) -> None:
        """What connections that come and go have left to do is done, or `CALM_TIMEOUT` has passed."""
        deadline, before = time.monotonic() + CALM_TIMEOUT, -1.0
        while time.monotonic() < deadline and (now := self.cpu_seconds()) != before:
            before = now
            time.sleep(CALM)


def _proportional_set_size(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise LaunchError("This kernel does not tell memory: no Pss in smaps_rollup")


@dataclass
class Stage:
    """Where servers are started: a database that ours share, and a Valkey for each that uses one."""

    crew: Crew
    folder: Path
    environment: dict[str, str]
    token: str = ""

    @contextlib.asynccontextmanager
    async def start(self, server: Server, count: int = 1) -> AsyncIterator[Running]:
        """As many processes, each at a port of its own."""
        async with contextlib.AsyncExitStack() as stack:
            environment, running = dict(self.environment), Running([], [])
            if server.valkey:
                valkey = serve_valkey(self.folder / f"valkey-{secrets.token_hex(3)}", VENV, self.crew)
                environment["REDIS_URL"] = await stack.enter_async_context(valkey)
                with contextlib.closing(redis.Redis.from_url(environment["REDIS_URL"])) as client:
                    about: Any = client.info("server")
                running.pids.append(about["process_id"])
            for _ in range(count):
                port = free_port()
                command, cwd = (server.command, self.folder) if server.peer else ((*server.command, str(port)), ROOT)
                child = await self.crew.start(server.name, command, environment | {"PORT": str(port)}, cwd=cwd)
                stack.push_async_callback(child.stop, 10)
                await until_ready(port, server.name)
                running.ports.append(port)
                running.pids.append(child.process.pid)
            yield running

    async def prepare(self, server: Server) -> None:
        if server is GORILLA:
            go = self.environment | {"GOPATH": GOCODE, "GO111MODULE": "off"}
            await self.crew.run(
                "go build", ["go", "build", "-o", self.folder / "gorilla", "."], go, quiet=True, cwd=PEERS / server.peer
            )
        elif server.peer:
            await install(PEERS / server.peer, self.environment, self.crew)


@contextlib.asynccontextmanager
async def stage(crew: Crew, folder: Path) -> AsyncIterator[Stage]:
    async with Cluster(folder / "postgres", VENV).serve(crew) as database:
        environment = inherited() | {
            "DATABASE_URL": database,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DATA_DIR": str(folder),
            "RATE_LIMITS": "on",  # the check is part of the work
            "SIGNAL_RATE": ENDLESS,
            "SIGNAL_BURST": ENDLESS,
            "ROOMS_PER_USER": ENDLESS,  # one token opens all the rooms
            "MAX_CONNECTIONS_PER_ADDRESS": ENDLESS,
            "NODE_ENV": "production",
        }
        await crew.run("migrate", [PYTHON, "manage.py", "migrate", "-v0"], environment)
        made = Stage(crew, folder, environment)
        async with made.start(OURS) as ours:
            made.token = await asyncio.to_thread(signed_up, ours.ports[0])
        yield made


def signed_up(port: int) -> str:
    body = {"username": "bench", "email": "bench@example.com", "password": "password123"}
    url, head = f"http://127.0.0.1:{port}/api/auth/register", {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), head), timeout=30) as answer:
        return str(json.load(answer)["token"])


async def until_ready(port: int, name: str) -> None:
    deadline = time.monotonic() + READY_TIMEOUT
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.1)
    raise LaunchError(f"{name} is not ready after {READY_TIMEOUT:g} s")
