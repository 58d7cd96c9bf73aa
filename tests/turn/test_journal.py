"""Lines for the operator: one word a value, so many a second, a bug told once."""

import logging
from types import SimpleNamespace

import pytest

from turn import journal
from turn.journal import Journal, shown


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("anna", "anna"),
        ("192.0.2.7:3478", "192.0.2.7:3478"),
        ("[::1]:80,[::2]:80", "[::1]:80,[::2]:80"),
        (7, "7"),
        ("", '""'),
        ("two words", '"two words"'),
        ("a line\nfailed", '"a line\\nfailed"'),
        ("ключ", '"\\u043a\\u043b\\u044e\\u0447"'),
        ("\x1b[2J", '"\\u001b[2J"'),
        ('"', '"\\""'),
    ],
)
def test_a_value_is_one_word_of_one_line(value, word):
    assert shown(value) == word


def test_a_long_value_is_cut():
    assert len(shown("a" * 10_000)) < 120


def test_beyond_the_rate_lines_are_left_out_and_counted(monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    now = 100.0
    monkeypatch.setattr(journal, "time", SimpleNamespace(monotonic=lambda: now))
    told = Journal(logging.getLogger("tests.journal"))
    for number in range(int(journal.BURST) + 3):
        told.event("happened", number=number)
    assert len(caplog.records) == journal.BURST
    assert caplog.records[-1].getMessage() == f"happened number={int(journal.BURST) - 1}"
    now += 1.5 / journal.RATE
    told.event("happened", number="later")
    told.event("happened", number="too soon")
    assert caplog.records[-1].getMessage() == "happened number=later lines_left_out=3"


def test_a_bug_is_told_once_for_each_place_and_counted_each_time(caplog):
    told = Journal(logging.getLogger("tests.journal"))

    def fail(number: int) -> None:
        try:
            1 / number
        except ZeroDivisionError as error:
            told.failed("a division", error)

    for _ in range(3):
        fail(0)
    try:
        raise LookupError
    except LookupError as error:
        told.failed("a search", error)
    assert told.failures == 4
    assert [record.getMessage().split(" (")[0] for record in caplog.records] == [
        'failed doing="a division"',
        'failed doing="a search"',
    ]
