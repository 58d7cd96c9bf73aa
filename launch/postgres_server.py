"""A PostgreSQL server for as long as somebody is inside `running`, on one data folder, with the programs that fit it."""

import asyncio
import contextlib
import locale
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from launch.console import LaunchError
from launch.crew import Child, Command, Crew, ending
from launch.keeping import Kept
from launch.postgres_programs import Programs

OWNER = DATABASE = "app"
"""The role that the application signs in as: it owns its database, and may do nothing beyond but make others (./test does)."""
SUPERUSER = "postgres"
PORT = 5432  # of a Unix socket: a part of its name
START_TIMEOUT = 60.0  # recovery after a crash included
STOP_GRACE = 10.0


@dataclass(frozen=True)
class Server:
    programs: Programs
    data: Path
    sockets: Path
    settings: Mapping[str, str]
    user: tuple[int, int] | None
    """Whom it runs as; None: ourselves."""
    port: int = PORT
    environment: Mapping[str, str] = field(default_factory=lambda: _environment())

    @property
    def major(self) -> int:
        """Of the data folder; 0 if it holds no database."""
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return 0

    async def create(self, crew: Crew, *, sync: bool = True) -> None:
        """The application's role and its empty database included."""
        command: list[str | Path] = [self.programs.bin / "initdb", "-D", self.data, "-U", SUPERUSER, "-A", "trust"]
        # With the C locale the full-text search would not know that Cyrillic letters are letters.
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={self.environment['LC_ALL']}"]
        command += ["--encoding=UTF8", "--no-instructions", *([] if sync else ["--no-sync"])]
        await self.run("initdb", command, crew)
        # Single-user mode: no client program and no driver is needed.
        command = [self.programs.bin / "postgres", "--single", "-D", self.data, *_flags(self.settings), "postgres"]
        with tempfile.TemporaryFile() as sql:
            sql.write(f"CREATE ROLE {OWNER} LOGIN CREATEDB;\nCREATE DATABASE {DATABASE} OWNER {OWNER};\n".encode())
            sql.seek(0)
            await self.run("create database", command, crew, stdin=sql)

    @contextlib.asynccontextmanager
    async def running(self, crew: Crew) -> AsyncIterator[None]:
        """One that dies meanwhile is followed by another."""
        server = Kept(crew, partial(self._start, crew), STOP_GRACE)
        try:
            child = await server.begin()
            await self._until_ready(child.process.pid)
            server.settled = True
            yield
        finally:
            await server.stop()

    async def _start(self, crew: Crew) -> Child:
        await self.end_leftover(crew)
        settings = {**self.settings, "unix_socket_directories": str(self.sockets), "port": str(self.port)}
        return await crew.start(
            "postgres",
            [self.programs.bin / "postgres", "-D", self.data, *_flags(settings)],
            self.environment,
            quiet=True,
            user=self.user,
            cwd=Path("/"),
            # SIGINT is its fast shutdown; on SIGTERM it would wait for its clients.
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
        )

    async def ask(self, sql: str, crew: Crew, role: str = OWNER) -> list[str]:
        """What psql prints: a line a row. While it is `running`."""
        with tempfile.TemporaryFile() as script:
            script.write(sql.encode())
            script.seek(0)
            command: Command = [self.programs.bin / "psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", *self.address(role)]
            child = await crew.start(
                "psql",
                command,
                {**self.environment, "PGOPTIONS": "-c client_min_messages=warning"},
                quiet=True,
                lines_kept=None,
                user=self.user,
                cwd=Path("/"),
                stdin=script,
            )
            try:
                status = await child.wait()
            finally:
                await child.stop(STOP_GRACE)
        if status:
            raise LaunchError(ending(child, status))
        return list(child.last_lines)

    def address(self, role: str = OWNER) -> list[str]:
        """As PostgreSQL's client programs are told where to go."""
        return ["-h", str(self.sockets), "-p", str(self.port), "-U", role, "-d", DATABASE]

    async def run(self, name: str, command: Command, crew: Crew, stdin: IO[bytes] | None = None) -> None:
        await crew.run(name, command, self.environment, quiet=True, user=self.user, cwd=Path("/"), stdin=stdin)

    async def end_leftover(self, crew: Crew) -> None:
        """A supervisor killed with -9 may leave the server running, and any crash leaves its lock files."""
        path = self.sockets / f".s.PGSQL.{self.port}"
        pid = _first_number(self.data / "postmaster.pid")
        if pid and _answers(path):
            command: Command = [self.programs.bin / "pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "30", "stop"]
            with contextlib.suppress(LaunchError):  # it ended by itself meanwhile
                await self.run("pg_ctl", command, crew)
        for _ in range(int(STOP_GRACE / 0.05)):
            if not _runs_postgres(pid):
                break
            await asyncio.sleep(0.05)
        for lock in (self.data / "postmaster.pid", path.with_name(f"{path.name}.lock")):
            # PostgreSQL believes in a number that is a zombie, or in a new container another program.
            if not _runs_postgres(_first_number(lock)):
                lock.unlink(missing_ok=True)

    async def _until_ready(self, pid: int) -> None:
        pid_file = self.data / "postmaster.pid"
        for _ in range(int(START_TIMEOUT / 0.02)):
            with contextlib.suppress(OSError):
                lines = pid_file.read_text().splitlines()
                if len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready":
                    return
            await asyncio.sleep(0.02)
        raise LaunchError(f"PostgreSQL did not become ready within {START_TIMEOUT:g} s ({self.data}).")


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": _character_locale()}


def _flags(settings: Mapping[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


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
