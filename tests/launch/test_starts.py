"""What a start loads: no more than its process needs. Counted in modules, since times depend on the machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class
from django.core.management.base import ALL_CHECKS

from launch.test import bytecode
from tests.conftest import PATIENCE, ROOT

NOBODY = "postgresql://127.0.0.1:1/projectvoice"
OF_REQUESTS = {"projectvoice.urls", "projectvoice.api", "rest_framework.views", "panel.site"}
OF_THE_DOCUMENT = {"projectvoice.kernel.schema", "accounts.schema", "drf_spectacular.openapi", "drf_spectacular.plumbing"}
OF_RARE_ACTS = {"segno", "storages", "boto3"}
WITH_ALL_CHECKS = {
    "migrate",  # Django's own, once for each release
    "sdk_types",  # for developers
}


def start(code: str, **environment: str) -> "tuple[set[str], subprocess.CompletedProcess[str]]":
    """All modules that it has loaded in the end, and how that was."""
    look = f"import atexit, sys; atexit.register(lambda: print('loaded', *sys.modules))\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", look],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
    )
    return set(done.stdout.rpartition("loaded ")[2].split()), done


def manage(*command: str, **environment: str) -> "tuple[set[str], subprocess.CompletedProcess[str]]":
    code = f"from django.core.management import execute_from_command_line as run; run({['manage.py', *command]!r})"
    return start(code, **environment)


def test_the_relay_loads_nothing_of_requests_their_document_and_pushes():
    modules, done = manage("runturn", "--help")
    assert (done.returncode, "turn.process" in modules) == (0, True), done.stderr
    assert not modules & {*OF_REQUESTS, *OF_THE_DOCUMENT, *OF_RARE_ACTS, "h11"}


def test_a_command_loads_nothing_of_requests_and_their_document():
    modules, done = manage("verify_audit", DATABASE_URL=NOBODY)
    assert "OperationalError" in done.stderr  # so it had come that far
    assert not modules & (OF_REQUESTS | OF_THE_DOCUMENT | OF_RARE_ACTS)


def test_a_web_process_loads_nothing_of_rare_acts():
    modules, done = start("import projectvoice.asgi; from django.urls import get_resolver; get_resolver().url_patterns")
    assert (done.returncode, modules >= OF_REQUESTS) == (0, True), done.stderr
    assert not modules & {*OF_RARE_ACTS, "accounts.schema", "accounts.examples"}


def test_a_health_check_needs_no_packages():
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import launch.ready"], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr


def test_no_command_of_ours_looks_for_mistakes_in_the_code():
    rooms = {config.name for config in apps.get_app_configs() if Path(config.path).is_relative_to(ROOT / config.name)}
    commands = {name: load_command_class(room, name) for name, room in get_commands().items() if room in rooms}
    assert {"backup", "push_events", "runturn"} < set(commands)
    assert {name for name, command in commands.items() if command.requires_system_checks == ALL_CHECKS} == WITH_ALL_CHECKS


def test_a_command_still_names_a_setting_that_cannot_be_meant():
    _, done = manage("verify_audit", DATABASE_URL=NOBODY, ALLOWED_ORIGINS="nowhere")
    assert "SystemCheckError" in done.stderr
    assert "'nowhere' in CORS_ALLOWED_ORIGINS" in done.stderr


@pytest.mark.parametrize(("said", "kept"), [("1", True), ("", False)])
def test_processes_of_a_test_run_share_bytecode_where_the_shell_wants_none_beside_the_code(
    tmp_path: Path, said: str, kept: bool
):
    shell = {"PYTHONDONTWRITEBYTECODE": said}
    environment = {"PATH": os.environ["PATH"], **shell, **bytecode(tmp_path, shell)}
    code = tmp_path / "code" / "compiled_once.py"
    code.parent.mkdir()
    code.write_text("")
    subprocess.run([sys.executable, "-c", "import compiled_once"], cwd=code.parent, env=environment, check=True)
    assert bool(list((tmp_path / "bytecode").rglob("compiled_once.*.pyc"))) is kept
    assert bool(list(code.parent.rglob("*.pyc"))) is not kept
