"""`manage.py runturn` as a process of its own, which knows nothing of the test, and echoing peers beside it."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path

import pytest

from bench.ports import free_port
from tests.conftest import PATIENCE, ROOT
from tests.turn.relays import certificate
from turn.protocol.stun import Kind, Method, decode, encode

HOSTS = ("127.0.0.1", "::1")
BINDING = encode(Method.BINDING, Kind.REQUEST, bytes(12))


class RunTurn:
    """Listens and relays at HOSTS, takes TLS, and lets loopback be reached."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        """`env` is that of the process; the relay's settings in it count."""
        self.trust = certificate(folder)
        self.certificate = folder / "cert.pem"
        self.log = folder / "log.txt"
        self.port, self.tls_port = free_port(), free_port()
        self.env = {
            "TURN_PORT": str(self.port),
            "TURN_TLS_PORT": str(self.tls_port),
            "TURN_LISTEN_ADDRESSES": ",".join(HOSTS),
            "TURN_RELAY_ADDRESSES": ",".join(HOSTS),
            "TURN_CERTIFICATE": str(self.certificate),
            "TURN_CERTIFICATE_KEY": str(folder / "key.pem"),
            "TURN_ALLOW_LOOPBACK_PEERS": "on",
            **env,
        }

    def url(self, transport: str) -> str:
        if transport == "tls":
            return f"turns:{HOSTS[0]}:{self.tls_port}?transport=tcp"
        return f"turn:{HOSTS[0]}:{self.port}?transport={transport}"

    @contextmanager
    def running(self) -> Iterator["RunTurn"]:
        """It answers over UDP and TCP inside, and has ended well afterwards."""
        command = [sys.executable, "manage.py", "runturn"]
        with self.log.open("w") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=subprocess.STDOUT)
        try:
            for host, kind in product(HOSTS, (socket.SOCK_DGRAM, socket.SOCK_STREAM)):
                assert decode(ask(process, host, self.port, kind)).kind is Kind.SUCCESS
            yield self
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0
        except AssertionError as error:
            error.add_note(self.log.read_text())
            raise
        finally:
            process.kill()
            process.wait()


@contextmanager
def echo_peer() -> Iterator[int]:
    """coturn's peer, which sends back what it gets. Its port; it listens at the next one, too, as peers of RTCP do."""
    tool("turnutils_peer")
    port = free_port(together=2)
    command = ["turnutils_peer", *(word for host in HOSTS for word in ("-L", host)), "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for host, at in product(HOSTS, (port, port + 1)):
            ask(process, host, at, socket.SOCK_DGRAM)
        yield port
    finally:
        process.terminate()
        process.wait()


def tool(name: str) -> str:
    """Skips the test where coturn is not installed."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed: it comes with coturn")
    return name


def family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def ask(process: "subprocess.Popen[bytes]", host: str, port: int, kind: socket.SocketKind) -> bytes:
    """What is answered to a Binding request, as soon as it is."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.socket(family(host), kind) as client:
            client.settimeout(0.5)
            client.connect((host, port))
            client.sendall(BINDING)
            return client.recv(2048)
        time.sleep(0.05)
    raise AssertionError(f"nobody answers at {host} port {port}")
