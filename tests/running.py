"""./run as its user meets it: a real process, whose parts can be found."""

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from launch.options import ROOT, SETTINGS
from tests.watched import LONG, Watched

STOP = 30
PARTS = ("launch.web", "runturn", "push_events", "valkey-server", "bin/postgres")


class Running(Watched):
    def __init__(self, *arguments: str, **environment: str) -> None:
        of_the_tests = {setting.variable for setting in SETTINGS} | {"DJANGO_SETTINGS_MODULE"}
        inherited = {name: value for name, value in os.environ.items() if name not in of_the_tests}
        super().__init__([ROOT / "run", *arguments], inherited | environment, start_new_session=True)

    def link(self, within: float = LONG) -> str:
        """Waits for the line that invites the user."""
        self.until(self._invitation, within)
        return self._invitation()[1]

    def _invitation(self) -> re.Match[str] | None:
        return re.search(r"ProjectVoice is ready: (http://localhost:\d+/)  \(relay on port \d+; Ctrl-C stops it\)", self.output)

    def children(self) -> dict[str, int]:
        """Which program runs under which number."""
        commands = {pid: command.decode().replace("\0", " ") for pid, command in self._children("cmdline").items()}
        return {name: pid for pid, command in commands.items() for name in PARTS if name in command}

    def workers(self) -> dict[str, int]:
        """The process ids of several web processes, by their numbers."""
        return {
            line.partition(b"=")[2].decode(): pid
            for pid, environment in self._children("environ").items()
            for line in environment.split(b"\0")
            if line.startswith(b"VOICE_WORKER=")
        }

    def _children(self, told: str) -> dict[int, bytes]:
        """What /proc tells of each that lives."""
        found: dict[int, bytes] = {}
        for pid in Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split():
            with contextlib.suppress(OSError):  # it ended meanwhile
                found[int(pid)] = Path(f"/proc/{pid}/{told}").read_bytes()
        return found


@contextlib.contextmanager
def running(*arguments: str, **environment: str) -> Iterator[Running]:
    process = Running(*arguments, **environment)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send(signal.SIGTERM)
        process.status(STOP * 3)


def manage(data_dir: str, *command: str) -> str:
    """What `./run manage` says, beside the server or without it."""
    environment = {name: value for name, value in os.environ.items() if name not in {s.variable for s in SETTINGS}}
    done = subprocess.run(
        [ROOT / "run", "manage", *command],
        env={**environment, "DATA_DIR": data_dir},
        cwd=Path(data_dir).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
