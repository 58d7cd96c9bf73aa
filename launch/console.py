"""How the two commands speak to their user."""

import sys
from typing import TextIO


class LaunchError(Exception):
    """Something the user can understand and mend; its text is shown, a traceback is not."""


class UsageError(LaunchError):
    """A flag or a variable has a value that cannot be used."""


def say(line: str) -> None:
    _write(sys.stdout, line)


def complain(line: str) -> None:
    _write(sys.stderr, line)


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
