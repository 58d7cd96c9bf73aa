"""The native data path's library: found beside its source, found in a cache, or compiled into it.

`python -m turn.plane.build` makes the one beside the source, for an image that has no compiler when it runs.
"""

import fcntl
import hashlib
import logging
import os
import platform
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).with_name("relay.c")
FLAGS: Final = ("-O2", "-fno-strict-aliasing", "-shared", "-fPIC")
COMPILE_TIMEOUT: Final = 120.0

logger = logging.getLogger(__name__)


def library(cache: Path, *, beside: Path = SOURCE.parent) -> Path | None:
    """A library of this very source for this machine, made in `cache` if there is none yet; None if it cannot be made.

    Why not, the log says in one line. Several processes may ask at once: one of them compiles.
    """
    name = library_name()
    for folder in (beside, cache):
        if (folder / name).is_file():
            return folder / name
    try:
        return build(cache)
    except subprocess.CalledProcessError as error:
        complaints = [line for line in error.stderr.splitlines() if "error" in line] or [f"it answered {error.returncode}"]
        logger.warning("The relay runs without its native data path: %s: %s", error.cmd[0], complaints[0])
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        logger.warning("The relay runs without its native data path: %s", error)
    return None


def library_name() -> str:
    """Another source, other flags or another kind of machine have another name, so none is ever taken for another."""
    what = hashlib.sha256(SOURCE.read_bytes())
    what.update("\0".join([*FLAGS, sys.platform, platform.machine(), *platform.libc_ver()]).encode())
    return f"relay-{what.hexdigest()[:16]}.so"


def build(folder: Path) -> Path:
    """Compile with `CC`, or else `cc`. Raises OSError, ValueError (of a CC that is no command) and SubprocessError."""
    compiler = shlex.split(os.environ.get("CC", "")) or ["cc"]
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / library_name()
    with (folder / "relay.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if made.is_file():  # while we waited
            return made
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            half = Path(scratch) / made.name
            subprocess.run(  # noqa: S603  # the compiler that whoever runs us named
                [*compiler, *FLAGS, "-o", str(half), str(SOURCE)],
                check=True,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=COMPILE_TIMEOUT,
            )
            half.replace(made)
    return made


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE.parent))  # noqa: T201  # for whoever builds the image
