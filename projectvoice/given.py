"""What the environment says of one setting: itself, or the file that `<NAME>_FILE` names, where secrets come as files.

Stands on the standard library alone: ./run reads its settings before anything is installed.
"""

from collections.abc import Mapping
from pathlib import Path


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
