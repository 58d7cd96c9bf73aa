"""Loads that are C: one thread that costs next to nothing beside what it loads."""

import ctypes
import subprocess
from pathlib import Path

from launch.console import LaunchError


def compiled(source: Path, folder: Path) -> ctypes.CDLL:
    """The library made of it there. Raises LaunchError without a compiler."""
    library = folder / "load.so"
    try:
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, source, "-lm"], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise LaunchError("The load is C, and no compiler made it: apt-get install gcc libc6-dev") from error
    return ctypes.CDLL(str(library))
