"""What the image of PostgreSQL runs once, as compose.yaml says, on a cluster of ours."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from launch.bootstrap import VENV
from launch.crew import Crew
from launch.folders import unprivileged_user
from launch.postgres import Cluster
from launch.postgres_programs import ours
from launch.postgres_server import SUPERUSER
from tests.deploy import files
from tests.deploy.files import DEPLOY

RIGHTS = """
    SELECT role.rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, datname, pg_encoding_to_char(encoding), datlocale
    FROM pg_roles AS role JOIN pg_database ON datdba = role.oid
    WHERE datname = 'projectvoice'
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not tmp_path: under root PostgreSQL is another user, and pytest closes its folders to others."""
    with tempfile.TemporaryDirectory(prefix="projectvoice-compose-") as name:
        Path(name).chmod(0o711)
        (Path(name) / "password").write_text("it's random")
        yield Path(name)


async def test_the_instance_owns_its_database_and_is_no_superuser(folder: Path):
    service = files.compose()["services"]["postgres"]
    (script,) = [DEPLOY / volume.split(":")[0] for volume in service["volumes"] if "/docker-entrypoint-initdb.d/" in volume]
    async with Cluster(folder / "postgres", VENV, throw_away=True).serve(Crew()) as url:
        environment = service["environment"] | {
            "PATH": f"{ours(VENV, copy=unprivileged_user() is not None).bin}:{os.environ['PATH']}",
            "PGHOST": unquote(urlsplit(url).netloc.partition("@")[2]),
            "INSTANCE_PASSWORD_FILE": str(folder / "password"),
        }
        assert environment["POSTGRES_USER"] == SUPERUSER
        done = await asyncio.to_thread(subprocess.run, [script], env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        with psycopg.connect(user="projectvoice", host=environment["PGHOST"], dbname="projectvoice") as connection:
            row = connection.execute(RIGHTS).fetchone()
    assert row == ("projectvoice", False, False, True, False, False, "projectvoice", "UTF8", "C.UTF-8")
