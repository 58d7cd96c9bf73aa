"""What was carried waits for the database: nothing is lost while it is away, and nothing counts twice."""

from datetime import date
from uuid import UUID

import pytest

from turn import usage
from turn.usage import Ledger, person_of
from turn.words import Usage

DAY, NEXT = date(2026, 11, 21), date(2026, 11, 22)
ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))


@pytest.fixture
def ledger():
    return Ledger()


def test_accounts_are_known_by_their_number_and_nobody_else():
    assert [person_of(user) for user in ("1", "42", "9" * 18)] == [1, 42, 10**18 - 1]
    for user in ("", "0", "007", "-1", "anna", "1.5", " 1", "1\n", "٣", "9" * 19):
        assert person_of(user) is None


def test_what_is_added_is_summed_up_by_account_and_day(ledger):
    ledger.add(DAY, {"1": Usage(1, 2, 3, 4), "2": Usage(5, 6, 7, 8), "anna": Usage(9, 9, 9, 9)})
    ledger.add(DAY, {"1": Usage(10, 20, 30, 40)})
    ledger.add(NEXT, {"1": Usage(1, 1, 1, 1)})
    assert ledger.batch(ONE) == (
        ONE,
        {(1, DAY): Usage(11, 22, 33, 44), (2, DAY): Usage(5, 6, 7, 8), (1, NEXT): Usage(1, 1, 1, 1)},
    )


def test_nothing_added_is_nothing_to_write(ledger):
    ledger.add(DAY, {})
    assert ledger.batch(ONE) is None


def test_a_batch_stays_as_it_is_until_it_was_written(ledger):
    ledger.add(DAY, {"1": Usage(1, 1, 1, 1)})
    first = ledger.batch(ONE)
    ledger.add(DAY, {"1": Usage(2, 2, 2, 2)})
    assert ledger.batch(TWO) == first == (ONE, {(1, DAY): Usage(1, 1, 1, 1)})
    ledger.written()
    assert ledger.batch(TWO) == (TWO, {(1, DAY): Usage(2, 2, 2, 2)})
    ledger.written()
    assert ledger.batch(THREE) is None


def test_batches_are_bounded(ledger, monkeypatch):
    monkeypatch.setattr(usage, "BATCH", 2)
    ledger.add(DAY, {str(user): Usage(1, 1, 1, 1) for user in range(1, 6)})
    sizes = []
    while batch := ledger.batch(ONE):
        sizes.append(len(batch.rows))
        ledger.written()
    assert sizes == [2, 2, 1]


def test_what_waits_is_bounded_and_who_waits_already_still_counts(ledger, monkeypatch):
    monkeypatch.setattr(usage, "KEPT", 2)
    ledger.add(DAY, {str(user): Usage(1, 1, 1, 1) for user in (1, 2, 3, 4)})
    ledger.add(DAY, {"1": Usage(1, 1, 1, 1), "4": Usage(1, 1, 1, 1)})
    assert (ledger.take_lost(), ledger.take_lost()) == (3, 0)
    batch = ledger.batch(ONE)
    assert batch is not None
    assert batch.rows == {(1, DAY): Usage(2, 2, 2, 2), (2, DAY): Usage(1, 1, 1, 1)}
