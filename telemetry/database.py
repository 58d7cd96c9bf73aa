"""How long questions to the database take, whoever asks: Django's cursors by a wrapper, `projectvoice.kernel.sql` by its own."""

from collections.abc import Callable
from threading import Lock
from time import perf_counter
from typing import Any, Final, Self
from weakref import WeakSet

from prometheus_client import Counter, Histogram
from psycopg import Connection, Cursor

from telemetry import tracing
from telemetry.registry import OWN, gauge

VERBS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")

SECONDS: Final = Histogram(
    "projectvoice_database_query_seconds",
    "From a question to the database to its answer, by SQL's verb.",
    ["verb"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0),
    registry=OWN,
)
ERRORS: Final = Counter(
    "projectvoice_database_errors_total",
    "Questions to the database that failed, by the class of the error.",
    ["error"],
    registry=OWN,
)
OPENED: Final = Counter("projectvoice_database_connections_opened_total", "Connections to the database opened.", registry=OWN)
_OTHER: Final = SECONDS.labels("other")
_BY_VERB: Final = {verb[:6]: SECONDS.labels(verb) for verb in VERBS}
_SELECT: Final = SECONDS.labels("SELECT")


_connections: Final[WeakSet[Connection[Any]]] = WeakSet()
_lock: Final = Lock()


def opened(connection: Connection[Any]) -> None:
    """It counts until it is closed, or forgotten with its thread."""
    OPENED.inc()
    with _lock:
        _connections.add(connection)


def _open() -> float:
    with _lock:
        return float(sum(not connection.closed for connection in list(_connections)))


gauge("projectvoice_database_connections", "Connections to the database that are open.", _open)


def timed(execute: Callable[..., Any], query: Any, parameters: Any, many: bool, context: Any) -> Any:
    """Django's execute_wrapper."""
    begun = perf_counter()
    try:
        return execute(query, parameters, many, context)
    except Exception as error:
        ERRORS.labels(type(error).__name__).inc()
        raise
    finally:
        taken = perf_counter() - begun
        text = query if isinstance(query, str) else ""
        _BY_VERB.get(text[:6], _OTHER).observe(taken)
        if tracing.on:
            tracing.query(text, taken)


class TimedCursor(Cursor[tuple[Any, ...]]):
    """For a SELECT."""

    def execute(self, query: Any, *arguments: Any, **options: Any) -> Self:
        begun = perf_counter()
        try:
            return super().execute(query, *arguments, **options)
        except Exception as error:
            ERRORS.labels(type(error).__name__).inc()
            raise
        finally:
            taken = perf_counter() - begun
            _SELECT.observe(taken)
            if tracing.on:
                tracing.query(query, taken)
