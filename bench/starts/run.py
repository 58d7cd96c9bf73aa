"""What it costs to start each of our processes: CPU seconds until it serves, or until it has ended.

    .venv/bin/python -m bench.starts.run [--rounds 9] [--beside FOLDER] [--uncompiled]

On an embedded PostgreSQL and Valkey, by turns, medians. `--beside` measures another checkout, too, with the same packages.
`--uncompiled` leaves no bytecode: as where PYTHONDONTWRITEBYTECODE is set and nobody has compiled anything.
"""

import argparse
import asyncio
import contextlib
import os
import secrets
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.ports import free_port
from bench.rest.cpu import seconds_of_tree
from bench.rest.run import folder_for
from launch.bootstrap import RUNTIME, VENV, ensure_venv
from launch.console import LaunchError, say
from launch.crew import Crew
from launch.environment import inherited
from launch.options import ROOT
from launch.postgres import Cluster
from launch.valkey import serve as serve_valkey

PYTHON = VENV / "bin" / "python"
PATIENCE = 60.0


@dataclass(frozen=True)
class Start:
    name: str
    command: tuple[str, ...]
    serves: Callable[[int], bool] | None = None  # at this port; None: it ends by itself


def healthy(port: int) -> bool:
    with (
        contextlib.suppress(OSError),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=PATIENCE) as answer,
    ):
        return bool(answer.status == 200)
    return False


STARTS = (
    Start("python -c pass", ("-c", "pass")),
    Start("launch.ready turn", ("-m", "launch.ready", "turn")),
    Start("manage.py check", ("manage.py", "check")),
    Start("manage.py audit_checkpoint", ("manage.py", "audit_checkpoint")),
    Start("manage.py runturn", ("manage.py", "runturn", "--plane", "portable")),
    Start("launch.web", ("-m", "launch.web"), healthy),
)


def cost(start: Start, root: Path, environment: Mapping[str, str]) -> float:
    """CPU seconds."""
    port, (reading, telling) = free_port(), os.pipe()
    ready = ["--ready-fd", str(telling)] if "runturn" in start.command else []
    process = subprocess.Popen(
        [PYTHON, *start.command, *ready],
        cwd=root,
        env={**environment, "HOST": "127.0.0.1", "PORT": str(port), "TURN_PORT": str(port)},
        pass_fds=[telling],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(telling)
    try:
        if ready:
            os.read(reading, 1)
        elif start.serves is None:
            return ended(process)
        deadline = time.monotonic() + PATIENCE
        while start.serves is not None and not start.serves(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise LaunchError(f"{start.name} does not serve")
            time.sleep(0.05)
        return seconds_of_tree(process.pid)
    finally:
        os.close(reading)
        process.kill()
        process.wait()


def ended(process: "subprocess.Popen[bytes]") -> float:
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def table(roots: list[Path], rounds: int, environment: Mapping[str, str]) -> None:
    for start in STARTS:
        for root in roots:
            cost(start, root, environment)  # the first one compiles
        costs = [[cost(start, root, environment) for root in roots] for _ in range(rounds)]
        medians = [statistics.median(of_root) for of_root in zip(*costs, strict=True)]
        ratio = f"  × {medians[0] / medians[-1]:.2f}" if len(roots) > 1 else ""
        say(f"{start.name:28}{'  '.join(f'{median:.2f}' for median in medians)} s{ratio}")


async def bench(roots: list[Path], rounds: int, *, compiled: bool, folder: Path) -> None:
    crew = Crew()
    crew.obey_signals()
    async with (
        Cluster(folder / "postgres", VENV).serve(crew) as database,
        serve_valkey(folder / "valkey", VENV, crew) as valkey,
    ):
        environment = inherited() | {
            "DATABASE_URL": database,
            "REDIS_URL": valkey,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DATA_DIR": str(folder),
            "PYTHONDONTWRITEBYTECODE": "" if compiled else "1",
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        }
        await crew.run("migrate", [PYTHON, "manage.py", "migrate", "-v0"], environment)
        await asyncio.to_thread(table, roots, rounds, environment)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--beside", type=Path, metavar="FOLDER")
    parser.add_argument("--uncompiled", action="store_true")
    options = parser.parse_args()
    ensure_venv([RUNTIME])
    roots = [ROOT, *([options.beside.absolute()] if options.beside else [])]
    with folder_for(None) as folder:
        asyncio.run(bench(roots, options.rounds, compiled=not options.uncompiled, folder=folder))


if __name__ == "__main__":
    main()
