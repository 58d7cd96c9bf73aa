"""Fixtures: a client signed in as somebody, and the whole instance as a process of its own."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import psycopg
import pytest
import requests
from django.conf import settings
from psycopg import sql
from rest_framework.test import APIClient

from accounts.models import User
from bench.ports import free_port
from launch import workers
from launch.run import LONGEST_FRAME
from projectvoice.environment import database
from projectvoice.kernel import limits
from tests.factories import make_token

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0  # seconds until what does not come is missed, on a machine with much else to do


@pytest.fixture(autouse=True)
def no_limits(settings, monkeypatch):
    """Limits are tested where they are meant; elsewhere they would only count the tests. Of a test no window sees the end."""
    settings.RATE_LIMITS = False
    begun = time.time()
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: begun))


@pytest.fixture
def api_as() -> Callable[..., APIClient]:
    """`api_as(user)`: a client that is signed in; `api_as()`: a stranger. Speaks JSON, reads English."""

    def client(user: User | None = None, token: str | None = None) -> APIClient:
        api = APIClient(HTTP_ACCEPT_LANGUAGE="en")
        api.default_format = "json"
        if user is not None or token is not None:
            api.credentials(HTTP_AUTHORIZATION=f"Bearer {token or make_token(user)}")
        return api

    return client


UVICORN = (
    *("-m", "uvicorn", "projectvoice.asgi:application", "--host", "127.0.0.1", "--log-level", "warning"),
    *("--no-access-log", "--no-proxy-headers", "--ws-max-size", str(LONGEST_FRAME), "--timeout-graceful-shutdown", "2"),
)
SERVERS = {
    "run": None,  # as ./run does: with launch/web.py
    "uvicorn": UVICORN,
    "daphne": ("-m", "daphne", "-v", "0", "-b", "127.0.0.1", "projectvoice.asgi:application"),
}


class Site:
    """An instance as its callers know it: an address."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def api(self, method: str, path: str, token: str | None = None, **body: object) -> requests.Response:
        headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {token}"} if token else {})
        return requests.request(method, f"{self.url}/api{path}", json=body or None, headers=headers, timeout=PATIENCE)

    def sign_up(self, name: str = "user") -> dict:
        """A new user: `{token, user}`."""
        name = f"{name}-{secrets.token_hex(4)}"
        answer = self.api("POST", "/auth/register", username=name, email=f"{name}@example.com", password="password123")
        assert answer.status_code == 201, answer.text
        return answer.json()

    def voice_channel(self, owner: dict, *members: dict) -> tuple[int, int]:
        """(server id, channel id) of a new voice channel with these people on its server."""
        server = self.api("POST", "/servers", owner["token"], name="Server").json()["id"]
        channel = self.api("POST", f"/servers/{server}/channels", owner["token"], name="lobby", type="voice").json()["id"]
        invite = self.api("POST", f"/invite/{server}/invite", owner["token"]).json()["invite"]["token"]
        for member in members:
            assert self.api("POST", f"/invite/invite/{invite}/accept", member["token"]).status_code == 200
        return server, channel


class Instance(Site):
    """A real server: one process, or several workers behind one port. `manage` runs a command against the same database.

    ./run starts a worker again that died; here the test decides: `kill` and `revive`.
    """

    def __init__(self, env: dict[str, str], server: str = "run", workers: int = 1) -> None:
        assert workers == 1 or server == "run"
        super().__init__(free_port())
        self.env, self.server = env, server
        self.processes: list[subprocess.Popen[bytes]] = []
        """By the workers' numbers."""
        self.sockets = Path()
        """Where the workers' Unix sockets lie."""
        self.log: int | None = None
        """A descriptor for what they write, if somebody wants to read it."""
        self._workers = workers
        self._stack = ExitStack()

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self.processes]

    def start(self) -> None:
        """All workers are up afterwards."""
        self.sockets = Path(self._stack.enter_context(TemporaryDirectory(prefix="projectvoice-")))
        if self.server == "run":
            self._listener = self._stack.enter_context(socket.socket())
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind(("127.0.0.1", self.port))
        self.processes = [self._begin(number) for number in range(self._workers)]
        try:
            self._wait(self._ready)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._stack.close()

    def kill(self, worker: int) -> None:
        self.processes[worker].kill()
        self.processes[worker].wait()

    def revive(self, worker: int) -> None:
        """It is up afterwards. The dead one left its Unix socket behind."""
        inbox = self.sockets / f"{worker}.sock"
        left = inbox.stat()
        self.processes[worker] = self._begin(worker)
        self._wait(lambda: inbox.exists() and inbox.stat().st_ctime_ns != left.st_ctime_ns)

    @contextmanager
    def only(self, worker: int) -> Iterator[None]:
        """Inside, new connections reach this worker: the others sleep."""
        others = [process for number, process in enumerate(self.processes) if number != worker and process.poll() is None]
        for process in others:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in others:
                process.send_signal(signal.SIGCONT)

    def _begin(self, number: int) -> "subprocess.Popen[bytes]":
        if self.server != "run":
            port = "-p" if self.server == "daphne" else "--port"
            return subprocess.Popen([sys.executable, *SERVERS[self.server], port, str(self.port)], cwd=ROOT, env=self.env)
        descriptor = self._listener.fileno()
        env = self.env | workers.environment_of(number, self._workers, self.sockets)
        command = workers.command(sys.executable, [descriptor])
        return subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=[descriptor], stdout=self.log, stderr=self.log)

    def _ready(self) -> bool:
        try:
            answers = requests.get(f"{self.url}/readyz", timeout=PATIENCE).status_code == 200
        except requests.ConnectionError:
            return False
        return answers and (self._workers == 1 or len(list(self.sockets.glob("*.sock"))) == self._workers)

    def _wait(self, up: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not up():
            if any(process.poll() is not None for process in self.processes) or time.monotonic() > deadline:
                raise RuntimeError("the server did not come up")
            time.sleep(0.05)

    def manage(self, *command: str) -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=self.env, check=True, capture_output=True, text=True
        ).stdout


def environment_of(database_url: str) -> dict[str, str]:
    """An instance's, on that database: without limits, and with patience, since the machine may have much else to do."""
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "SECRET_KEY": settings.SECRET_KEY,
        "RATE_LIMITS": "off",
        "REST_PATIENCE": "60",
        "SEATS_PER_USER": "10",
        "STUN_URLS": "none",
        "TURN": "off",
    }


@contextmanager
def own_database() -> Iterator[str]:
    """The URL of an empty one beside that of the tests, dropped in the end."""
    name = f"live_{secrets.token_hex(4)}"
    url = os.environ["DATABASE_URL"]
    server = database(url)
    admin = psycopg.connect(
        host=server["HOST"],
        port=server["PORT"] or None,
        user=server["USER"],
        password=server["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    )
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    head, _, tail = url.partition("?")
    try:
        yield f"{head.rpartition('/')[0]}/{name}" + (f"?{tail}" if tail else "")
    finally:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.close()


@pytest.fixture(scope="session")
def instance() -> Iterator[Instance]:
    """One instance with a database of its own, for all tests that speak through sockets or a browser."""
    with own_database() as url:
        instance = Instance(environment_of(url))
        instance.manage("migrate", "-v0")
        instance.start()
        try:
            yield instance
        finally:
            instance.stop()


@pytest.fixture
def live_url(instance: Instance) -> str:
    return instance.url
