"""Data folders as older releases made them: by an older PostgreSQL, and with the application's role as its superuser."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from launch.crew import Crew
from launch.folders import make_data_dir, make_private, unprivileged_user
from launch.options import SETTINGS as OPTIONS
from launch.postgres import SETTINGS
from launch.postgres_programs import Programs
from launch.postgres_server import DATABASE, OWNER, SUPERUSER, Server
from launch.secret_key import load_or_create
from tests.conftest import ROOT

FILL = """
from audit.services import Target, audit_record
from tests.factories import *
anna = make_user(username="anna")
channel = make_channel(make_server(anna), type="text")
make_messages(channel, 40)
for number in range(5):
    audit_record(log="instance", actor=anna, action="user.block", target=Target("user", number, "somebody"))
"""
ROWS = "SELECT count(*), sum(length(content)), max(id) FROM messaging_message"
RIGHTS = "SELECT rolname, rolsuper FROM pg_roles WHERE rolname IN ('app', 'postgres') ORDER BY 1"
OTHERS = """
    SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = relowner
    WHERE relnamespace = 'public'::regnamespace AND rolname <> 'app'
"""


class Asked(NamedTuple):
    rows: str
    rights: list[str]
    of_others: str
    """How many relations are not the application's."""


def as_user(data_dir: Path, **more: str) -> dict[str, str]:
    """The environment of somebody who calls ./run, and has set nothing."""
    ours = {setting.variable for setting in OPTIONS} | {"DJANGO_SETTINGS_MODULE"}
    return {**{name: value for name, value in os.environ.items() if name not in ours}, "DATA_DIR": str(data_dir), **more}


def server_of(data_dir: Path, programs: Programs) -> Server:
    make_data_dir(data_dir)
    home = data_dir / "postgres"
    make_private(home, user := unprivileged_user())
    return Server(programs, home / "data", home, SETTINGS, user)


async def _within(server: Server, do: Callable[[], object]) -> None:
    async with server.running(Crew()):
        await asyncio.to_thread(do)


def made_before(data_dir: Path, programs: Programs, superuser: str = OWNER) -> None:
    """With people and messages. `superuser`: what PostgreSQL's was called; the application's own, once."""
    server = server_of(data_dir, programs)
    asyncio.run(_created(server, superuser))
    address = quote(str(server.sockets), safe="")
    env = {**os.environ, "DATABASE_URL": f"postgresql://{OWNER}@{address}/{DATABASE}", "SECRET_KEY": load_or_create(data_dir)}

    def fill() -> None:
        for command in (["migrate", "-v0"], ["shell", "-v0", "-c", FILL]):
            subprocess.run([sys.executable, ROOT / "manage.py", *command], cwd=ROOT, env=env, check=True)

    asyncio.run(_within(server, fill))


async def _created(server: Server, superuser: str) -> None:
    if superuser == SUPERUSER:
        await server.create(Crew())
        return
    crew, programs = Crew(), server.programs.bin
    await server.run("initdb", [programs / "initdb", "-D", server.data, "-U", superuser, "-A", "trust", "-E", "UTF8"], crew)
    with tempfile.TemporaryFile() as sql:
        sql.write(f"CREATE DATABASE {DATABASE};\n".encode())
        sql.seek(0)
        await server.run("create", [programs / "postgres", "--single", "-D", server.data, "postgres"], crew, stdin=sql)


def asked(data_dir: Path, programs: Programs, *tried: str) -> Asked:
    """What is in a folder that nobody serves at the moment; `tried`: what the application's role must be able to do besides."""

    async def ask() -> Asked:
        server, crew = server_of(data_dir, programs), Crew()
        async with server.running(crew):
            for one in tried:
                await server.ask(f"{one};\n", crew)
            answers = [await server.ask(f"{question};\n", crew) for question in (ROWS, RIGHTS, OTHERS)]
        return Asked(answers[0][0], answers[1], answers[2][0])

    return asyncio.run(ask())
