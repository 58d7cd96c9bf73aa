"""Makes .venv and installs the pinned requirements into it, once per requirements file and Python version.

./run does so by itself; `python3 -m launch.bootstrap` does nothing but that, for a ./run that may not write beside the code.
"""

import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from launch.console import LaunchError, say
from launch.options import ROOT

VENV = ROOT / ".venv"
RUNTIME = ROOT / "requirements.txt"
DEVELOPMENT = ROOT / "requirements-dev.txt"
OBSERVABILITY = ROOT / "requirements-observability.txt"
OBSERVED_BY = ("SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT")  # settings that need it
UV = "uv==0.13.8"
Command = Sequence[str | Path]
NO_VENV = "Could not make a virtual environment. On Debian or Ubuntu: apt install python3-venv"


def stamp(requirements: Path, python_version: str) -> str:
    """What .venv remembers once this file is installed: changes with its bytes and with the Python."""
    digest = hashlib.sha256(python_version.encode() + b"\0" + requirements.read_bytes())
    return f"{requirements.name} {digest.hexdigest()}"


def requirements(environment: Mapping[str, str]) -> list[Path]:
    """What these settings need."""
    asked = any(environment.get(setting, "").strip() for setting in OBSERVED_BY)
    return [RUNTIME, OBSERVABILITY] if asked else [RUNTIME]


def ensure_venv(wanted: Sequence[Path], venv: Path = VENV) -> Path:
    """The Python of a .venv that has all the wanted requirements. Two callers at once do the work once."""
    python = venv / "bin" / "python"
    version = _version_of(python)
    if version and not _missing(wanted, venv, version):
        return python
    try:
        venv.mkdir(exist_ok=True)
        with (venv / ".launch-lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _install(wanted, venv)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        raise LaunchError(f"Cannot write {error.filename}: run as the owner of {venv.parent}, or copy the folder.") from error
    return python


def install_apart(requirements: Path, target: Path, venv: Path) -> bool:
    """These alone, into a folder that no Python of ours looks at. Why it could not is printed."""
    installer: _Uv | _Pip = _Uv.find(venv) or _Pip(venv)
    return installer.install(requirements, "--no-deps", "--target", target)


def _install(wanted: Sequence[Path], venv: Path) -> None:
    python, begun = venv / "bin" / "python", time.monotonic()
    version = _version_of(python)
    missing = _missing(wanted, venv, version)
    if not missing:
        return
    say(f"Installing {', '.join(path.name for path in missing)} into {venv.name} (first start, or they changed) ...")
    if not version:
        _empty(venv)
    installer: _Uv | _Pip = _Uv.find(venv) or _Pip(venv)
    if not version:
        installer.create(venv)
        version = _version_of(python)
        if not version:
            raise LaunchError(NO_VENV)
    for requirements in missing:
        if not installer.install(requirements):
            raise LaunchError(f"Could not install {requirements.name}; the reason is above.")
        stamps = [line for line in _stamps(venv) if not line.startswith(f"{requirements.name} ")]
        (venv / ".launch-stamps").write_text("\n".join([*stamps, stamp(requirements, version)]) + "\n")
    say(f"Installed in {time.monotonic() - begun:.0f} s.")


def _missing(wanted: Sequence[Path], venv: Path, version: str) -> list[Path]:
    known = _stamps(venv)
    return [path for path in wanted if stamp(path, version) not in known]


def _stamps(venv: Path) -> list[str]:
    try:
        return (venv / ".launch-stamps").read_text().splitlines()
    except FileNotFoundError:
        return []


def _version_of(python: Path) -> str:
    """Empty when it does not run, is too old, or was made by another Python than the one it now leads to."""
    probe = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
    try:
        command: Command = [python, "-I", "-S", "-c", probe]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    version = done.stdout.strip()
    major, minor, *_ = version.split(".")
    packages = python.parent.parent / "lib" / f"python{major}.{minor}" / "site-packages"
    return version if (int(major), int(minor)) >= (3, 11) and packages.is_dir() else ""


def _empty(venv: Path) -> None:
    """Remove everything but the lock, which others may be waiting for."""
    for entry in venv.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != ".launch-lock":
            entry.unlink()


def _succeeds(command: Command, environment: Mapping[str, str] | None = None, *, quiet: bool = False) -> bool:
    output = subprocess.DEVNULL if quiet else None
    done = subprocess.run(command, env=environment, stdout=output, stderr=output, check=False)
    return done.returncode == 0


class _Pip:
    """The slow way that is nearly always there."""

    def __init__(self, venv: Path) -> None:
        self._python = venv / "bin" / "python"

    def create(self, venv: Path) -> None:
        if not _succeeds([sys.executable, "-m", "venv", venv], quiet=True):
            raise LaunchError(NO_VENV)

    def install(self, requirements: Path, *options: str | Path) -> bool:
        if not _succeeds([self._python, "-m", "pip", "--version"], quiet=True):
            _succeeds([self._python, "-m", "ensurepip"], quiet=True)
        # Compiling everything in advance takes longer than compiling what is imported.
        command: Command = [self._python, "-m", "pip", "install", "--quiet", "--no-compile"]
        return _succeeds([*command, "--disable-pip-version-check", "--require-hashes", "-r", requirements, *options])


class _Uv:
    """Five times faster than pip."""

    def __init__(self, executable: Path, venv: Path) -> None:
        self._uv = executable
        self._python = venv / "bin" / "python"
        self._pip = _Pip(venv)
        self._environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(venv)}
        if "PIP_CERT" in os.environ:
            self._environment.setdefault("SSL_CERT_FILE", os.environ["PIP_CERT"])
        if not os.access(Path.home(), os.W_OK):
            self._environment["UV_NO_CACHE"] = "1"

    @classmethod
    def find(cls, venv: Path) -> "_Uv | None":
        on_path = shutil.which("uv")
        if on_path:
            return cls(Path(on_path), venv)
        home = venv / ".uv"
        executable = home / "bin" / "uv"
        if not executable.exists():
            # --target is allowed even where the system Python is "externally managed".
            command = [sys.executable, "-m", "pip", "install", "--no-deps", "--only-binary", ":all:"]
            _succeeds([*command, "--upgrade", "--target", home, UV], quiet=True)
        return cls(executable, venv) if executable.exists() else None

    def create(self, venv: Path) -> None:
        command: Command = [self._uv, "venv", "--quiet", "--allow-existing", "--no-project"]
        if not _succeeds([*command, "--python", sys.executable, venv], self._environment):
            self._pip.create(venv)

    def install(self, requirements: Path, *options: str | Path) -> bool:
        command: Command = [self._uv, "pip", "install", "--quiet", "--python", self._python]
        if _succeeds([*command, "--require-hashes", "-r", requirements, *options], self._environment, quiet=True):
            return True
        say("uv could not; trying pip, which takes longer ...")
        return self._pip.install(requirements, *options)


if __name__ == "__main__":
    try:
        ensure_venv([RUNTIME])
    except LaunchError as error:
        sys.exit(str(error))
