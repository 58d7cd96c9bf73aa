"""Relays to examine: coturn, and ours. Each is a process of its own on loopback, set up well but for what is said."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory

import pytest

from bench.ports import free_port
from tests.certificates import Pair
from tests.conftest import PATIENCE, ROOT

SECRET, REALM = "One-word-of-both-4uZr1vXy0LwM3nPb5", "voice.test"


@dataclass(frozen=True)
class Wishes:
    secret: str = SECRET
    realm: str = REALM
    udp: bool = True
    tcp: bool = True
    relayed: str = "127.0.0.2"
    """An address of its own: at 127.0.0.1 are other programs."""
    external: str = ""
    """Handed out instead."""
    loopback_peers: bool = True
    denied: str = ""
    """No peers."""
    per_user: int = 200
    everybody: bool = False
    """Needs no credentials."""
    pair: Pair | None = None


@dataclass
class Place:
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)


def coturn(wishes: Wishes, place: Place, folder: Path) -> list[str]:
    lines = ["-n", "-L", "127.0.0.1", "-E", wishes.relayed, "-p", str(place.port), "--tls-listening-port", str(place.tls_port)]
    lines += ["--no-dtls", "--no-cli", "--log-file", "stdout", "--pidfile", str(folder / "pid")]
    lines += ["--realm", wishes.realm, "--user-quota", str(wishes.per_user), "--relay-threads", "1"]
    lines += ["--no-auth"] if wishes.everybody else ["--use-auth-secret", "--static-auth-secret", wishes.secret]
    lines += [] if wishes.udp else ["--no-udp"]
    lines += [] if wishes.tcp else ["--no-tcp"]
    lines += ["--external-ip", f"{wishes.external}/{wishes.relayed}"] if wishes.external else []
    lines += ["--allow-loopback-peers"] if wishes.loopback_peers else []
    lines += ["--denied-peer-ip", wishes.denied] if wishes.denied else []
    lines += ["--cert", str(wishes.pair.certificate), "--pkey", str(wishes.pair.key)] if wishes.pair else ["--no-tls"]
    return ["turnserver", *lines]


def ours(wishes: Wishes, place: Place) -> dict[str, str]:
    """The environment of `manage.py runturn`."""
    if wishes.everybody or not (wishes.udp and wishes.tcp):
        pytest.skip("our relay has no setting to be wrong like this")
    told = {
        "TURN_PORT": str(place.port),
        "TURN_TLS_PORT": str(place.tls_port),
        "TURN_LISTEN_ADDRESSES": "127.0.0.1",
        "TURN_RELAY_ADDRESSES": wishes.relayed,
        "TURN_ALLOW_LOOPBACK_PEERS": "on" if wishes.loopback_peers else "off",
        "TURN_SECRET": wishes.secret,
        "TURN_REALM": wishes.realm,
        "TURN_ALLOCATIONS_PER_USER": str(wishes.per_user),
    }
    told |= {"TURN_EXTERNAL_ADDRESSES": wishes.external} if wishes.external else {}
    told |= {"TURN_DENIED_PEERS": wishes.denied} if wishes.denied else {}
    if wishes.pair:
        told |= {"TURN_CERTIFICATE": str(wishes.pair.certificate), "TURN_CERTIFICATE_KEY": str(wishes.pair.key)}
    return {**os.environ, **told}


MISSING = {
    "coturn": None if shutil.which("turnserver") else "coturn's turnserver is not installed",
    "ours": None,
}


@contextmanager
def running(kind: str, wishes: Wishes) -> Iterator[Place]:
    """Until it listens on the way that it is asked for."""
    if reason := MISSING[kind]:
        pytest.skip(reason)
    place = Place()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="projectvoice-doctor-")))
        log = stack.enter_context((folder / "log").open("w+b"))
        if kind == "coturn":
            process = Popen(coturn(wishes, place, folder), cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        else:
            command = [sys.executable, "manage.py", "runturn"]
            process = Popen(command, cwd=ROOT, env=ours(wishes, place), stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(process, place, wishes, folder / "log")
            yield place
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: "Popen[bytes]", place: Place, wishes: Wishes, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    ports = [place.port] if wishes.tcp else []
    ports += [place.tls_port] if wishes.pair else []
    while not (all(map(_accepts, ports)) and (not wishes.udp or _answers(place.port))):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the relay did not come up: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(port: int) -> bool:
    """To a Binding request over UDP."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.2)
        probe.connect(("127.0.0.1", port))
        try:
            probe.send(b"\x00\x01\x00\x00\x21\x12\xa4\x42" + secrets.token_bytes(12))
            return bool(probe.recv(512))
        except OSError:
            return False
