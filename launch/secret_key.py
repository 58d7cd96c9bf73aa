"""The key that signs tokens: which ones are refused, and where the generated one is kept."""

import os
import secrets
from pathlib import Path

from launch.console import LaunchError
from projectvoice.given import weakness_of


def refuse_weak(key: str) -> None:
    """Raises ValueError with the end of a sentence that begins with the name of the key."""
    if weakness := weakness_of(key):
        raise ValueError(weakness)


def load_or_create(data_dir: Path) -> str:
    """The key of this data folder, the same on every start."""
    path = data_dir / "secret_key"
    if not path.exists():
        _write(path, secrets.token_urlsafe(48))
    key = path.read_text().strip()
    try:
        refuse_weak(key)
    except ValueError as error:
        raise LaunchError(f"The key in {path} {error}.") from error
    return key


def _write(path: Path, key: str) -> None:
    """Readable by its owner alone from its first byte, and never half-written under its name."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
