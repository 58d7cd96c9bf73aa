"""The database and Valkey of a data folder, for one ./run at a time."""

import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from launch.bootstrap import VENV
from launch.console import LaunchError
from launch.crew import Crew
from launch.environment import of_application
from launch.options import Options
from launch.postgres import Cluster
from launch.secret_key import load_or_create
from launch.valkey import serve as serve_valkey
from launch.valkey import url_of as url_of_valkey


class InUse(LaunchError):
    """Another ./run holds the data folder."""


@contextlib.contextmanager
def only_user_of(data_dir: Path) -> Iterator[None]:
    with (data_dir / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InUse(f"Another ./run already uses {data_dir}. Choose another: ./run --data-dir FOLDER") from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")  # for who sends it a signal
        lock.flush()
        yield


@contextlib.asynccontextmanager
async def services(options: Options, crew: Crew) -> AsyncIterator[dict[str, str]]:
    """Starts the embedded ones unless others are named; inside, the application's environment."""
    async with contextlib.AsyncExitStack() as stack:
        database_url, redis_url = options.database_url, options.redis_url
        if not database_url:
            database_url = await stack.enter_async_context(_cluster(options).serve(crew))
        if not redis_url:
            redis_url = await stack.enter_async_context(serve_valkey(options.data_dir / "valkey", VENV, crew))
        yield _environment(options, database_url, redis_url)


def environment_of_running(options: Options) -> dict[str, str]:
    """The same environment, when another ./run has started them."""
    database_url = options.database_url or _cluster(options).url
    return _environment(options, database_url, options.redis_url or url_of_valkey(options.data_dir / "valkey"))


def _cluster(options: Options) -> Cluster:
    return Cluster(options.data_dir / "postgres", VENV)


def _environment(options: Options, database_url: str, redis_url: str) -> dict[str, str]:
    secret_key = options.secret_key or load_or_create(options.data_dir)
    return of_application(options, database_url=database_url, redis_url=redis_url, secret_key=secret_key)
