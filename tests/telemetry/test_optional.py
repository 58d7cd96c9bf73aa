"""OpenTelemetry and Sentry: nothing of them without their settings, a clear word without their packages, and what is sent to whom."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from launch import bootstrap
from telemetry.reports import harmless, masked
from tests.conftest import PATIENCE, ROOT, Instance
from tests.protocol.conftest import Connect
from tests.telemetry.conftest import Looked, until

NO_PACKAGES = "needs packages that are not installed: pip install --require-hashes -r requirements-observability.txt"
SETTINGS = {
    "SENTRY_DSN": "http://key@127.0.0.1:1/1",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
}


def command(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, **environment}
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE * 2)


@pytest.mark.parametrize("setting", SETTINGS)
def test_without_its_packages_a_setting_stops_the_start_in_one_sentence(setting: str):
    for program in (("-c", "import projectvoice.asgi"), ("manage.py", "push_events"), ("manage.py", "runturn")):
        ended = command(*program, **{setting: SETTINGS[setting]})
        assert ended.returncode == 1
        assert ended.stderr.splitlines()[-1].removeprefix("CommandError: ") == f"{setting} {NO_PACKAGES}"


def test_without_the_settings_nothing_of_it_is_imported():
    look = "import sys, projectvoice.asgi; print([name for name in sys.modules if name.split('.')[0] in ('sentry_sdk', 'opentelemetry')])"
    ended = command("-c", look)
    assert (ended.returncode, ended.stdout) == (0, "[]\n"), ended.stderr


def test_run_installs_what_the_settings_need():
    assert bootstrap.requirements({}) == [bootstrap.RUNTIME]
    assert bootstrap.requirements({"SENTRY_DSN": " "}) == [bootstrap.RUNTIME]
    for setting in SETTINGS:
        assert bootstrap.requirements({setting: "x"}) == [bootstrap.RUNTIME, bootstrap.OBSERVABILITY]


@pytest.fixture(scope="session")
def packages() -> Path:
    """Beside those of .venv, once for each list of them; skipped where they cannot be had."""
    wanted = ROOT / "requirements-observability.txt"
    folder = bootstrap.VENV / f"observability-{sha256(wanted.read_bytes()).hexdigest()[:12]}"
    uv = bootstrap.VENV / ".uv" / "bin" / "uv"
    found = str(uv) if uv.exists() else shutil.which("uv")
    with (bootstrap.VENV / ".observability-lock").open("a") as lock:
        flock(lock, LOCK_EX)
        if not (folder / ".whole").exists():
            shutil.rmtree(folder, ignore_errors=True)
            pip = (
                [found, "pip", "install", "--quiet", "--python", sys.executable]
                if found
                else [sys.executable, "-m", "pip", "install"]
            )
            ended = subprocess.run([*pip, "--require-hashes", "--target", folder, "-r", wanted], capture_output=True, text=True)
            if ended.returncode:
                pytest.skip(f"the optional packages cannot be installed: {ended.stderr.strip()[-200:]}")
            (folder / ".whole").touch()
    return folder


class Sink:
    """Takes whatever is posted to it."""

    def __init__(self) -> None:
        self.bodies: dict[str, list[bytes]] = {}
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                packed = {"gzip": gzip.decompress, "deflate": zlib.decompress}.get(
                    self.headers.get("Content-Encoding", ""), bytes
                )
                sink.bodies.setdefault(self.path, []).append(packed(body))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def whole(self, path: str) -> bytes:
        return b"\n".join(self.bodies.get(path, []))


@contextmanager
def sink() -> Iterator[Sink]:
    there = Sink()
    try:
        yield there
    finally:
        there.close()


async def test_spans_of_requests_questions_and_joins_are_sent(
    instance: Instance, packages: Path, tmp_path: Path, connect: Connect
):
    with sink() as there:
        more = {
            "PYTHONPATH": str(packages),
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{there.address}",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        traced = Looked({**instance.env, **more}, tmp_path / "output", workers=1)
        traced.start()
        try:
            user = traced.sign_up("traced")
            server, channel = traced.voice_channel(user)
            assert traced.api("GET", f"/servers/{server}?secret=hidden", user["token"]).status_code == 200
            client = await connect(user, instance=traced)
            await client.join(channel)
            names = (
                b"GET /api/servers/<id:server_id>",
                b"SELECT",
                b"INSERT INTO",
                b"join",
                b"projectvoice.userId",
                b"db.query.text",
            )
            until(lambda: all(name in there.whole("/v1/traces") for name in names))
        finally:
            traced.stop()
        sent = there.whole("/v1/traces")
    for secret in (user["token"], user["user"]["email"], "hidden", "password123"):
        assert secret.encode() not in sent
    assert b"service.name" in sent
    assert b"projectvoice" in sent


BREAK = """
import logging
from telemetry import context, process, reports
process.call("web-0")
reports.start({dsn!r}, "1.2.3", "web-0")
secret = "a-variable-that-nobody-sees"
with context.within(requestId="r1", userId=7, roomId="5"):
    try:
        raise ValueError("no such row: (email)=(anna@example.com) at 192.0.2.7 by {token}")
    except ValueError:
        logging.getLogger("room").exception("It broke for %s at %s", "anna@example.com", "/api/webhooks/7/tokentoken")
