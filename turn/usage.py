"""What was carried for whom, kept by account and day until it is written down. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from turn.words import Usage

KEPT = 100_000  # users and days that wait for a database that is away
BATCH = 1000  # of them written at once
NOTHING = Usage()


def person_of(user: str) -> int | None:
    """The account behind the user of a credential; None for a user of the settings, or of another service."""
    return int(user) if re.fullmatch("[1-9][0-9]{0,17}", user, re.ASCII) else None


class Batch(NamedTuple):
    """`id` stays with it when it is tried again, so that it counts once."""

    id: UUID
    rows: dict[tuple[int, date], Usage]
    """By account and day."""


class Ledger:
    """What was carried for accounts and is not written down yet."""

    def __init__(self) -> None:
        self._lost = 0
        self._waiting: dict[tuple[int, date], Usage] = {}
        self._batch: Batch | None = None

    def add(self, day: date, carried: Mapping[str, Usage]) -> None:
        for user, usage in carried.items():
            person = person_of(user)
            if person is None:
                continue
            if (person, day) not in self._waiting and len(self._waiting) >= KEPT:
                self._lost += 1
                continue
            self._waiting[person, day] = self._waiting.get((person, day), NOTHING) + usage

    def take_lost(self) -> int:
        """How often there was no room for what a user had carried, since the last call."""
        lost, self._lost = self._lost, 0
        return lost

    def batch(self, fresh: UUID) -> Batch | None:
        """What is to be written next: the same again until it was `written`, else one that `fresh` names."""
        if self._batch is None and self._waiting:
            rows = {key: self._waiting.pop(key) for key in list(self._waiting)[:BATCH]}
            self._batch = Batch(fresh, rows)
        return self._batch

    def written(self) -> None:
        self._batch = None
