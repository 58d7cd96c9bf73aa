"""./run manage …: Django's command line against the database of this data folder, whether ./run runs or not."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from launch.bootstrap import ensure_venv, requirements
from launch.console import LaunchError
from launch.crew import Crew
from launch.folders import make_data_dir
from launch.options import ROOT, Options
from launch.services import InUse, environment_of_running, only_user_of, services

GRACE = 10.0
INTERRUPTED = 130


def manage(options: Options, arguments: Sequence[str]) -> int:
    """The command's own exit status."""
    make_data_dir(options.data_dir)
    command = [str(ensure_venv(requirements(os.environ))), str(ROOT / "manage.py"), *arguments]
    try:
        with only_user_of(options.data_dir):
            return asyncio.run(_alone(options, command))
    except InUse:
        os.execve(command[0], command, environment_of_running(options))  # noqa: S606 - no shell


async def _alone(options: Options, command: list[str]) -> int:
    crew = Crew()
    crew.obey_signals()
    try:
        async with services(options, crew) as environment:
            child = await crew.start("manage", command, environment, talks_to_terminal=True, cwd=Path.cwd())
            try:
                return await child.wait()
            finally:
                await child.stop(GRACE)
    except asyncio.CancelledError:
        if crew.fallen:
            raise LaunchError(crew.fallen) from None
        return INTERRUPTED
