"""Files that are there whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from django.core.management import CommandError


@contextmanager
def whole_file(path: Path, *, replace: bool = False) -> Iterator[IO[bytes]]:
    """A file for its owner alone (0600). It gets its name when it is written to the end; else nothing is left of it."""
    refuse_taken(path, replace)
    try:
        number, draft = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise CommandError(f"Cannot write {path}: {error.strerror}") from error
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        refuse_taken(path, replace)
        os.replace(draft, path)
    except OSError as error:
        raise CommandError(f"Cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft)


def refuse_taken(path: Path, replace: bool) -> None:
    if path.is_dir():
        raise CommandError(f"{path} is a folder")
    if path.exists() and not replace:
        raise CommandError(f"{path} exists already")
