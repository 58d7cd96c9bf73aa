"""./test: throw-away PostgreSQL and Valkey, the checks side by side, then pytest."""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launch.bootstrap import DEVELOPMENT, RUNTIME, VENV, ensure_venv
from launch.console import LaunchError, complain, say
from launch.crew import Crew
from launch.defects import UNREACHABLE
from launch.environment import inherited
from launch.options import ROOT, SETTINGS
from launch.postgres import Cluster
from launch.valkey import serve as serve_valkey

NODE_PACKAGES = (ROOT / "tests" / "js", ROOT / "clients" / "js")
PREFIX = "projectvoice-test-"
MOST_WORKERS = 8  # each begins with migrations of its own
CONNECT = 60  # seconds; the usual ones are too few while twenty connect at once on a machine with much else to do
PYTEST_GRACE = 15.0
ALREADY_PASSED = ("--ignore", "tests/unit")  # as a check, with their coverage
LONGER = {"--faults": "tests/faults", "--containers": "tests/deploy"}  # what pytest knows of only if its folder is named
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@dataclass(frozen=True)
class Check:
    name: str
    command: tuple[str, ...]  # what follows python: a moved .venv has stale scripts, its modules still run


def checks(schema: Path) -> list[Check]:
    """The slowest first, so that the short ones fill the other core meanwhile."""
    return [
        Check("pure rooms covered by their unit tests", ("-m", "pytest", "tests/unit", "--cov", "-p", "no:cacheprovider")),
        Check("types (mypy)", ("-m", "mypy")),
        Check("style (ruff check)", ("-m", "ruff", "check", ".")),
        Check("format (ruff format)", ("-m", "ruff", "format", "--check", ".")),
        Check("imports (lint-imports)", ("-c", LINT_IMPORTS)),
        Check("migrations match the models", ("manage.py", "makemigrations", "--check", "--dry-run")),
        Check("OpenAPI schema", ("manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", str(schema))),
        Check("known defects of packages", ("-m", "launch.defects")),
        Check("settings (check --deploy)", ("manage.py", "check", "--deploy", "--fail-level", "WARNING")),
    ]


def main(arguments: Sequence[str]) -> int:
    try:
        python = ensure_venv([RUNTIME, DEVELOPMENT])
        return asyncio.run(_test(_placed(arguments), python))
    except LaunchError as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        complain("Interrupted.")
        return 130


def _placed(arguments: Sequence[str]) -> Sequence[str]:
    wanted = [folder for option, folder in LONGER.items() if option in arguments]
    return [*(folder for folder in wanted if not any(argument.startswith(folder) for argument in arguments)), *arguments]


async def _test(arguments: Sequence[str], python: Path) -> int:
    crew = Crew()
    crew.obey_signals()
    workers = _workers(arguments)
    try:
        with _temporary_folder() as folder:
            async with _services(folder, workers, crew) as environment:
                return await _pass_all(arguments, workers, python, folder, environment, crew)
    except asyncio.CancelledError:
        if crew.fallen:
            raise LaunchError(f"{crew.fallen}\nThe tests were stopped.") from None
        complain("Interrupted.")
        return 130


def _workers(arguments: Sequence[str]) -> int:
    """How many processes may test at once: everything does so over all cores and one more, since many tests wait for others'
    programs; what is named only if asked by -n.
    """
    wanted = not arguments or any(argument.startswith("-n") for argument in arguments)
    return min((os.cpu_count() or 1) + 1, MOST_WORKERS) if wanted and not os.environ.get("REDIS_URL") else 0


async def _pass_all(
    arguments: Sequence[str], workers: int, python: Path, folder: Path, environment: Mapping[str, str], crew: Crew
) -> int:
    node_packages = asyncio.create_task(_install_node_packages(environment, crew))
    try:
        if not arguments:
            await _check_all(checks(folder / "schema.yml"), python, environment, crew)
        await node_packages
    finally:
        node_packages.cancel()
        await asyncio.gather(node_packages, return_exceptions=True)
    # A session of its own, like the others: this process passes Ctrl-C on, so that pytest hears it once.
    pytest = await crew.start(
        "pytest",
        [python, "-m", "pytest", *(arguments or ["-n", str(workers), *ALREADY_PASSED])],
        environment,
        talks_to_terminal=True,
        stop_signal=signal.SIGINT,
    )
    try:
        return await pytest.wait()
    finally:
        await pytest.stop(PYTEST_GRACE)


