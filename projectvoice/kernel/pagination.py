"""`page` and `limit` of list endpoints."""

from collections.abc import Mapping
from typing import NamedTuple

from projectvoice.kernel.errors import InvalidInput, Text

MAX_LIMIT = 100
MAX_PAGE = 10**9


class Page(NamedTuple):
    number: int
    limit: int

    @property
    def rows(self) -> slice:
        return slice((self.number - 1) * self.limit, self.number * self.limit)


def page_of(query: Mapping[str, str], *, limit: int) -> Page:
    """Not a positive integer: 400. Too large a number is capped: behind the last page there is nothing anyway."""
    number, size = positive(query, "page", 1), positive(query, "limit", limit)
    return Page(min(number, MAX_PAGE), min(size, MAX_LIMIT))


def positive(query: Mapping[str, str], name: str, default: int | None = None) -> int:
    """A positive integer of 64 bits; a longer one counts as the largest."""
    value = query.get(name, "" if default is None else str(default))
    if not (value.isascii() and value.isdigit() and value.strip("0")):
        raise InvalidInput(Text(f"{name} must be a positive integer", f"{name}: нужно целое положительное число"))
    return int(value) if len(value) < 19 else 2**63 - 1
