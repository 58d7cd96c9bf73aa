"""What lies in deploy/observability and docs/observability.md says what a running instance tells."""

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from bench.ports import free_port
from tests.conftest import PATIENCE, ROOT
from tests.telemetry.conftest import Looked
from tests.turn.test_runturn import serving

FILES = ROOT / "deploy" / "observability"
DOCS = ROOT / "docs" / "observability.md"
NAME = re.compile(r"\bprojectvoice_[a-z0-9_]+")
ROW = re.compile(r"^\| `(projectvoice_\w+)` \| (\w+) \| (.*?) \| (.*) \|$", re.MULTILINE)
SUFFIX = re.compile("_(bucket|count|sum)$")

Families = dict[str, tuple[str, str, set[str]]]
"""Type, help and labels that were seen."""


def families(text: str) -> Families:
    found: Families = {}
    for family in text_string_to_metric_families(text):
        name = family.name + ("_total" if family.type == "counter" else "")
        labels = {label for one in family.samples for label in one.labels} - {"le"}
        found[name] = (family.type, family.documentation, labels)
    return found


@pytest.fixture(scope="module")
def told(looked: Looked) -> Families:
    port = str(free_port())
    with serving("--metrics-port", port):
        relay = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE).text
    return families(looked.metrics().text) | families(relay)


def dashboards() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dashboards", FILES / "dashboards.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rules() -> str:
    return (FILES / "rules.yml").read_text()


def test_every_metric_is_described_and_every_one_described_is_told(told: Families):
    described = {
        name: (kind, about, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels, about in ROW.findall(DOCS.read_text())
    }
    assert sorted(described) == sorted(told)
    for name, (kind, about, labels) in told.items():
        assert described[name][:2] == (kind, about), name
        assert labels <= described[name][2], name


@pytest.mark.parametrize("file", sorted(path.name for path in (FILES / "grafana").glob("*.json")))
def test_a_dashboard_asks_for_what_there_is(told: Families, file: str):
    text = (FILES / "grafana" / file).read_text()
    board = json.loads(text)
    assert text == dashboards().text(Path(file).stem), "python deploy/observability/dashboards.py writes it anew"
    assert {"uid", "title", "panels", "templating", "schemaVersion", "time"} <= board.keys()
    assert [variable["name"] for variable in board["templating"]["list"]] == ["source", "instance"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]
    assert len(set(places)) == len(places) == len({panel["id"] for panel in board["panels"]})
    for panel in board["panels"]:
        assert panel["title"]
        assert panel["targets"]
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        for target in panel["targets"]:
            names = NAME.findall(target["expr"])
            assert names
            assert {SUFFIX.sub("", name) if SUFFIX.sub("", name) in told else name for name in names} <= told.keys()


def test_every_dashboard_has_its_file():
    assert sorted(dashboards().DASHBOARDS) == sorted(path.stem for path in (FILES / "grafana").glob("*.json"))


def test_every_metric_is_shown_somewhere_or_alerts(told: Families):
    written = rules() + "".join(path.read_text() for path in (FILES / "grafana").glob("*.json"))
    named = {SUFFIX.sub("", name) if SUFFIX.sub("", name) in told else name for name in NAME.findall(written)}
    assert told.keys() - named == set()


def test_alerts_ask_for_what_there_is_and_have_a_line_in_the_runbook(told: Families):
    assert {SUFFIX.sub("", name) if SUFFIX.sub("", name) in told else name for name in NAME.findall(rules())} <= told.keys()
    alerts = re.findall(r"- alert: (\w+)", rules())
    assert len(set(alerts)) == len(alerts) > 20
    assert re.findall(r"runbook: docs/observability.md#(\w+)", rules()) == [alert.lower() for alert in alerts]
    assert re.findall(r'^\| <a id="(\w+)"></a>\w+ \| .+ \| .+ \|$', DOCS.read_text(), re.MULTILINE) == [
        alert.lower() for alert in alerts
    ]


def promtool(*arguments: str) -> str:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    ended = subprocess.run([program, *arguments], cwd=FILES, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_prometheus_understands_the_rules_and_alerts_when_it_should():
    assert "SUCCESS" in promtool("check", "rules", "rules.yml")
    assert "SUCCESS" in promtool("test", "rules", "rules_test.yml")


def test_prometheus_understands_what_to_scrape():
    promtool("check", "config", "--syntax-only", "prometheus.yml")


def test_prometheus_understands_what_dashboards_ask(tmp_path: Path):
    """Each question as a rule that records its answer."""
    lines = ["groups:", "  - name: dashboards", "    rules:"]
    for path in sorted((FILES / "grafana").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                asked = target["expr"].replace("$__rate_interval", "5m").replace("$instance", ".*")
                lines += [
                    "      - record: asked",
                    f"        expr: {json.dumps(asked)}",
                    f"        labels: {{number: '{len(lines)}'}}",
                ]
    (tmp_path / "asked.yml").write_text("\n".join(lines))
    promtool("check", "rules", str(tmp_path / "asked.yml"))


def test_prometheus_finds_nothing_wrong_with_what_is_told(looked: Looked):
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    ended = subprocess.run([program, "check", "metrics"], input=looked.metrics().text, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
