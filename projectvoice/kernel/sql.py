"""Reads that are asked all day: one statement, rows as tuples, no model and no query builder on the way.

On the connection that Django has for this thread, inside its transaction if there is one. The server binds the parameters
and keeps the plan (`DATABASE_PREPARED=off` for a pooler that cannot), and answers in binary.
"""

import time
from collections.abc import Sequence
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import Model
from psycopg import Cursor

M = TypeVar("M", bound=Model)
PREPARED_AFTER = 2  # uses of a statement on one connection


def fetch(query: str, *parameters: Any, **named: Any) -> list[tuple[Any, ...]]:
    """`parameters` fill the query's `%s` in their order, or `named` its `%(name)s`; lists become arrays."""
    connection.ensure_connection()
    raw = connection.connection
    if settings.DATABASE_PREPARED and raw.prepare_threshold is None:
        raw.prepare_threshold = PREPARED_AFTER
    began = time.monotonic()
    with connection.wrap_database_errors, Cursor(raw) as cursor:
        rows = cursor.execute(query, named or parameters, binary=True).fetchall()
    if connection.queries_logged:  # tests count their queries
        connection.queries_log.append({"sql": query, "time": f"{time.monotonic() - began:.3f}"})
    return rows


def fetch_row(query: str, *parameters: Any, **named: Any) -> tuple[Any, ...] | None:
    rows = fetch(query, *parameters, **named)
    return rows[0] if rows else None


def columns(model: type[Model], table: str) -> str:
    """The columns of a model for a SELECT in which its table goes by this name; `loaded` takes their values."""
    return ", ".join(f'{table}."{field.column}"' for field in model._meta.concrete_fields)


def width(model: type[Model]) -> int:
    return len(model._meta.concrete_fields)


def loaded(model: type[M], values: Sequence[Any]) -> M:
    """A row that was read by `columns`, as Django would have made it."""
    return model.from_db("default", [field.attname for field in model._meta.concrete_fields], values)
