"""The audit of packages, against a database that speaks as OSV does."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from bench.ports import free_port
from launch.defects import UNREACHABLE, Defect, accepted, complaints
from launch.sbom import components
from tests.conftest import ROOT


@contextmanager
def database(answer: bytes | None, *, ill: str = "") -> Iterator[str]:
    """Its address. Without an `answer` one made from the question, in which the package `ill` has a defect."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            asked = [query["package"]["purl"] for query in queries]
            results = [{"vulns": [{"id": "GHSA-1"}, {"id": "PYSEC-2"}]} if purl == ill else {} for purl in asked]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"results": results}).encode() if answer is None else answer)

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/querybatch"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def audit(url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "launch.defects"]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "OSV_URL": url}, capture_output=True, text=True, check=False)


def test_without_a_defect_all_is_well():
    with database(None) as url:
        done = audit(url)
    assert (done.returncode, done.stdout) == (0, f"{len(components())} packages without a known defect\n")


def test_a_defect_is_named_and_fails():
    ill = next(part.purl for part in components() if part.name == "django")
    with database(None, ill=ill) as url:
        done = audit(url)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [f"{ill} has {id}: https://osv.dev/{id}" for id in ("GHSA-1", "PYSEC-2")]


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b'{"results": []}'])
def test_what_is_no_answer_is_said_and_does_not_pass_for_health(answer):
    with database(answer) as url:
        done = audit(url)
    assert done.returncode == UNREACHABLE
    assert done.stdout.startswith("the database of defects gave no answer: ")


def test_nobody_there_is_said():
    assert audit(f"http://127.0.0.1:{free_port()}/").returncode == UNREACHABLE


def test_what_is_accepted_needs_a_reason_and_goes_when_it_is_mended(tmp_path):
    known, other = Defect("pkg:npm/a@1", "GHSA-1"), Defect("pkg:npm/b@1", "GHSA-2")
    assert complaints({known}, {known: "not reached"}) == []
    assert complaints({known, other}, {known: "not reached"}) == ["pkg:npm/b@1 has GHSA-2: https://osv.dev/GHSA-2"]
    assert complaints(set(), {known: "not reached"}) == ["pkg:npm/a@1 has GHSA-1 no longer: accepted_defects.toml"]
    file = tmp_path / "accepted.toml"
    file.write_text('[[accepted]]\npackage = "pkg:npm/a@1"\nid = "GHSA-1"\nreason = " "\n')
    with pytest.raises(ValueError, match="every accepted defect needs its reason"):
        accepted(file)
    file.write_text(file.read_text().replace('" "', '"not reached"'))
    assert accepted(file) == {known: "not reached"}


def test_ours_have_their_reasons():
    assert all(accepted().values())
