"""One machine with systemd, as its page says, in a Debian that was booted in a container: `./test --containers`."""

import json
import re
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.deploy import files
from tests.deploy.docker import BUILDING, run, stand_in
from tests.deploy.engine import until

PAGE = ROOT / "docs" / "deployment.md"
SETTINGS = "ALLOWED_HOSTS=localhost\nALLOWED_ORIGINS=https://localhost\nPUBLIC_URL=https://localhost\n"
BY_HAND = ("apt install", "git clone", "journalctl")  # done by the image and here
NAME = "projectvoice-systemd"
SYS_RESOURCE = 24  # capabilities(7)


class Machine:
    def does(self, command: str, within: float = 60) -> str:
        return run("docker", "exec", "--workdir", "/opt/projectvoice", NAME, "sh", "-ec", command, within=within)

    def health(self) -> bool:
        asked = self.does("curl -sk https://localhost/api/health || true")
        return asked.startswith("{") and json.loads(asked)["status"] == "ok"

    def log(self) -> str:
        return self.does("journalctl --no-pager --lines 50 --unit projectvoice")


def said_by_the_page() -> list[str]:
    chapter = PAGE.read_text().partition("## One machine, with systemd")[2]
    lines = re.search(r"```\n(.*?)```", chapter, re.DOTALL)
    assert lines
    return [line.partition("  #")[0].strip() for line in lines[1].splitlines()]


@pytest.fixture(scope="module")
def machine(containers: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """It has been set up by the commands of the page."""
    if not containers:
        pytest.skip("asked for by ./test --containers")
    capabilities = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff"))
    less = () if int(capabilities.split()[1], 16) >> SYS_RESOURCE & 1 else ("--cap-drop", "SYS_RESOURCE")
    run("docker", "run", "--detach", "--name", NAME, "--cap-add", "ALL", *less, "--security-opt", "seccomp=unconfined",
        "--tmpfs", "/run", "--tmpfs", "/run/lock", "--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw", "--cgroupns", "host",
        "--env", "container=docker", stand_in("systemd"))  # fmt: skip
    try:
        machine = Machine()
        sources = tmp_path_factory.mktemp("sources") / "projectvoice"
        files.check_out(sources)
        run("docker", "cp", sources, f"{NAME}:/opt/projectvoice")
        machine.does("chown -R root:root /opt/projectvoice")
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        if less:  # it may not raise its own limits
            machine.does("mkdir -p /etc/systemd/system/projectvoice.service.d")
            machine.does(f"printf '[Service]\\nLimitNOFILE={most}\\n' > /etc/systemd/system/projectvoice.service.d/here.conf")
        for line in said_by_the_page():
            if not line.startswith(BY_HAND):
                machine.does(line, within=BUILDING)
            if line.endswith("/etc/projectvoice/environment"):
                machine.does(f"printf '{SETTINGS}' > /etc/projectvoice/environment")
            if line.endswith("/etc/caddy/"):
                machine.does("sed -i s/voice.example.com/localhost/ /etc/caddy/Caddyfile")
        until(machine.health, machine.log, within=BUILDING, pause=1)
        yield machine
    finally:
        run("docker", "rm", "--force", "--volumes", NAME)


def test_the_page_leads_to_an_instance_behind_its_proxy(machine: Machine) -> None:
    assert "Administrator created: admin@localhost" in machine.does("journalctl --no-pager --unit projectvoice")
    assert machine.does("stat -c '%U %a' /var/lib/projectvoice").split() == ["projectvoice", "700"]
    assert machine.does("systemctl --failed --plain --no-legend").strip() == ""


def test_its_processes_can_nothing(machine: Machine) -> None:
    ids = machine.does("systemctl show --value --property MainPID projectvoice").split()
    ids += machine.does(f"pgrep --parent {ids[0]}").split()
    assert len(ids) > 3
    for one in ids:
        status = machine.does(f"cat /proc/{one}/status")
        told = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert (int(told["CapEff"], 16), told["NoNewPrivs"], told["Seccomp"]) == (0, "1", "2")
        with pytest.raises(AssertionError, match="Read-only file system"):
            machine.does(f"nsenter --target {one} --mount touch /opt/projectvoice/mine")


def test_it_comes_back_from_a_kill_and_a_restart(machine: Machine) -> None:
    before = machine.does("systemctl show --value --property MainPID projectvoice")
    machine.does("systemctl kill --signal KILL --kill-who main projectvoice")
    until(
        lambda: (
            machine.does("systemctl show --value --property MainPID projectvoice") not in (before, "0\n") and machine.health()
        ),
        machine.log,
        within=BUILDING,
        pause=1,
    )
    machine.does("systemctl restart projectvoice", within=BUILDING)
    until(machine.health, machine.log, within=BUILDING, pause=1)


def test_the_nightly_backup_is_made(machine: Machine) -> None:
    assert "projectvoice-backup.timer" in machine.does("systemctl list-timers --no-pager")
    machine.does("systemctl start projectvoice-backup", within=BUILDING)
    made = machine.does("stat -c '%U %a %n' /var/lib/projectvoice-backups/*.tar").split()
    assert made[:2] == ["projectvoice", "600"]


def test_it_ends_when_it_is_told_to(machine: Machine) -> None:
    machine.does("systemctl stop projectvoice", within=BUILDING)
    assert machine.does("systemctl show --value --property Result,ExecMainStatus projectvoice").split() == ["success", "0"]
    left = machine.does("ps -u projectvoice -o pid= || true")
    assert left.split() == []
    machine.does("systemctl start projectvoice")
    until(machine.health, machine.log, within=BUILDING, pause=1)
