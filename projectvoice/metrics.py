"""What is told of requests, and what the database is asked for a scrape."""

import logging
import platform
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Protocol

import django
from django.db import connection
from prometheus_client import Counter, Histogram, Metric

from projectvoice import __version__
from telemetry.page import database_up, silent
from telemetry.registry import OWN, Snapshot, families_of, gauge, questions

logger = logging.getLogger(__name__)

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REFUSED: Final = "(refused)"  # before Django saw it
STATEMENT_TIMEOUT: Final = "2s"

REQUESTS: Final = Counter(
    "projectvoice_http_requests_total",
    "Requests answered, by the pattern of the path: `(static)` files, `(unknown)` ones, `(refused)` before they were looked at.",
    ["method", "route", "status"],
    registry=OWN,
)
SECONDS: Final = Histogram(
    "projectvoice_http_request_seconds",
    "From a request whose body has come to the end of its answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
    registry=OWN,
)


def answered(method: str, route: str, status: int, seconds: float) -> None:
    requests, durations = _of(method if method in METHODS else "other", route, status)
    requests.inc()
    durations.observe(seconds)


@cache
def _of(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """As many as there are series: to find them costs more than to count."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(method, route)


def refused(scope: Mapping[str, Any], status: int) -> None:
    if "method" in scope:
        method = scope["method"]
        REQUESTS.labels(method if method in METHODS else "other", REFUSED, str(status)).inc()


class Threads(Protocol):
    threads: int
    asked: int


def watch_threads(rest: Threads) -> None:
    """Those that work on requests; once for a process."""
    gauge("projectvoice_http_requests_in_progress", "Requests that are worked on, or wait for that.", lambda: float(rest.asked))
    gauge(
        "projectvoice_http_requests_waiting",
        "Of these: that wait for a thread.",
        lambda: float(max(0, rest.asked - rest.threads)),
    )
    gauge("projectvoice_http_threads", "Threads that work on requests (REST_THREADS).", lambda: float(rest.threads))


def shared() -> Snapshot:
    """About the whole instance; called in a thread that keeps its connection."""
    try:
        connection.close_if_unusable_or_obsolete()
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [STATEMENT_TIMEOUT])
        return [*_build(), *database_up(1.0), *families_of(metric for question in questions for metric in question())]
    except Exception as error:  # an edge: what is in memory is told all the same
        logger.warning("The database does not tell its figures: %s", str(error).strip().partition("\n")[0])
        return [*_build(), *silent()]


def _build() -> Snapshot:
    build = Metric("projectvoice_build_info", "What runs; always 1.", "gauge")
    parts = {"version": __version__, "python": platform.python_version(), "django": django.get_version()}
    build.add_sample("projectvoice_build_info", parts, 1)
    return families_of([build])
