"""What is told of events that are pushed to hooks."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from prometheus_client import Counter, Histogram, Metric

from projectvoice.kernel.sql import fetch_row
from telemetry.registry import OWN, questions

if TYPE_CHECKING:
    from integrations.push.client import Answer  # who pushes has it, and what it speaks by

ATTEMPTS: Final = Counter(
    "projectvoice_push_attempts_total",
    "Requests to event hooks: `delivered`, `refused` by another status than 2xx, or `unreachable`.",
    ["outcome"],
    registry=OWN,
)
PUSHED: Final = Counter("projectvoice_push_events_total", "Events that arrived at hooks.", registry=OWN)
SECONDS: Final = Histogram(
    "projectvoice_push_seconds",
    "From a request to a hook to its answer.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
    registry=OWN,
)
HOOKS: Final = """
    SELECT count(*) FILTER (WHERE disabled_at IS NULL),
        count(*) FILTER (WHERE disabled_at IS NULL AND next_at <= now()),
        count(*) FILTER (WHERE disabled_at IS NULL AND failures > 0),
        count(*) FILTER (WHERE disabled_at IS NOT NULL),
        coalesce(extract(epoch FROM now() - min(next_at) FILTER (WHERE disabled_at IS NULL AND next_at <= now())), 0)::float
    FROM integrations_eventhook
"""


def attempted(answer: "Answer", events: int) -> None:
    ATTEMPTS.labels("delivered" if answer.is_good else "unreachable" if answer.status is None else "refused").inc()
    SECONDS.observe(answer.latency_ms / 1000)
    if answer.is_good:
        PUSHED.inc(events)


def ask() -> Iterable[Metric]:
    """Of all hooks; there are a few for each server that has any."""
    on, due, failing, disabled, age = fetch_row(HOOKS) or (0, 0, 0, 0, 0.0)
    hooks = Metric("projectvoice_push_hooks", "Event hooks: `on`, of these `due` and `failing`, and `disabled` ones.", "gauge")
    for state, number in (("on", on), ("due", due), ("failing", failing), ("disabled", disabled)):
        hooks.add_sample(hooks.name, {"state": state}, float(number))
    yield hooks
    waited = Metric("projectvoice_push_due_age_seconds", "How long the hook that is due longest has been so.", "gauge")
    waited.add_sample(waited.name, {}, float(age))
    yield waited


questions.append(ask)
