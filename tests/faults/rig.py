"""A whole instance by the real ./run, whose parts a test kills and sees come back."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import requests
from psycopg.conninfo import conninfo_to_dict

from bench.ports import free_port
from tests.conftest import Site
from tests.running import Running, manage, running
from turn.words import Address

HOST = "127.0.0.1"
PATIENCE = (
    180.0  # seconds until what does not come is missed: seven processes start and recover on a machine with much else to do
)
PARTS = {"relay": "runturn", "push": "push_events", "valkey": "valkey-server", "postgres": "bin/postgres"}
"""Beside the web processes, which are `web 0`, `web 1`, …: each answers REST and sockets alike."""
ADMINISTRATOR = {"email": "admin@localhost", "password": "the first of all"}
SETTINGS = {
    "ADMIN_PASSWORD": ADMINISTRATOR["password"],
    "RATE_LIMITS": "off",
    "STUN_URLS": "none",
    "SEATS_PER_USER": "10",
    "TURN_LISTEN_ADDRESSES": HOST,
    "TURN_RELAY_ADDRESSES": HOST,
    "TURN_ALLOW_LOOPBACK_PEERS": "on",
}


class Rig(Site):
    """`workers` web processes behind one port, and all else that ./run starts. What dies, ./run starts again."""

    def __init__(self, server: Running, port: int, relay: Address, data_dir: Path, workers: int) -> None:
        super().__init__(port)
        self.server, self.relay, self.data_dir = server, relay, data_dir
        self.parts = (*(f"web {number}" for number in range(workers)), *PARTS)

    def pids(self) -> dict[str, int]:
        """Of the parts that live."""
        children = self.server.children()
        found = {part: children[program] for part, program in PARTS.items() if program in children}
        return found | {f"web {number}": pid for number, pid in self.server.workers().items()}

    def kill(self, part: str) -> int:
        """With SIGKILL. The number it had."""
        pid = self.pids()[part]
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill_backend(self) -> None:
        """One of PostgreSQL's own: it throws everybody out, and recovers as after a crash."""
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1"
        os.kill(self.sql(query)[0][0], signal.SIGKILL)

    def until_back(self, part: str, former: int) -> None:
        """Until it serves again, under another number than the former."""
        until(lambda: self.pids().get(part, former) != former, self.server)
        if part.startswith("web"):
            until(lambda: _accepts(self.inbox(part)), self.server)
        self.until_whole()

    def until_whole(self) -> None:
        """Every part lives, and the instance says that it is ready."""
        until(lambda: set(self.pids()) == set(self.parts) and self._ready(), self.server)

    def inbox(self, part: str) -> Path:
        """The Unix socket of one of the web processes."""
        folder = self.environment(part)["VOICE_SOCKETS"]
        return Path(folder) / f"{part.removeprefix('web ')}.sock"

    def environment(self, part: str) -> dict[str, str]:
        """What ./run gave to it."""
        text = Path(f"/proc/{self.pids()[part]}/environ").read_text()
        return dict(line.split("=", 1) for line in text.split("\0") if "=" in line)

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Straight from or into the database."""
        with psycopg.connect(**conninfo_to_dict(self.environment("push")["DATABASE_URL"]), connect_timeout=10) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def manage(self, *command: str) -> str:
        return manage(str(self.data_dir), *command)

    def _ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=PATIENCE).status_code == 200
        except requests.RequestException:  # who accepted it was killed
            return False


@contextlib.contextmanager
def rig(workers: int = 2, **settings: str) -> Iterator[Rig]:
    """`settings`: of the environment, by their names."""
    with TemporaryDirectory(prefix="projectvoice-faults-") as folder:
        Path(folder).chmod(0o711)  # under root PostgreSQL is another user
        data_dir, port, relay = Path(folder) / "data", free_port(), free_port()
        flags = ("--port", str(port), "--turn-port", str(relay), "--data-dir", str(data_dir), "--voice-workers", str(workers))
        with running(*flags, **SETTINGS | settings) as server:
            server.link(PATIENCE)
            yield Rig(server, port, Address.of(HOST, relay), data_dir, workers)


def until(true: Callable[[], bool], server: Running) -> None:
    """Fails with what ./run has said."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, server.output
        time.sleep(0.05)


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True
