"""Wakes whoever takes announcements into the log, in this process. Other processes look by themselves now and then."""

from collections.abc import Callable
from typing import Final

bells: Final[list[Callable[[], object]]] = []
"""Called from any thread, after a commit; to return at once."""


def ring() -> None:
    for bell in bells:
        bell()
