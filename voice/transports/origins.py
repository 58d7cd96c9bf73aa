"""Which pages may speak to us: a browser names the page's origin, and only there a page cannot lie."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from voice.transports.crowd import TURNED_AWAY


class Origins:
    """No page at all, one from the list that REST follows too, or the instance's own."""

    def __init__(self, allowed: Iterable[str]) -> None:
        """Besides our own; "*" is all."""
        self._allowed = frozenset(allowed)

    def may_speak(self, scope: Mapping[str, Any]) -> bool:
        """`scope` is a request's or a WebSocket's."""
        origin = header(scope, b"origin")
        if not origin or "*" in self._allowed or origin in self._allowed:
            return True
        own = _netloc(origin)
        if own and own == header(scope, b"host"):
            return True
        TURNED_AWAY.labels("origin").inc()
        return False


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def header(scope: Mapping[str, Any], wanted: bytes) -> str:
    """The first of that name; empty where there is none."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")
