"""The list of what we are made of: true, whole, and as CycloneDX wants it."""

import json
import subprocess
import sys
from importlib.metadata import distribution
from importlib.resources import files

import jsonschema_rs
import pytest

from launch.sbom import bom, components
from tests.conftest import ROOT

SCHEMAS = files("cyclonedx.schema") / "_res"


def schema(name: str) -> dict:
    return json.loads((SCHEMAS / f"{name}.SNAPSHOT.schema.json").read_text())


@pytest.fixture(scope="module")
def made() -> dict:
    """By the command, as somebody would."""
    done = subprocess.run([sys.executable, "-m", "launch.sbom"], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_it_is_as_cyclonedx_wants_it(made):
    others = ("spdx", "jsf-0.82", "cryptography-defs")
    registry = jsonschema_rs.Registry(
        [(f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", schema(name)) for name in others]
    )
    validator = jsonschema_rs.Draft7Validator(schema("bom-1.6"), registry=registry)
    assert [error.message for error in validator.iter_errors(made)] == []
    assert not validator.is_valid({**made, "components": [{"type": "library"}]})


def test_the_same_files_give_the_same_list(made):
    assert made == json.loads(json.dumps(bom()))


def test_it_holds_what_is_installed_and_what_the_page_loads(made):
    found = {part["purl"]: part["scope"] for part in made["components"]}
    for name in ("django", "uvicorn", "cryptography"):
        assert found[f"pkg:pypi/{name}@{distribution(name).version}"] == "required"
    assert found[f"pkg:pypi/pytest@{distribution('pytest').version}"] == "excluded"
    locked = json.loads((ROOT / "tests" / "js" / "package-lock.json").read_text())["packages"]
    for name in ("preact", "htm", "@preact/signals"):
        version = locked[f"node_modules/{name}"]["version"]
        assert found[f"pkg:npm/{name.replace('@', '%40')}@{version}"] == "required"
    assert made["dependencies"][0]["dependsOn"] == sorted(purl for purl, scope in found.items() if scope == "required")


def test_every_pinned_line_is_in_it():
    pinned = [
        line for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if "==" in line and not line.startswith(" ")
    ]
    names = {part.name for part in components() if part.kind == "pypi"}
    assert {line.split("==")[0].split("[")[0].lower() for line in pinned} <= names
