"""`manage.py runturn` as a service manager meets it: a real process, real sockets, real signals. No database."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from bench.ports import free_port
from projectvoice.environment import data_dir
from tests.conftest import PATIENCE, ROOT
from tests.turn.probe import UDP, Probe, code, peer
from tests.turn.relays import certificate
from tests.turn.rig import HOST, PASSWORD
from tests.watched import Watched
from turn.plane.build import library
from turn.protocol.attributes import LIFETIME
from turn.protocol.stun import Method
from turn.words import Address, Transport

NOWHERE = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "REDIS_URL": "redis://127.0.0.1:1/0"}
FOR_TESTS = {"TURN_USERS": f"anna:{PASSWORD},boris:{PASSWORD}", "TURN_ALLOW_LOOPBACK_PEERS": "on"}


class Process(Watched):
    def __init__(self, *arguments: str, **environment: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TURN_")}
        command = [sys.executable, "manage.py", "runturn", *arguments]
        super().__init__(command, {**kept, **NOWHERE, **FOR_TESTS, **environment}, cwd=ROOT)


@contextmanager
def runturn(*arguments: str, **environment: str) -> Iterator[Process]:
    process = Process(*arguments, **environment)
    try:
        yield process
    finally:
        process.end()


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[tuple[Process, Address]]:
    at = Address.of(HOST, free_port())
    with runturn("--port", str(at.port), "--listen", HOST, "--relay", HOST, *arguments, **environment) as process:
        process.until(" serving ")
        yield process, at


def probe(at: Address, user: str = "anna", transport: Transport = Transport.UDP):
    return Probe.to(at, transport, user, PASSWORD)


def test_it_says_where_it_listens_and_what_serves():
    native = library(data_dir() / "turn") is not None
    with serving() as (process, at):
        assert f"turn: listening address={HOST} udp={at.port} tcp={at.port}\n" in process.output
        plane = "native" if native else "portable"
        assert re.search(rf"turn: serving plane={plane} workers=1 addresses={re.escape(HOST)} descriptors=\d+", process.output)
        process.send(signal.SIGINT)
        assert process.status() == 0
        assert "turn: stopping allocations=0" in process.output
    with serving("--plane", "portable") as (process, _):
        assert "serving plane=portable" in process.output
        process.send(signal.SIGTERM)
        assert process.status() == 0


def test_who_waits_for_it_is_told_by_a_pipe():
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    command = [sys.executable, "manage.py", "runturn", "--port", str(free_port()), "--listen", HOST, "--ready-fd", str(writer)]
    with subprocess.Popen(command, cwd=ROOT, pass_fds=[writer], stderr=subprocess.DEVNULL) as process:
        os.close(writer)
        try:
            assert os.read(reader, 100) == b"ready\n"
            assert os.read(reader, 100) == b""
        finally:
            os.close(reader)
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0


async def test_sigterm_lets_those_who_talk_finish():
    with serving() as (process, at):
        async with probe(at) as anna, probe(at, "boris", Transport.TCP) as boris, peer() as friend:
            await anna.allocate()
            process.send(signal.SIGTERM)
            await asyncio.to_thread(process.until, "draining allocations=1")
            assert code(await boris.request(Method.ALLOCATE, UDP)) == 508
            assert await anna.permit(friend.address) is None
            anna.send_to(friend.address, b"still here")
            assert await friend.receive() == b"still here"
            assert code(await anna.request(Method.REFRESH, (LIFETIME, 0))) is None
            assert await asyncio.to_thread(process.status) == 0


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_the_waiting(second):
    with serving() as (process, at):
        async with probe(at) as anna:
            await anna.allocate()
            process.send(signal.SIGTERM)
            await asyncio.to_thread(process.until, "draining allocations=1")
            process.send(second)
            assert await asyncio.to_thread(process.status) == 0
            assert "stopping allocations=1" in process.output
            assert re.search(r"allocation-closed number=\d+ user=anna", process.output)


async def test_the_waiting_ends_by_itself():
    with serving("--drain-seconds", "1") as (process, at):
        async with probe(at) as anna:
            await anna.allocate()
            process.send(signal.SIGTERM)
            assert await asyncio.to_thread(process.status) == 0
            assert "stopping allocations=1" in process.output


async def test_sigint_ends_it_at_once():
    with serving() as (process, at):
        async with probe(at) as anna:
            await anna.allocate()
            process.send(signal.SIGINT)
            assert await asyncio.to_thread(process.status) == 0
            assert "draining" not in process.output


async def test_figures_are_there_for_prometheus():
    metrics = str(free_port())
    with serving("--metrics-port", metrics) as (process, at):
        async with probe(at) as anna, probe(at, "boris", Transport.TCP) as boris, peer() as friend:
            await anna.allocate()
            await boris.allocate()
            assert await anna.permit(friend.address) is None
            anna.send_to(friend.address, b"12345")
            await friend.receive()
            anna.send_by(0x4000, b"no such channel")
            await anna.request(Method.REFRESH)
            process.send(signal.SIGTERM)
            await asyncio.to_thread(process.until, "draining")
            answer = await asyncio.to_thread(requests.get, f"http://127.0.0.1:{metrics}/metrics", timeout=PATIENCE)
            wrong = await asyncio.to_thread(requests.get, f"http://127.0.0.1:{metrics}/", timeout=PATIENCE)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples = figures(answer.text)
    expected = {
        "draining": "1",
        'allocations{transport="udp"}': "1",
        'allocations{transport="tcp"}': "1",
        "allocations_opened_total": "2",
        'refusals_total{code="401"}': "2",
        'relayed_packets_total{direction="up"}': "1",
        'relayed_bytes_total{direction="up"}': "5",
        'relayed_packets_total{direction="down"}': "0",
        'dropped_total{reason="unknown"}': "1",
        'dropped_total{reason="forbidden"}': "0",
        "control_messages_total": "6",
        'connections{transport="tcp"}': "1",
        "connections_waiting": "0",
        "failures_total": "0",
        "allocations_limit": "4000",
        "users": "2",
    }
    assert {name: samples.get(f"projectvoice_turn_{name}") for name in expected} == expected
    assert wrong.status_code == 404
    assert float(samples['projectvoice_process_resident_memory_bytes{process="turn"}']) > 1_000_000


def figures(text: str) -> Mapping[str, str]:
    """As Prometheus reads the format: each sample belongs to a family that has a help text and a type."""
    found: dict[str, str] = {}
    described: dict[str, set[str]] = {}
    for line in text.splitlines():
        if line.startswith("# "):
            _, what, name, rest = line.split(" ", 3)
            assert rest
            described.setdefault(name, set()).add(what)
            continue
        match = re.fullmatch(r'([a-z_]+)((?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})?) ([\d.e+-]+)', line)
        assert match, line
        family = re.sub("_(bucket|count|sum)$", "", match[1])
        assert described.get(match[1], described.get(family)) == {"HELP", "TYPE"}
        found[match[1] + match[2]] = match[3]
    return found


def refused(*arguments: str, **environment: str) -> tuple[int, str]:
    with runturn(*arguments, **environment) as process:
        return process.status(), process.output


def test_a_port_in_use_is_named():
    with serving() as (_, at):
        status, said = refused("--port", str(at.port), "--listen", HOST)
        assert status == 1
        assert said == (f"CommandError: Port {at.port} is already in use at {at}; TURN_PORT and TURN_TLS_PORT choose others")
        metrics = str(at.port)
        status, said = refused("--port", str(free_port()), "--listen", HOST, "--metrics-port", metrics)
        assert status == 1
        assert said.splitlines()[-1].startswith(f"CommandError: TURN_METRICS_PORT: port {metrics} cannot be listened on")


def test_addresses_that_are_not_ours_are_named():
    there = ("--port", str(free_port()))
    assert refused(*there, "--listen", "203.0.113.9") == (
        1,
        f"CommandError: Cannot listen at 203.0.113.9:{there[1]}: Cannot assign requested address",
    )
    assert refused(*there, "--relay", "203.0.113.9") == (
        1,
        "CommandError: TURN_RELAY_ADDRESSES: 203.0.113.9 is no address of this machine (Cannot assign requested address)",
    )


def test_a_certificate_that_cannot_be_used_is_named(tmp_path: Path):
    certificate(tmp_path)
    (tmp_path / "key.pem").write_text("nonsense")
    status, said = refused(TURN_CERTIFICATE=str(tmp_path / "cert.pem"), TURN_CERTIFICATE_KEY=str(tmp_path / "key.pem"))
    assert status == 1
    assert said.startswith(f"CommandError: {tmp_path / 'cert.pem'} with key {tmp_path / 'key.pem'} cannot be used for TLS: ")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("environment", "status", "said"),
    [
        ({"TURN_PORTS": "1-2"}, 1, "TURN_PORTS must be two ports from 1024 to 65535, as 49152-65535, not '1-2'"),
        ({"TURN_CERTIFICATE_KEY": "key.pem"}, 2, "CommandError: TURN_CERTIFICATE_KEY needs TURN_CERTIFICATE"),
        ({"TURN_USERS": "anna"}, 1, "TURN_USERS must read name:password,name:password, each name once and none a mere number"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(environment, status, said):
    assert refused(**environment) == (status, said)


def test_an_option_that_cannot_be_used_is_named():
    status, said = refused("--port", "0")
    assert status == 2
    assert said.endswith("error: argument --port: must be a whole number from 1 to 65535, not '0'")
    status, said = refused("--listen", "localhost")
    assert status == 2
    assert said.endswith("error: argument --listen: must be an IP address, not 'localhost'")
