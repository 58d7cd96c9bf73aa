"""The embedded PostgreSQL of a data folder: made, brought up to what this release brings, and served."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from launch.console import LaunchError, say
from launch.crew import Crew
from launch.folders import SHARED, make_enterable, make_private, others_may_enter, short_name, socket_folder, unprivileged_user
from launch.postgres_changes import copied, superuser_parted
from launch.postgres_programs import former, ours
from launch.postgres_server import DATABASE, OWNER, PORT, Server

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
    def __init__(self, home: Path, venv: Path, *, throw_away: bool = False, former_programs: str = "") -> None:
        """`former_programs`: a folder with those of the major version that an old data folder was made by."""
        self._user, self._venv, self._former = unprivileged_user(), venv, former_programs
        self._programs = ours(venv, copy=self._user is not None)
        self._throw_away = throw_away
        if self._user and not others_may_enter(home.parent):
            # PostgreSQL refuses to run as root, and nobody else can reach this folder.
            say(f"{home.parent} is closed to other users: PostgreSQL keeps its files in {SHARED}.")
            home = SHARED / f"data-{short_name(home)}"
            make_enterable(SHARED)
        make_private(home, self._user)
        self._home = home
        self._sockets = socket_folder(home, self._user)
        self._server = self._server_of("data")
        self._copy = self._server_of("data.upgrade", PORT + 1)
        """Of a folder of an older major version. Proved, once there is no `data` any more."""

    @property
    def url(self) -> str:
        return f"postgresql://{OWNER}@{quote(str(self._sockets), safe='')}/{DATABASE}"

    @contextlib.asynccontextmanager
    async def serve(self, crew: Crew) -> AsyncIterator[str]:
        """Nobody else may use this folder meanwhile; ./run holds a lock on it. A server that dies is followed by another."""
        for server in (self._server, self._copy):
            await server.end_leftover(crew)
        self._settle()
        if not self._server.major:
            await self._create(crew)
        if self._server.major != self._programs.major:
            await self._upgrade(crew)
        async with self._server.running(crew):
            if not self._throw_away:
                await superuser_parted(self._server, crew)
            yield self.url

    def _server_of(self, name: str, port: int = PORT) -> Server:
        settings = SETTINGS | (THROW_AWAY if self._throw_away else {})
        return Server(self._programs, self._home / name, self._sockets, settings, self._user, port)

    async def _create(self, crew: Crew) -> None:
        """Under another name until it is whole."""
        new = self._server_of("data.new")
        shutil.rmtree(new.data, ignore_errors=True)
        await new.create(crew, sync=not self._throw_away)
        new.data.rename(self._server.data)

    async def _upgrade(self, crew: Crew) -> None:
        """The old folder stays as it is until the copy is proved, and beside it afterwards."""
        data, found, brought = self._server.data, self._server.major, self._programs.major
        if found > brought:
            raise LaunchError(
                f"{data} was made by PostgreSQL {found}, and this release brings PostgreSQL {brought}. Start the release that "
                f"made it; docs/upgrading.md says how to go back."
            )
        say(f"{data} was made by PostgreSQL {found}, this release brings PostgreSQL {brought}: it is copied. Stopping is safe.")
        programs = await asyncio.to_thread(former, found, self._former, self._venv, copy=self._user is not None)
        old = Server(programs, data, self._sockets, SETTINGS, self._user, PORT + 2)
        await self._copy.create(crew)
        dump = self._home / "upgrade.dump"
        counted = await copied(old, self._copy, dump, crew)
        kept = _free_name(data.with_name(f"data.{found}"))
        say(f"Copied, and counted on both sides: {counted}.")
        data.rename(kept)
        _sync(self._home)
        self._settle()
        say(f"The folder of PostgreSQL {found} is kept in {kept}: remove it when you miss nothing.")

    def _settle(self) -> None:
        """Ends what an upgrade was interrupted in, whichever step it was."""
        data, copy = self._server.data, self._copy.data
        (self._home / "upgrade.dump").unlink(missing_ok=True)
        if data.exists():
            shutil.rmtree(copy, ignore_errors=True)  # never proved, or the user went back to the old folder
        elif copy.exists():
            copy.rename(data)
            _sync(self._home)
        elif kept := sorted(self._home.glob("data.[0-9]*")):
            raise LaunchError(f"{data} is missing, and {kept[-1]} is there. Rename it to {data}; no new database was made.")


def _free_name(path: Path) -> Path:
    """This one, or with a number behind it."""
    tried = (path if not number else path.with_name(f"{path.name}.{number}") for number in range(1000))
    return next(name for name in tried if not name.exists())


def _sync(folder: Path) -> None:
    """Its names are on the disk afterwards."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
