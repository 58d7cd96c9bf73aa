"""How long whoever asks us waits for the database, over all the questions that one request puts to it.

What is counted is waiting, not working: an upload or a password's hash may take longer. Commands have all the time in the world.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Patience:
    """`left` is in seconds; whoever waits takes from it."""

    __slots__ = ("left",)

    def __init__(self, left: float) -> None:
        self.left = left


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


def patience() -> Patience | None:
    """None: without end."""
    return _patience.get()


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Inside, and in threads that get a copy of this context, questions to the database fail once that much was waited."""
    token = _patience.set(Patience(seconds))
    try:
        yield
    finally:
        _patience.reset(token)
