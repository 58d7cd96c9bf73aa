"""Writes of figures."""

from django.db import connection

from figures.counting import Counted, give_back, take


def figures_add(counted: Counted) -> None:
    """Adds to what other processes have counted. In one order, so that two who add do not wait for each other."""
    rows = [(name, day, total) for (name, day), total in sorted(counted.items())]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO figures_figure AS kept (name, day, total)
            SELECT * FROM unnest(%s::text[], %s::date[], %s::bigint[]) ORDER BY 1, 2
            ON CONFLICT (name, day) DO UPDATE SET total = kept.total + excluded.total
            """,
            [*map(list, zip(*rows, strict=True))],
        )


def figures_keep() -> None:
    """Writes down what this process has counted. If that fails, it is counted still."""
    counted = take()
    if not counted:
        return
    try:
        figures_add(counted)
    except Exception:
        give_back(counted)
        raise
