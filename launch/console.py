"""How the two commands speak to their user."""

import sys


class LaunchError(Exception):
    """Something the user can understand and mend; its text is shown, a traceback is not."""


class UsageError(LaunchError):
    """A flag or a variable has a value that cannot be used."""


def say(line: str) -> None:
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except OSError:  # nobody reads us any more; the servers go on
        pass


def complain(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