async def _check_all(todo: Sequence[Check], python: Path, environment: Mapping[str, str], crew: Crew) -> None:
    """As many at once as there are cores; the first that fails ends the rest."""
    cores = asyncio.Semaphore(os.cpu_count() or 1)

    async def one(check: Check) -> None:
        async with cores:
            await _check(check, python, environment, crew)

    tasks = [asyncio.create_task(one(check)) for check in todo]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _check(check: Check, python: Path, environment: Mapping[str, str], crew: Crew) -> None:
    begun = time.monotonic()
    child = await crew.start(check.name, [python, *check.command], environment, quiet=True, lines_kept=None)
    try:
        status = await child.wait()
    finally:
        await child.stop(grace=2)
    if status == UNREACHABLE:
        return say(f"--  {check.name}: skipped, {child.last_lines[-1]}")
    if status:
        output = "\n".join(child.last_lines)
        raise LaunchError(f"{output}\n\nFAILED: {check.name}")
    return say(f"ok  {check.name} ({time.monotonic() - begun:.1f} s)")


async def _install_node_packages(environment: Mapping[str, str], crew: Crew) -> None:
    """Their absence is no failure: the tests that need them say why they are skipped."""
    if shutil.which("node") and shutil.which("npm"):
        for folder in NODE_PACKAGES:
            await _npm_ci(folder, environment, crew)


async def _npm_ci(folder: Path, environment: Mapping[str, str], crew: Crew) -> None:
    installed = folder / "node_modules" / ".launch-stamp"
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    if installed.exists() and installed.read_text() == wanted:
        return
    begun = time.monotonic()
    command = ["npm", "ci", "--no-audit", "--no-fund"]
    if not os.access(Path.home(), os.W_OK):
        command += ["--cache", str(Path(environment["DATA_DIR"]) / "npm")]
    try:
        await crew.run("npm ci", command, environment, quiet=True, cwd=folder)
        installed.parent.mkdir(exist_ok=True)
        installed.write_text(wanted)
        say(f"ok  JavaScript packages of {folder.relative_to(ROOT)} ({time.monotonic() - begun:.1f} s)")
    except (LaunchError, OSError) as error:
        say(f"--  {error}\n    Tests that need JavaScript packages will be skipped.")


@contextlib.asynccontextmanager
async def _services(folder: Path, workers: int, crew: Crew) -> AsyncIterator[dict[str, str]]:
    """One PostgreSQL for all; a Valkey for each worker (tests/workers.py), and one for whom there are none."""
    async with contextlib.AsyncExitStack() as stack:
        database_url, redis_url = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
        if not database_url:
            cluster = Cluster(folder / "postgres", VENV, throw_away=True)
            database_url = await stack.enter_async_context(cluster.serve(crew))
        if not redis_url:
            redis_url = await stack.enter_async_context(serve_valkey(folder / "valkey", VENV, crew))
        for number in range(workers):
            await stack.enter_async_context(serve_valkey(folder / f"gw{number}" / "valkey", VENV, crew))
        # The tests decide about all other settings, not the shell they are called from.
        of_run = {setting.variable for setting in SETTINGS} | {f"{setting.variable}_FILE" for setting in SETTINGS}
        yield {
            **{name: value for name, value in inherited().items() if name not in of_run},
            "DATABASE_URL": f"{database_url}{'&' if '?' in database_url else '?'}connect_timeout={CONNECT}",
            "REDIS_URL": redis_url,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DATA_DIR": str(folder),
            **bytecode(folder, os.environ),
        }


def bytecode(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Where a shell wants none beside the code it is kept in this folder: else each of the hundreds of processes that a run
    starts compiles all that it imports, which takes twice as long as the rest of its start.
    """
    if not environment.get("PYTHONDONTWRITEBYTECODE"):
        return {}
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


@contextlib.contextmanager
def _temporary_folder() -> Iterator[Path]:
    _remove_abandoned_folders()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)  # PostgreSQL under root is another user
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned_folders() -> None:
    """What a ./test that was killed with -9 could not remove."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (folder / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
