"""Ten thousand people who are there and a thousand in calls, on one machine. See bench/load/README.md.

.venv/bin/python -m bench.load.run --json figures.json
"""

import argparse
import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.load.crowd import Crowd, compiled
from bench.load.figures import FULL, SMALL, Figures, Plan
from bench.load.mix import Mix
from bench.load.page import told
from bench.load.stretches import Stretches
from bench.load.watch import Watch
from bench.ports import free_port
from bench.rest.run import folder_for
from launch.bootstrap import DEVELOPMENT, RUNTIME, ensure_venv
from launch.console import LaunchError, complain, say
from launch.options import ROOT

RUN = ROOT / "run"
READY_TIMEOUT, STOP_TIMEOUT = 120.0, 60.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="500 people and 20 s, to see that all works")
    parser.add_argument("--idle", type=int, help="people who are only there")
    parser.add_argument("--rooms", type=int, help="calls of four")
    parser.add_argument("--hold", type=float, help="seconds at half of what it carries")
    parser.add_argument("--rate", type=float, help="signals a second in the hold, instead of half of what was found")
    parser.add_argument("--json", type=Path, help="write all figures there, after each stretch of time")
    options = parser.parse_args()
    plan = SMALL if options.quick else FULL
    given = {name: value for name in ("idle", "rooms") if (value := getattr(options, name)) is not None}
    if options.hold is not None:
        given |= {"hold": options.hold, "budget": plan.budget + options.hold - plan.hold}
    plan = replace(plan, **given)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever cuts it short gets what there is
    try:
        ensure_venv([RUNTIME, DEVELOPMENT])
        with folder_for(None) as folder:
            figures = Figures(plan, options.json)
            try:
                bench(plan, options.rate, folder, figures)
            except KeyboardInterrupt:
                complain("Interrupted: the figures end here.")
    except LaunchError as error:
        complain(str(error))
        return 1
    print(told(figures.found))
    return 0 if figures.faultless else 1


def bench(plan: Plan, rate: float | None, folder: Path, figures: Figures) -> None:
    begun = time.monotonic()
    raise_files(2 * plan.people + 1000, figures)
    library = compiled(folder)
    with instance(folder) as (port, watch), sampled(folder, plan, port) as facts:
        figures.note("before", watch.memory()._asdict())
        crowd, mix = Crowd(library, port, facts["tokens"], list(map(str, facts["voice"])), plan.room_size), Mix(port, facts)
        mix.start()
        try:
            stretches = Stretches(plan, crowd, mix, watch, figures)
            stretches.ramp()
            stretches.units()
            carried = stretches.search()
            stretches.hold(rate or carried / 2, until=begun + plan.budget)
            stretches.muster(facts["ofServer"])
            figures.note("sizes", sizes(folder))
        finally:
            mix.stop()
            crowd.close()
        figures.note("seconds", time.monotonic() - begun)


def raise_files(wanted: int, figures: Figures) -> None:
    """For the load; what it starts inherits it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            hard = wanted
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    figures.note("files", hard)


@contextlib.contextmanager
def instance(folder: Path) -> Iterator[tuple[int, Watch]]:
    """./run with two web workers and its own PostgreSQL, Valkey and relay: as an operator has it, limits on. Its port."""
    port, log = free_port(), folder / "run.log"
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment |= settings_of(folder) | {"HOST": "127.0.0.1", "PORT": str(port), "TURN_PORT": str(free_port())}
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, RUN], env=environment, stdout=output, stderr=output, start_new_session=True)
        try:
            until_ready(process, port, log)
            yield port, Watch(process.pid)
        finally:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()


def settings_of(folder: Path) -> dict[str, str]:
    return {"DATA_DIR": str(folder / "data"), "VOICE_WORKERS": "2"}


def until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_TIMEOUT
    while "is ready" not in log.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise LaunchError(f"./run is not ready: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)


@contextlib.contextmanager
def sampled(folder: Path, plan: Plan, port: int) -> Iterator[dict[str, Any]]:
    """The people, made by a command beside the running instance."""
    output, script = folder / "people.json", Path(__file__).with_name("population.py")
    told = {"PEOPLE": plan.people, "ROOMS": plan.rooms, "ROOM_SIZE": plan.room_size, "OUTPUT": output}
    environment = os.environ | settings_of(folder) | {name: str(value) for name, value in told.items()}
    command = [sys.executable, RUN, "manage", "shell", "-c", script.read_text()]
    begun = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LaunchError(f"No people were made: {done.stderr[-2000:]}")
    say(f"{plan.people} people on {plan.rooms} servers in {time.monotonic() - begun:.0f} s")
    yield json.loads(output.read_text())


def sizes(folder: Path) -> dict[str, float]:
    """Bytes of a row, with its indexes and all else that its table takes."""
    script = """
import json
from django.db import connection
with connection.cursor() as cursor:
    of = {}
    for name, table in (("events", "events_event"), ("messages", "messaging_message")):
        cursor.execute(f"SELECT pg_total_relation_size('{table}'), (SELECT count(*) FROM {table})")
        size, rows = cursor.fetchone()
        of[name] = size / max(rows, 1)
print(json.dumps(of))
"""
    command = [sys.executable, RUN, "manage", "shell", "-c", script]
    environment = os.environ | settings_of(folder)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    raise SystemExit(main())
