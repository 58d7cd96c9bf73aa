"""What the environment says of one setting: itself, or the file that `<NAME>_FILE` names, where secrets come as files; and which
secrets are none.

Stands on the standard library alone: ./run reads its settings before anything is installed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

SECRET_LENGTH: Final = 32
EXAMPLES: Final = ("secret", "changeme", "change-me", "default", "example", "insecure", "password", "your_jwt", "your-jwt")


def given(name: str, environment: Mapping[str, str]) -> str:
    """Without blanks around it; empty if it is not set. Raises ValueError with a sentence that repeats no value."""
    value, path = environment.get(name, "").strip(), environment.get(f"{name}_FILE", "").strip()
    if not path:
        return value
    if value:
        raise ValueError(f"{name} and {name}_FILE are both set")
    try:
        value = Path(path).read_text().strip()
    except OSError as error:
        raise ValueError(f"{name}_FILE: {path} cannot be read ({error.strerror})") from None
    except ValueError:
        raise ValueError(f"{name}_FILE: {path} is no text") from None
    if not value:
        raise ValueError(f"{name}_FILE: {path} is empty")
    return value


def weakness_of(secret: str) -> str:
    """Why it is worth nothing, as the end of a sentence that begins with its name; empty if it is worth something."""
    if len(secret) < SECRET_LENGTH:
        return f"is too short: at least {SECRET_LENGTH} characters (openssl rand -hex 32 makes one)"
    if len(set(secret)) < 8:
        return "is too simple: use random characters (openssl rand -hex 32 makes one)"
    if is_example(secret):
        return "is a known example: use random characters (openssl rand -hex 32 makes one)"
    return ""


def is_example(value: str) -> bool:
    """Whether it looks like those that stand in instructions: copied, it is worth nothing, however long it is."""
    return any(word in value.lower() for word in EXAMPLES)
