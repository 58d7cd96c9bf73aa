"""What every bench's figures come with, and how they are kept."""

import contextlib
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any


def machine(*programs: tuple[str, ...]) -> dict[str, Any]:
    """What figures depend on; of each program the first line that it says of itself."""
    cpus = [line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    versions = {"python": platform.python_version()}
    for command in programs:
        with contextlib.suppress(OSError):
            told = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
            versions[command[0]] = told.splitlines()[0] if told else ""
    return {"cpu": cpus[:1], "cpus": len(os.sched_getaffinity(0)), "kernel": platform.release(), **versions}


def keep(figures: dict[str, Any], file: Path | None) -> None:
    """After each part, so that a run that is ended early leaves what it has."""
    if file:
        file.write_text(json.dumps(figures, ensure_ascii=False, indent=1))
