"""The relays that are measured: how each is started, on which CPUs, and when it is ready."""

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.ports import free_port
from bench.rest.cpu import processes
from bench.signaling.servers import GOCODE, PYTHON, Running
from launch.bootstrap import VENV
from launch.console import LaunchError, say
from launch.crew import Crew
from launch.environment import inherited
from launch.options import ROOT
from launch.postgres import Cluster
from launch.valkey import serve as serve_valkey

CPUS = sorted(os.sched_getaffinity(0))
HOST, USER, PASSWORD = "127.0.0.1", "bench", "hunter2-of-bench"
LEAST_PORT, MOST_PORT = 20_000, 65_000  # of relays
PION = Path(__file__).with_name("pion")
READY_TIMEOUT = 60.0
BINDING = bytes.fromhex("000100002112a442") + bytes(12)  # RFC 8489 section 2: what is answered without credentials


@dataclass(frozen=True)
class Order:
    """How one relay is to be started."""

    port: int
    folder: Path
    workers: int
    platform: Mapping[str, str]  # environment of ours: where database and Valkey are


Started = tuple[Sequence[str | Path], Mapping[str, str]]  # command, environment


@dataclass(frozen=True)
class Server:
    name: str
    start: Callable[[Order], Started]
    needs: tuple[str, ...] = ()  # programs and folders
    packages: str = ""  # of Debian, which have them

    @property
    def missing(self) -> str:
        """Packages without which it cannot run here."""
        return "" if all(shutil.which(need) or Path(need).is_dir() for need in self.needs) else self.packages


def ours(plane: str, order: Order) -> Started:
    """As an operator starts it, with authentication and expiry; what is out of reach is only the height of the limits."""
    return [PYTHON, "manage.py", "runturn"], {
        **order.platform,
        "TURN_PORT": str(order.port),
        "TURN_PLANE": plane,
        "TURN_WORKERS": str(order.workers),
        "TURN_LISTEN_ADDRESSES": HOST,
        "TURN_RELAY_ADDRESSES": HOST,
        "TURN_PORTS": f"{LEAST_PORT}-{MOST_PORT}",
        "TURN_USERS": f"{USER}:{PASSWORD}",
        "TURN_ALLOW_LOOPBACK_PEERS": "on",
        "TURN_ALLOCATIONS": "20000",
        "TURN_ALLOCATIONS_PER_USER": "20000",
        "TURN_BANDWIDTH": "0",
        "TURN_DRAIN_SECONDS": "0",
        "TURN_RFC5766_CHANNELS": "on",  # for turnutils_uclient
    }


def coturn(order: Order) -> Started:
    command = ["turnserver", "-n", "--no-tls", "--no-dtls", "--no-cli", "--log-file=/dev/null", "--no-stdout-log"]
    command += ["-L", HOST, "-E", HOST, "-p", str(order.port), "--allow-loopback-peers", "-m", str(order.workers)]
    command += ["--lt-cred-mech", "--realm=bench", "-u", f"{USER}:{PASSWORD}"]
    command += [f"--min-port={LEAST_PORT}", f"--max-port={MOST_PORT}", f"--pidfile={order.folder / 'turnserver.pid'}"]
    return command, inherited()


def pion(order: Order) -> Started:
    return [order.folder / "pion"], inherited() | {"PORT": str(order.port), "USER": USER, "PASSWORD": PASSWORD}


NATIVE = Server("ProjectVoice, native", partial(ours, "native"))
PORTABLE = Server("ProjectVoice, portable", partial(ours, "portable"))
COTURN = Server("coturn", coturn, ("turnserver",), "coturn")
PION_TURN = Server("pion/turn", pion, ("go", f"{GOCODE}/src/github.com/pion/turn"), "golang-go golang-github-pion-turn.v2-dev")


@dataclass
class Stage:
    """Where relays are started. Each inherits the CPUs of this process at that time."""

    crew: Crew
    folder: Path
    platform: Mapping[str, str]

    @contextlib.asynccontextmanager
    async def start(self, server: Server, workers: int = 1) -> AsyncIterator[Running]:
        port = free_port()
        command, environment = server.start(Order(port, self.folder, workers, self.platform))
        os.sched_setaffinity(0, CPUS[:workers])
        child = await self.crew.start(server.name, command, environment, quiet=True)
        try:
            deadline = time.monotonic() + READY_TIMEOUT
            while not await asyncio.to_thread(answers, port):
                if child.process.returncode is not None or time.monotonic() > deadline:
                    raise LaunchError("it did not start: " + " ".join(list(child.last_lines)[-3:]))
            yield Running([port], tree_of(child.process.pid))
        finally:
            await child.stop(10)

    async def prepare(self, server: Server) -> None:
        if server is PION_TURN:
            go = inherited() | {"GOPATH": GOCODE, "GO111MODULE": "off"}
            await self.crew.run("go build", ["go", "build", "-o", self.folder / "pion", "."], go, quiet=True, cwd=PION)


@contextlib.asynccontextmanager
async def stage(crew: Crew, folder: Path, *, ours_too: bool) -> AsyncIterator[Stage]:
    """With the database and the Valkey that our relay writes to and hears from, if it is among those measured."""
    async with contextlib.AsyncExitStack() as stack:
        platform = inherited() | {"SECRET_KEY": secrets.token_urlsafe(48), "DATA_DIR": str(folder)}
        if ours_too:
            say("A database and a Valkey are made ready.")
            platform["DATABASE_URL"] = await stack.enter_async_context(Cluster(folder / "postgres", VENV).serve(crew))
            platform["REDIS_URL"] = await stack.enter_async_context(serve_valkey(folder / "valkey", VENV, crew))
            await crew.run("migrate", [PYTHON, ROOT / "manage.py", "migrate", "-v0"], platform)
        yield Stage(crew, folder, platform)


def answers(port: int) -> bool:
    """Whether a relay says who we are, within a tenth of a second."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.1)
        client.connect((HOST, port))
        try:
            client.send(BINDING)
            return client.recv(2048)[8:20] == BINDING[8:]
        except TimeoutError:
            return False
        except ConnectionRefusedError:
            time.sleep(0.1)
            return False


def tree_of(root: int) -> list[int]:
    """A process with all that it started."""
    now, tree = processes(), [root]
    for pid in tree:
        tree += [child for child, process in now.items() if process.parent == pid]
    return tree
