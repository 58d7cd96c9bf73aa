"""The SDK as a package: its types are those of this server, its own tests pass, and it holds what it should."""

import json
import subprocess

import pytest
from django.core.management import CommandError, call_command

from tests.clients.conftest import SDK
from web.management.commands.sdk_types import event_types


def npm(*command: str) -> str:
    done = subprocess.run(["npm", *command], cwd=SDK, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_types_are_those_of_the_api_and_of_the_catalogue(node):
    call_command("sdk_types", check=True)


def test_a_kind_that_says_what_the_document_does_not_know_is_refused():
    with pytest.raises(CommandError, match="The catalogue says Message"):
        event_types({})


def test_it_is_typed_strictly_inside_and_for_its_callers(node):
    npm("run", "check")


def test_its_own_tests_pass(node):
    npm("test")


def test_it_depends_on_nothing_and_holds_only_itself(node):
    package = json.loads((SDK / "package.json").read_text())
    assert not {"dependencies", "peerDependencies", "optionalDependencies"} & set(package)
    sources = {f"src/{path.relative_to(SDK / 'src')}" for path in (SDK / "src").rglob("*.js")}
    held = {file["path"] for file in json.loads(npm("pack", "--dry-run", "--json"))[0]["files"]}
    types = {name.replace("src/", "types/").replace(".js", ".d.ts") for name in sources}
    generated = {f"types/{name}.d.ts" for name in ("schema", "events", "rest", "words")}
    assert held == {"package.json", "README.md"} | sources | types | generated


def test_the_lock_file_names_no_place_to_download_from():
    assert '"resolved"' not in (SDK / "package-lock.json").read_text()
