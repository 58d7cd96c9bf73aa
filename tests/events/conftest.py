"""What the log says of the acts of a test."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from accounts.models import User
from events import log, sequencer
from tests.api.conftest import anna, boris, carol, light_passwords  # noqa: F401 - for these tests too


class Told(NamedTuple):
    kind: str
    server_id: int | None
    channel_id: int | None
    user_id: int | None
    payload: dict[str, Any]


@pytest.fixture
def heard(db: None) -> Callable[..., list[Told]]:
    """`heard()`: what was told since the test began or asked last, `access` and `gone` left out; `heard("role-created")`: only that."""
    read = [log.span().head]

    def heard(*kinds: str) -> list[Told]:
        while sequencer.drain():
            pass
        entries = log.tail(read[0], 10_000)
        read.extend(entry.seq for entry in entries)
        del read[:-1]
        return [
            Told(entry.kind, entry.server_id, entry.channel_id, entry.user_id, json.loads(entry.payload))
            for entry in entries
            if (entry.kind in kinds if kinds else entry.kind not in {"access", "gone"})
        ]

    return heard


@pytest.fixture
def answer(api_as: Callable[..., Any]) -> Callable[[User, str], Any]:
    """What REST answers this user."""
    return lambda user, path: api_as(user).get(f"/api{path}").json()
