"""Brings the database up to date, in one process because each start of Django costs about a second.

Runs inside .venv: `python -m launch.prepare`. The only module here that imports the application.
"""

import sys

import django
from django.core.management import CommandError, call_command
from django.db import OperationalError


def main() -> int:
    django.setup()
    try:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("ensure_admin")
    except OperationalError as error:
        sys.stderr.write(f"The database cannot be used: {error}\n")
        return 1
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
