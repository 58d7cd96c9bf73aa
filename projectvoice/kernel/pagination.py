"""`page` and `limit` of list endpoints."""

from collections.abc import Mapping
from typing import NamedTuple

from projectvoice.kernel.errors import InvalidInput, Text

MAX_LIMIT = 100


class Page(NamedTuple):
    number: int
    limit: int

    @property
    def rows(self) -> slice:
        return slice((self.number - 1) * self.limit, self.number * self.limit)


def page_of(query: Mapping[str, str], *, limit: int) -> Page:
    """Not a positive integer: 400. Too large a limit is capped."""
    return Page(_positive(query, "page", 1), min(_positive(query, "limit", limit), MAX_LIMIT))


def _positive(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name, str(default))
    if not (value.isascii() and value.isdigit() and len(value) <= 9 and int(value) > 0):
        raise InvalidInput(Text(f"{name} must be a positive integer", f"{name}: нужно целое положительное число"))
    return int(value)
