"""An instance of two workers and a pusher that is looked at: its figures, and the lines of its log."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from launch import workers
from tests.conftest import PATIENCE, ROOT, Instance
from tests.protocol.conftest import connect as connect
from tests.watched import Watched

TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


class Looked(Instance):
    """Its output is kept. Figures are read as Prometheus reads them."""

    def __init__(self, env: dict[str, str], output: Path, workers: int = 2) -> None:
        super().__init__(env, workers=workers)
        self._output = output

    def _begin(self, number: int) -> "subprocess.Popen[bytes]":
        descriptor = self._listener.fileno()
        env = self.env | workers.environment_of(number, self._workers, self.sockets)
        with self._output.open("ab") as output:
            command = workers.command(sys.executable, [descriptor])
            return subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=[descriptor], stderr=output, stdout=output)

    @property
    def output(self) -> str:
        return self._output.read_text()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.splitlines()]

    def line(self, **wanted: Any) -> dict[str, Any]:
        """The first that says so, as soon as it is there."""
        return until(lambda: next((line for line in self.lines if wanted.items() <= line.items()), None))

    def metrics(self, token: str = TOKEN, **headers: str) -> requests.Response:
        return requests.get(f"{self.url}/metrics", headers={"Authorization": f"Bearer {token}", **headers}, timeout=PATIENCE)

    def figures(self) -> Figures:
        return figures_of(self.metrics().text)


def figures_of(text: str) -> Figures:
    """By name and labels."""
    families = text_string_to_metric_families(text)
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def value(figures: Figures, name: str, **labels: str) -> float:
    """Nothing counted is 0."""
    return figures.get((name, tuple(sorted(labels.items()))), 0.0)


def until(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (answer := found()):
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.05)
    return answer


@pytest.fixture(scope="session")
def looked(instance: Instance) -> Iterator[Looked]:
    more = {"METRICS_TOKEN": TOKEN, "LOG_FORMAT": "json", "ACCESS_LOG": "on", "TRUSTED_PROXIES": "127.0.0.1"}
    with TemporaryDirectory() as folder:
        looked = Looked({**instance.env, **more}, Path(folder) / "output")
        looked.start()
        pusher = Watched(
            [sys.executable, "manage.py", "push_events"], looked.env | {"VOICE_SOCKETS": str(looked.sockets)}, cwd=ROOT
        )
        try:
            until((looked.sockets / "push.figures").exists)
            yield looked
        finally:
            pusher.end()
            looked.stop()


def environment(**more: str) -> Mapping[str, str]:
    return {**os.environ, **more}
