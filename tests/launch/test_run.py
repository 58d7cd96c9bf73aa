"""./run as its user meets it: a real process, its own data folder, its own port."""

import json
import os
import signal
import socket
import stat
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.ports import free_port
from tests.running import PARTS, STOP, manage, running

START = 60


@pytest.fixture
def data_dir() -> Iterator[str]:
    """Not tmp_path: under root PostgreSQL is another user, and pytest closes its folders to others."""
    with tempfile.TemporaryDirectory(prefix="projectvoice-run-") as folder:
        Path(folder).chmod(0o711)
        yield f"{folder}/data"


def free_ports() -> tuple[str, ...]:
    return ("--port", str(free_port()), "--turn-port", str(free_port()))


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def get(url: str, timeout: float = START) -> tuple[int, object]:
    with urllib.request.urlopen(url, timeout=timeout) as response:
        return response.status, json.loads(response.read())


def well(link: str) -> bool:
    """Who is let in while a part is away may be refused, or lose his connection."""
    try:
        return get(f"{link}readyz")[0] == 200
    except OSError:
        return False


def test_a_server_survives_whatever_its_user_does_to_it(data_dir):
    """One story, because each start costs seconds: start, clash, kill, back up, start again, stop, restore."""
    here = (*free_ports(), "--data-dir", data_dir)

    with running(*here) as first:
        link = first.link()
        assert get(f"{link}readyz")[0] == 200
        assert get(f"{link}api/health")[0] == 200
        assert first.output.count("admin@localhost") == 1

        with running(*here) as second:
            assert second.status() == 1
            other = int(here[1]) + 1
            assert second.output == f"Port {here[1]} is already in use. Choose another: ./run --port {other}"
        with running("--port", str(free_port()), "--data-dir", data_dir) as second:
            assert second.status() == 1
            assert second.output == f"Another ./run already uses {data_dir}. Choose another: ./run --data-dir FOLDER"

        assert "the database and 0 uploaded files" in manage(data_dir, "backup", "--output", "running.tar")

        first.send(signal.SIGKILL)
        first.status()

    with running(*here) as again:
        link = again.link()
        assert "admin@localhost" not in again.output
        assert get(f"{link}readyz")[0] == 200
        again.send(signal.SIGINT)
        assert again.status(STOP) == 0
        assert again.lines[-1] == "Stopped."

    manage(data_dir, "restore", "--replace", "--yes", "running.tar")
    assert "account 1" in manage(data_dir, "export_user", "admin@localhost")
    assert Path(data_dir).with_name("user-1.zip").exists()


FINDS_CHILDREN = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the children through /proc")


@FINDS_CHILDREN
def test_each_part_that_dies_comes_back_also_the_only_one_of_its_kind(data_dir):
    """tests/faults has what it means for those who are at work."""
    with running(*free_ports(), "--data-dir", data_dir) as server:
        link = server.link()
        for part, name in (("valkey-server", "valkey"), ("launch.web", "web"), ("bin/postgres", "postgres")):
            before = server.children()
            assert set(before) == set(PARTS)
            os.kill(before.pop(part), signal.SIGKILL)
            server.until(f"\n{name} was killed by SIGKILL. It is started again in ")
            until(lambda: well(link))
            assert server.children().items() > before.items()
        last = server.children()
        server.send(signal.SIGTERM)
        assert server.status(STOP) == 0
        for pid in last.values():
            assert not Path(f"/proc/{pid}/cmdline").exists()


@FINDS_CHILDREN
def test_one_of_several_workers_that_dies_comes_back_and_the_others_serve_meanwhile(data_dir):
    with running(*free_ports(), "--data-dir", data_dir, "--voice-workers", "2") as server:
        link = server.link()
        workers = server.workers()
        assert set(workers) == {"0", "1"}
        assert stat.S_IMODE(Path(data_dir, "voice").stat().st_mode) == 0o700
        os.kill(workers["1"], signal.SIGKILL)
        for _ in range(50):
            assert get(f"{link}readyz")[0] == 200
        server.until("\nweb 1 was killed by SIGKILL. It is started again in 0.5 s; the others go on.")
        until(lambda: set(server.workers()) == {"0", "1"})
        assert server.workers()["0"] == workers["0"]
        assert server.workers()["1"] != workers["1"]

        os.kill(workers["0"], signal.SIGKILL)  # who knocks while the other is still coming up waits for it
        assert get(f"{link}readyz", START)[0] == 200
        until(lambda: set(server.workers()) == {"0", "1"})
        last = server.workers()
        server.send(signal.SIGTERM)
        assert server.status(STOP) == 0
        assert server.lines[-1] == "Stopped."
        for pid in last.values():
            assert not Path(f"/proc/{pid}/cmdline").exists()


def binding_answered(port: int) -> bool:
    """Whether the relay there answers a STUN request."""
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        client.connect(("127.0.0.1", port))
        try:
            client.send(bytes.fromhex("000100002112a442") + bytes(12))
            return client.recv(2048).startswith(b"\x01\x01")
        except OSError:
            return False


@FINDS_CHILDREN
def test_the_relay_may_die_or_not_be_wanted_but_not_fail_to_start(data_dir):
    """One story again: its port is taken, it is not wanted, it serves, it is killed, it comes back, all stops."""
    port = free_port()
    here = ("--port", str(free_port()), "--data-dir", data_dir)
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", port))
        with running(*here, "--turn-port", str(port)) as server:
            assert server.status() == 1
            assert f"Port {port} is already in use at 0.0.0.0:{port}" in server.output
            assert server.output.endswith("turn ended with exit code 1.\nEverything else was stopped.")

    with running(*here, "--turn", "off") as server:
        server.until(f"ProjectVoice is ready: http://localhost:{here[1]}/  (Ctrl-C stops it)")
        assert set(server.children()) == set(PARTS) - {"runturn"}

    with running(*here, "--turn-port", str(port)) as server:
        link = server.link()
        assert f"(relay on port {port}; Ctrl-C stops it)" in server.output
        assert binding_answered(port)
        before = server.children()
        os.kill(before["runturn"], signal.SIGKILL)
        server.until("\nturn was killed by SIGKILL. It is started again in 0.5 s; the others go on.")
        assert get(f"{link}readyz")[0] == 200
        until(lambda: binding_answered(port))
        after = server.children()
        assert after.pop("runturn") != before.pop("runturn")
        assert after == before
        server.send(signal.SIGINT)
        assert server.status(STOP) == 0
        assert server.lines[-1] == "Stopped."
        assert "is killed" not in server.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "abc"], "--port must be a number from 1 to 65535, not 'abc'."),
        (["--help-me"], "Unrecognized arguments: --help-me. ./run --help lists what there is."),
    ],
)
def test_a_wrong_flag_ends_with_status_2_and_one_line(arguments, message):
    with running(*arguments) as refused:
        assert refused.status() == 2
        assert refused.lines == [message]