logging.getLogger("room").warning("this is no error")
import sentry_sdk
sentry_sdk.flush()
"""


def test_an_error_reaches_sentry_without_what_it_is_not_to_know(packages: Path):
    token = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjo3fQ.c2lnbmF0dXJl"
    with sink() as there:
        ended = command("-c", BREAK.format(dsn=f"http://key@{there.address}/1", token=token), PYTHONPATH=str(packages))
        assert ended.returncode == 0, ended.stderr
        until(lambda: there.bodies)
        sent = b"\n".join(body for bodies in there.bodies.values() for body in bodies)
    events = [json.loads(line) for line in sent.splitlines() if b'"exception"' in line]
    assert len(events) == 1
    event = events[0]
    assert (event["release"], event["server_name"], event["user"]) == ("projectvoice@1.2.3", "web-0", {"id": "7"})
    assert event["tags"] == {"requestId": "r1", "roomId": "5"}
    error = event["exception"]["values"][0]
    assert error["type"] == "ValueError"
    assert error["value"].startswith("no such row: … at … by …")
    for secret in ("anna@example.com", "192.0.2.7", token, "tokentoken"):
        assert secret.encode() not in sent
    assert all("vars" not in frame for frame in error["stacktrace"]["frames"])


def test_of_an_event_only_what_is_known_to_be_harmless_is_kept():
    event = {
        "event_id": "e1",
        "level": "error",
        "request": {"url": "https://voice.example.com", "headers": {"Authorization": "Bearer x"}, "data": "body"},
        "user": {"ip_address": "192.0.2.7"},
        "extra": {"request": "<ASGIRequest: GET '/api/webhooks/7/token'>"},
        "breadcrumbs": {"values": [{"message": "SELECT"}]},
        "contexts": {"runtime": {}},
        "logentry": {"message": "Internal Server Error: %s", "params": ["/api/webhooks/7/token"]},
    }
    assert harmless(event, {}) == {
        "event_id": "e1",
        "level": "error",
        "tags": {},
        "logentry": {"message": "Internal Server Error: %s", "formatted": "Internal Server Error: %s"},
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The database does not answer", "The database does not answer"),
        ("connection to 10.1.2.3 port 5432 failed", "connection to … port 5432 failed"),
        ("from 2001:db8::7 and fe80::1", "from … and …"),
        ("redis://user:secret@host:6379/0 is away", "… is away"),
        ("Key (email)=(anna@example.com) already exists", "Key … already exists"),
        ("token pvb_0123456789abcdefghijklmnop", "token …"),
        ("at 12:30:45", "at …"),
    ],
)
def test_words_are_masked(text: str, shown: str):
    assert masked(text) == shown


def test_long_words_are_cut():
    assert len(masked("word " * 1000)) == 500
