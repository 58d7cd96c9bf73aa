"""`page` and `limit` of list endpoints."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from projectvoice.kernel.errors import InvalidInput, Text

MAX_LIMIT = 100
MAX_PAGE = 10**9


class Page(NamedTuple):
    number: int
    limit: int

    @property
    def rows(self) -> slice:
        return slice((self.number - 1) * self.limit, self.number * self.limit)

    def pages(self, total: int) -> int:
        """How many pages of this size so many rows make."""
        return -(-total // self.limit)


def envelope(name: str, rows: Iterable[Any], total: int, page: Page) -> dict[str, Any]:
    """A page of a list as its serializer takes it."""
    return {name: rows, "total": total, "page": page.number, "limit": page.limit, "total_pages": page.pages(total)}


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
