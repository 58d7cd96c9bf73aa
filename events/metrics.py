"""What the database knows of the log of events, asked once for a scrape."""

from collections.abc import Iterable
from typing import Final

from prometheus_client import Metric

from events.log import span
from projectvoice.kernel.sql import fetch_row
from telemetry.registry import questions

MOST: Final = 100_000  # that are counted
WAITING: Final = """
    SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0)::float
    FROM (SELECT at FROM events_announcement ORDER BY id LIMIT %s) waiting
"""


def ask() -> Iterable[Metric]:
    depth, age = fetch_row(WAITING, MOST) or (0, 0.0)
    floor, head = span()
    yield _gauge(
        "projectvoice_events_outbox", f"Announcements that wait to be taken into the log; {MOST} are that many or more.", depth
    )
    yield _gauge("projectvoice_events_outbox_age_seconds", "How long the oldest of them has waited.", age)
    yield _gauge("projectvoice_events_log_head", "Sequence of the newest event in the log.", head)
    yield _gauge("projectvoice_events_log_floor", "Sequence below which the log is no longer kept.", floor)


def _gauge(name: str, about: str, value: float) -> Metric:
    metric = Metric(name, about, "gauge")
    metric.add_sample(name, {}, float(value))
    return metric


questions.append(ask)
