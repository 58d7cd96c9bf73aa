"""The disk of the log is full: the service goes on, and ends well."""

import os
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import requests

from bench.ports import free_port
from launch.options import ROOT, SETTINGS
from tests.conftest import PATIENCE, Site

FULL = Path("/dev/full")  # takes no byte: "No space left on device"


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_nobody_needs_the_log():
    of_the_tests = {setting.variable for setting in SETTINGS} | {"DJANGO_SETTINGS_MODULE"}
    environment = {name: value for name, value in os.environ.items() if name not in of_the_tests}
    site = Site(free_port())
    with TemporaryDirectory(prefix="projectvoice-logs-") as folder, FULL.open("wb") as log:
        Path(folder).chmod(0o711)  # PostgreSQL under root is another user
        command = [ROOT / "run", "--port", str(site.port), "--data-dir", f"{folder}/data", "--turn", "off"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            until_ready(site, process)
            ann = site.sign_up("ann")
            for _ in range(5):  # each is a warning in the log
                assert site.api("POST", "/auth/login", email=ann["user"]["email"], password="wrong").status_code == 400
            assert site.api("GET", "/auth/me", ann["token"]).json()["username"] == ann["user"]["username"]
        finally:
            process.terminate()
            assert process.wait(PATIENCE) == 0


def until_ready(site: Site, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 2 * PATIENCE
    while True:
        try:
            if requests.get(f"{site.url}/readyz", timeout=PATIENCE).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
