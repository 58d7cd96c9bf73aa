"""What only a container engine does with compose.yaml: isolation, names, health, restarts. `./test --containers`."""

import json
import os
import signal

import pytest

from launch.options import parse_options
from launch.ready import ask_relay
from tests.deploy.docker import PROJECT, STARTING, Docker
from tests.deploy.engine import NOT_OURS, until

BACKUP = ("python", "manage.py", "backup", "--output", "/data/backups", "--keep", "14")


@pytest.fixture(autouse=True)
def town(docker: Docker | None) -> Docker:
    if docker is None:
        pytest.skip("asked for by ./test --containers")
    return docker


def ours(town: Docker) -> list[str]:
    return [name for name in town.compose["services"] if name not in (*NOT_OURS, "valkey", "migrate")]


def test_all_are_healthy_and_the_job_is_done(town: Docker) -> None:
    there = [name for name in town.compose["services"] if name not in {"caddy", "nginx"} - {town.proxy}]
    assert {name: town.inspect(name, "{{.State.Status}}") for name in there} == {
        name: "exited" if name == "migrate" else "running" for name in there
    }
    assert town.inspect("migrate", "{{.State.ExitCode}}") == "0"
    there.remove("migrate")
    assert {town.inspect(name, "{{.State.Health.Status}}") for name in there} == {"healthy"}
    assert "Administrator created: admin@example.com" in town.log("migrate")


def test_ours_are_nobody_and_write_into_their_data_alone(town: Docker) -> None:
    for name in ours(town):
        status = dict(
            line.split(":\t", 1) for line in town.inside(name, "cat", "/proc/self/status").splitlines() if ":\t" in line
        )
        assert set(status["Uid"].split()) == {"10001"}, name
        assert (int(status["CapEff"], 16), int(status["CapBnd"], 16), status["NoNewPrivs"]) == (0, 0, "1"), name
        town.inside(name, "sh", "-c", "touch /data/mine /tmp/mine && rm /data/mine /tmp/mine")
        for path in ("/app/mine", "/venv/mine", "/mine"):
            with pytest.raises(AssertionError, match="Read-only file system"):
                town.inside(name, "touch", path)
        with pytest.raises(AssertionError, match=r"not found|No module named pip"):
            town.inside(name, "sh", "-c", "python -m pip --version || cc --version")


def test_their_addresses_are_not_taken_by_others(town: Docker) -> None:
    """Whoever starts before the proxy must leave it the address that the others trust."""
    fixed = {name: town.inspect(name, "{{json .NetworkSettings.Networks}}") for name in (town.proxy, "postgres", "valkey")}
    addresses = {name: {net["IPAddress"] for net in json.loads(nets).values()} for name, nets in fixed.items()}
    assert addresses == {town.proxy: {"172.31.250.2"}, "postgres": {"172.31.251.10"}, "valkey": {"172.31.251.11"}}
    for name in ("web-a", "web-b", "voice-a", "voice-b", "push"):
        assert int(town.address(name).rpartition(".")[2]) >= 128


def test_the_database_has_no_way_out_and_nobody_a_way_in(town: Docker) -> None:
    assert town.network("back", "{{.Internal}}") == "true"
    for name in ("postgres", "valkey"):
        assert list(json.loads(town.inspect(name, "{{json .NetworkSettings.Networks}}"))) == [f"{PROJECT}_back"]
        assert town.inspect(name, "{{json .HostConfig.PortBindings}}") in ("{}", "null")


def test_the_instance_is_no_superuser_of_its_database(town: Docker) -> None:
    question = (
        "SELECT rolname, rolsuper FROM pg_roles JOIN pg_stat_activity ON usename = rolname WHERE datname = 'projectvoice'"
    )
    rights = town.inside("postgres", "psql", "--username", "postgres", "--csv", "--tuples-only", "--command", question)
    assert set(rights.split()) == {"projectvoice,f"}


def test_secrets_are_files_and_in_no_environment(town: Docker) -> None:
    for name in ours(town):
        variables = json.loads(town.inspect(name, "{{json .Config.Env}}"))
        for path in town.inside(name, "sh", "-c", "ls /run/secrets/*").split():
            secret = town.inside(name, "cat", path).strip()
            assert not any(secret in variable for variable in variables), (name, path)


@pytest.mark.parametrize("name", ["web-a", "voice-b", "push", "turn", "postgres", "valkey"])
def test_one_that_dies_is_started_again(town: Docker, name: str) -> None:
    before = town.inspect(name, "{{.State.StartedAt}}")
    os.kill(int(town.inspect(name, "{{.State.Pid}}")), signal.SIGKILL)

    def back() -> bool:
        return (
            town.inspect(name, "{{.State.StartedAt}}") != before and town.inspect(name, "{{.State.Health.Status}}") == "healthy"
        )

    until(back, lambda: town.log(name), within=STARTING, pause=1)


def test_the_relay_answers_at_the_port_of_the_machine(town: Docker) -> None:
    assert ask_relay(parse_options([], {}), "127.0.0.1") == ""


def test_the_backup_of_the_page_is_made_and_restores(town: Docker) -> None:
    town.inside("web-a", *BACKUP)
    (made,) = town.inside("web-a", "sh", "-c", "ls /data/backups/*.tar").split()
    assert "can be restored" in town.inside("web-a", "python", "manage.py", "verify_backup", made)
    assert town.inside("voice-b", "ls", made).strip() == made  # one volume for all


def test_the_image_is_small_enough(town: Docker) -> None:
    """What we put on top of Python's: a change that brings a compiler or a database along would be seen."""
    used = town.inside("web-a", "du", "--summarize", "--block-size=1M", "--total", "/app", "/venv").splitlines()[-1]
    assert int(used.split()[0]) < 300
