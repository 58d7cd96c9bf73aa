"""`python -m tests.fuzz.run --seconds 60 [TARGET …]`: looks for new ways and for mistakes, and keeps what shows them.

Each target begins with its kept corpus and has so many seconds. What led somewhere new is added to the corpus, which is then
cut down to the shortest inputs that go the same ways; what broke a promise is added whole, and reported.
"""

import argparse
import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.fuzz import corpus
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]
FLAGS = (f"-max_len={corpus.LONGEST}", "-timeout=10", "-print_final_stats=1")
"""An input that takes 10 s, or a gibibyte beside what we have already, is a mistake."""
UNCAUGHT = "=== Uncaught Python exception: ==="
START_UP = 180.0
"""Seconds, on a busy machine, to import, and to try what is kept."""


class Found(NamedTuple):
    runs: int
    inputs: list[bytes]
    mistakes: list[bytes]
    told: str
    """What the mistake looked like: a traceback, or what libFuzzer said last."""


def is_there() -> bool:
    return importlib.util.find_spec("atheris") is not None


def largest() -> int:
    """MiB that this process has had at most: its children begin with that as their own."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def fuzz(target: str, seconds: int, seed: int = 0) -> Found:
    """From the kept corpus on. Seed 0 is a random one."""
    with tempfile.TemporaryDirectory() as scratch:
        inputs, mistakes = Path(scratch) / "inputs", Path(scratch) / "mistakes"
        inputs.mkdir()
        mistakes.mkdir()
        for number, data in enumerate(corpus.load(target)):
            (inputs / str(number)).write_bytes(data)
        command = [sys.executable, "-m", "tests.fuzz.one", target, str(inputs), f"-max_total_time={seconds}", f"-seed={seed}"]
        ended = subprocess.run(
            [*command, f"-artifact_prefix={mistakes}/", f"-rss_limit_mb={1024 + largest()}", *FLAGS],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds + START_UP,
        )
        said = ended.stdout + ended.stderr
        if ended.returncode and not list(mistakes.iterdir()):
            raise RuntimeError(said[-3000:])
        runs = [line for line in said.splitlines() if line.startswith("stat::number_of_executed_units")]
        return Found(
            int(runs[-1].split()[-1]) if runs else 0,
            [path.read_bytes() for path in inputs.iterdir()],
            [path.read_bytes() for path in mistakes.iterdir()],
            said.partition(UNCAUGHT)[2][:3000] if UNCAUGHT in said else said[-3000:],
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"one of {', '.join(TARGETS)}; all, if none is named")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    wanted = parser.parse_args()
    if not is_there():
        parser.error("atheris is not installed: it has wheels for Linux on x86-64")
    if unknown := set(wanted.targets) - TARGETS.keys():
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    mistakes = 0
    for target in wanted.targets or TARGETS:
        found = fuzz(target, wanted.seconds)
        kept = corpus.smallest(TARGETS[target], found.inputs)
        corpus.save(target, [*kept, *found.mistakes])
        print(f"{target}: {found.runs} runs, {len(kept)} inputs kept, {len(found.mistakes)} mistakes", flush=True)
        if found.mistakes:
            print(found.told, flush=True)
        mistakes += len(found.mistakes)
    return min(mistakes, 1)


if __name__ == "__main__":
    sys.exit(main())
