"""How the two commands speak to their user; with LOG_FORMAT=json, to programs that read one JSON object a line."""

import json
import sys
from datetime import UTC, datetime
from typing import TextIO

_format = "line"


class LaunchError(Exception):
    """Something the user can understand and mend; its text is shown, a traceback is not."""


class UsageError(LaunchError):
    """A flag or a variable has a value that cannot be used."""


def speak(format: str) -> None:
    """`line` or `json`, from now on."""
    global _format
    _format = format


def say(line: str) -> None:
    _write(sys.stdout, line if _format == "line" else _object("run", "INFO", line))


def pass_on(name: str, line: str) -> None:
    """What a child says. An object is one already."""
    if _format == "line":
        _write(sys.stdout, f"{name} | {line}")
    elif line:
        _write(sys.stdout, line if line.startswith("{") else _object(name, "INFO", line))


def complain(line: str) -> None:
    _write(sys.stderr, line if _format == "line" else _object("run", "ERROR", line))


def fall_silent() -> None:
    """At the end: what nobody took is not tried once more, which would be an exit status of its own."""
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = None


def _write(stream: TextIO, line: str) -> None:
    try:
        stream.write(line + "\n")
        stream.flush()
    except OSError:  # the terminal is closed, or the disk full: the servers go on
        pass


def _object(process: str, level: str, message: str) -> str:
    """As projectvoice/logs.py writes them."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"time": now, "level": level, "logger": "launch", "message": message, "process": process}
    return json.dumps(line, ensure_ascii=False)
