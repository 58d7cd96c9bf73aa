"""What the lists of the admin panel have in common."""

from collections.abc import Iterable, Mapping

from drf_spectacular.utils import OpenApiParameter

from projectvoice.kernel.errors import InvalidInput, Text
from projectvoice.kernel.schema import paging

LIMIT = 20
SEARCH_LENGTH = 254
PAGING = paging(LIMIT)
SEARCH = OpenApiParameter("search", {"type": "string", "maxLength": SEARCH_LENGTH})
BAD_SEARCH = Text(f"search: at most {SEARCH_LENGTH} characters", f"search: не больше {SEARCH_LENGTH} символов")


def search_of(query: Mapping[str, str]) -> str:
    search = query.get("search", "").strip()
    if len(search) > SEARCH_LENGTH or "\0" in search:
        raise InvalidInput(BAD_SEARCH)
    return search


def choice_of(query: Mapping[str, str], name: str, choices: Iterable[str]) -> str:
    """One of the choices, or empty: no filter."""
    choice, known = query.get(name, ""), list(choices)
    if choice and choice not in known:
        listed = ", ".join(known)
        raise InvalidInput(Text(f"{name}: one of these is needed: {listed}", f"{name}: нужно одно из: {listed}"))
    return choice
