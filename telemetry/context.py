"""Ids of whatever is being worked on, for log lines, traces and reports of errors: nobody has to pass them down."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from random import getrandbits
from typing import Final

Ids = dict[str, object]
"""`requestId`, `userId`, `roomId`, `serverId` and the like. Never a token, an address, or what somebody wrote."""

NOBODY: Final[Mapping[str, object]] = {}
# A dictionary of its own for each request or join: what a thread notes in it, its task on the loop sees as well.
_ids: ContextVar[Ids | None] = ContextVar("telemetry_ids", default=None)


def current() -> Mapping[str, object]:
    return _ids.get() or NOBODY


def note(**ids: object) -> None:
    """From here on it is about these, too. Nothing outside of `within`."""
    here = _ids.get()
    if here is not None:
        here.update(ids)


@contextmanager
def within(**ids: object) -> Iterator[Ids]:
    """What is done inside is about these, besides what it is about anyway."""
    before = _ids.get()
    here = {**(before or {}), **ids}
    token = _ids.set(here)
    try:
        yield here
    finally:
        _ids.reset(token)


def new_id() -> str:
    """To find lines by; no secret."""
    return f"{getrandbits(64):016x}"
