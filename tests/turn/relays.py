"""Relays for the conformance suite: ours, and coturn as a measure of the suite itself; what a client needs to know of each."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from bench.ports import free_port
from projectvoice.environment import data_dir
from tests.certificates import self_signed
from tests.conftest import ROOT
from tests.turn.probe import PATIENCE, Probe
from turn.plane.build import library
from turn.protocol.stun import Kind, Method, encode
from turn.words import Address, Transport


@dataclass(frozen=True)
class Relay:
    """Lets loopback peers be reached, and channels of RFC 8656 only. Two users of one password."""

    name: str
    plain: Address
    """For UDP and TCP."""
    tls: Address
    trust: ssl.SSLContext
    realm: str = "projectvoice"
    user: str = "alice"
    other: str = "bob"
    password: str = "hunter2-of-both"
    secret: str = "4uZr1vXy0LwM3nPb5TcK7dJh9FgS2aE4"
    """For credentials that end by themselves."""
    lacks: frozenset[str] = frozenset()
    """Tests that it is known to fail."""

    def probe(self, transport: Transport = Transport.UDP, *, user: str | None = None, password: str | None = None) -> "Client":
        address = self.tls if transport is Transport.TLS else self.plain
        return Probe.to(address, transport, user or self.user, password or self.password, self.trust)


Client = AbstractAsyncContextManager[Probe]


def certificate(folder: Path) -> ssl.SSLContext:
    """Of this machine, into `cert.pem` and `key.pem`; what trusts it."""
    return ssl.create_default_context(cafile=self_signed(folder, "localhost", "127.0.0.1", "::1").certificate)


def wait_for(relay: Address, process: subprocess.Popen[bytes]) -> None:
    """Until it answers a Binding."""
    request = encode(Method.BINDING, Kind.REQUEST, bytes(12))
    deadline = time.monotonic() + PATIENCE
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(0.1)
        client.connect(("127.0.0.1", relay.port))
        while time.monotonic() < deadline and process.poll() is None:
            try:
                client.send(request)
                client.recv(2048)
            except OSError:  # nobody there yet, or no answer
                time.sleep(0.05)
            else:
                return
    raise AssertionError("the relay does not answer")


COTURN_LACKS = frozenset(  # 4.6.1
    {
        "test_what_is_no_message_is_not_answered[cookie]",  # it answers RFC 3489 as well
        "test_what_stands_behind_integrity_is_ignored",
        "test_of_two_alike_the_first_counts",
        "test_another_realm_is_none_of_ours",
        "test_credentials_that_end_by_themselves",  # or users with passwords: not both at once
        "test_the_challenge_offers_algorithms",
        "test_sha256_and_a_hashed_name",
        "test_an_altered_offer_of_algorithms_is_noticed",
        "test_a_forgotten_offer_of_algorithms_is_noticed",
        "test_another_transport_than_udp_is_not_supported",
        "test_one_client_has_one_allocation",  # its 437 and 441 are not protected
        "test_the_allocation_of_another_user",
        "test_after_its_end_nothing_is_left",  # there is something, for a second or more
        "test_without_an_allocation_there_is_nothing_to_change",  # 400
        "test_two_families_at_once",  # one address
        "test_one_family_can_be_given_back",
        "test_wishes_that_exclude_each_other",
        "test_the_port_above_is_reserved_for_who_knows_the_token",  # 404
        "test_an_unknown_token",
        "test_peers_denied_by_default",
        "test_channels_have_numbers_of_their_own",  # it keeps to RFC 5766
        "test_a_stream_of_something_else_ends",
    }
)


@contextmanager
def coturn(folder: Path) -> Iterator[Relay]:
    if shutil.which("turnserver") is None:
        pytest.skip("coturn is not installed")
    trust = certificate(folder)
    plain, tls = Address.of("127.0.0.1", free_port()), Address.of("127.0.0.1", free_port())
    relay = Relay("coturn", plain, tls, trust, lacks=COTURN_LACKS)
    command = [
        *("turnserver", "-n", "--no-cli", "-m", "1", "-L", "127.0.0.1", "-E", "127.0.0.1", "-E", "::1"),
        *("-p", str(plain.port), "--tls-listening-port", str(tls.port), "--no-dtls"),
        *("--cert", str(folder / "cert.pem"), "--pkey", str(folder / "key.pem")),
        *("--allow-loopback-peers", "--no-multicast-peers", "--lt-cred-mech", f"--realm={relay.realm}"),
        *("-u", f"{relay.user}:{relay.password}", "-u", f"{relay.other}:{relay.password}"),
        *("--log-file", "stdout", "--no-stdout-log", "--pidfile", str(folder / "pid"), "--userdb", str(folder / "db")),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(plain, process)
            yield relay
        finally:
            process.terminate()


@contextmanager
def ours(folder: Path, plane: str) -> Iterator[Relay]:
    """`manage.py runturn`, with neither database nor bus."""
    if plane == "native" and library(data_dir() / "turn") is None:
        pytest.skip("no C compiler is installed")
    trust = certificate(folder)
    relay = Relay(plane, Address.of("127.0.0.1", free_port()), Address.of("127.0.0.1", free_port()), trust)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TURN_")},
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "TURN_USERS": f"{relay.user}:{relay.password},{relay.other}:{relay.password}",
        "TURN_SECRET": relay.secret,
        "TURN_CERTIFICATE": str(folder / "cert.pem"),
        "TURN_CERTIFICATE_KEY": str(folder / "key.pem"),
        "TURN_ALLOW_LOOPBACK_PEERS": "on",
        "TURN_ALLOCATIONS_PER_USER": "1000",
    }
    command = [
        *(sys.executable, "manage.py", "runturn", "--plane", plane),
        *("--port", str(relay.plain.port), "--tls-port", str(relay.tls.port)),
        *("--listen", "127.0.0.1", "--relay", "127.0.0.1", "::1"),
    ]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(relay.plain, process)
            yield relay
        finally:
            process.send_signal(signal.SIGINT)


native, portable = partial(ours, plane="native"), partial(ours, plane="portable")
