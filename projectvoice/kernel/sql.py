"""Reads that are asked all day: one statement, rows as tuples, no model and no query builder on the way.

On the connection that Django has for this thread, inside its transaction if there is one. The server binds the parameters
and keeps the plan (`DATABASE_PREPARED=off` for a pooler that cannot), and answers in binary. It keeps only a plan that is good
for any values: a statement says its LIMIT as a number and has no OFFSET, or it is planned anew each time.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from struct import unpack
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import Model
from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

from projectvoice.kernel.serializers import iso
from telemetry.database import TimedCursor

M = TypeVar("M", bound=Model)
POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # its timestamps count microseconds from here
PREPARED_AFTER = 2  # uses of a statement on one connection


def fetch(query: str, *parameters: Any, **named: Any) -> list[tuple[Any, ...]]:
    """`parameters` fill the query's `%s` in their order, or `named` its `%(name)s`; lists become arrays."""
    with connection.wrap_database_errors, TimedCursor(_prepared()) as cursor:
        _log(query)
        return cursor.execute(query, named or parameters, binary=True).fetchall()


def fetch_planned(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """As `fetch`, with a plan of its own each time: for what is cheap or dear by the values it is asked about."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def fetch_wire(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """As `fetch`, but moments come as texts, written as `iso` does: answers hold hundreds, of which most were asked before."""
    with connection.wrap_database_errors, TimedCursor(_prepared()) as cursor:
        cursor.adapters.register_loader("timestamptz", MomentLoader)
        _log(query)
        return cursor.execute(query, parameters, binary=True).fetchall()


class MomentLoader(Loader):
    format = Format.BINARY

    @staticmethod
    def load(data: Buffer) -> str:
        return _moment(bytes(data))  # the buffer itself would keep the whole answer that it is of


@lru_cache(maxsize=20_000)
def _moment(data: bytes) -> str:
    (microseconds,) = unpack("!q", data)
    return iso(POSTGRES_EPOCH + timedelta(microseconds=microseconds))


def fetch_row(query: str, *parameters: Any, **named: Any) -> tuple[Any, ...] | None:
    rows = fetch(query, *parameters, **named)
    return rows[0] if rows else None


def _prepared() -> Connection[Any]:
    connection.ensure_connection()
    raw: Connection[Any] = connection.connection
    if settings.DATABASE_PREPARED and raw.prepare_threshold is None:
        raw.prepare_threshold = PREPARED_AFTER
    return raw


def _log(query: str) -> None:
    if connection.queries_logged:  # tests count their queries
        connection.queries_log.append({"sql": query, "time": "0"})


def columns(model: type[Model], table: str) -> str:
    """The columns of a model for a SELECT in which its table goes by this name; `loaded` takes their values."""
    return ", ".join(f'{table}."{field.column}"' for field in model._meta.concrete_fields)


def width(model: type[Model]) -> int:
    return len(model._meta.concrete_fields)


def loaded(model: type[M], values: Sequence[Any]) -> M:
    """A row that was read by `columns`, as Django would have made it."""
    return model.from_db("default", _attributes(model), values)


@cache
def _attributes(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
