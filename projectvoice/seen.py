"""What is noted of one request while it is answered: its id, its figures, its line in the log, its span."""

import logging
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from time import perf_counter
from typing import Any, Final
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponseBase

from projectvoice.metrics import answered
from telemetry import context, tracing

access: Final = logging.getLogger("projectvoice.access")

PROXIED: Final = "projectvoice.proxied"
"""Key of a scope whose request came by a proxy that is trusted."""
REQUEST_ID: Final = re.compile(rb"[\w.:/+=-]{1,64}", re.ASCII)
UNKNOWN, STATIC = "(unknown)", "(static)"
HIDDEN: Final = "…"
SHOWN_VALUE: Final = re.compile(r"\d{1,20}|true|false|on|off", re.ASCII)
LONGEST_QUERY: Final = 20  # names


class Seen:
    """Used as a context manager around all that is done for the request, in whatever thread."""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self._scope, self._begun = scope, perf_counter()
        headers = dict(scope["headers"]) if scope.get(PROXIED) else {}
        given = headers.get(b"x-request-id", b"")
        self.id = given.decode() if REQUEST_ID.fullmatch(given) else context.new_id()
        self.route, self.status = "", 0
        self._found: Mapping[str, Any] = {}
        self._ids: AbstractContextManager[context.Ids] = context.within(requestId=self.id)
        trace = {"traceparent": headers[b"traceparent"].decode("latin-1")} if b"traceparent" in headers else None
        self._span = tracing.span(scope["method"], server=True, carrier=trace) if tracing.on else None
        self._current: Any = None

    def __enter__(self) -> "Seen":
        self._ids.__enter__()
        if self._span is not None:
            self._current = self._span.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        """Nothing is told of who went away before he had asked."""
        if self.status:
            seconds = perf_counter() - self._begun
            answered(self._scope["method"], self.route, self.status, seconds)
            if access.isEnabledFor(logging.INFO):
                self._write(seconds)
        if self._span is not None:
            self._trace()
            self._span.__exit__(*error)
        self._ids.__exit__(*error)

    def found(self, request: HttpRequest | None, response: HttpResponseBase) -> None:
        """What Django made of it."""
        response["X-Request-ID"] = self.id
        self.status = response.status_code
        match = request and request.resolver_match
        if match:
            self.route = f"/{match.route}"
            self._found = match.kwargs
        else:
            self.route = STATIC if self._scope["path"].startswith("/static/") and self.status < 400 else UNKNOWN

    def _write(self, seconds: float) -> None:
        query = masked_query(self._scope["query_string"])
        shown = f"{masked_path(self.route, self._found)}{'?' if query else ''}{query}"
        fields = {"method": self._scope["method"], "path": shown, "status": self.status, "seconds": round(seconds, 4)}
        access.info("%s %s %d", fields["method"], shown, self.status, extra={"fields": fields})

    def _trace(self) -> None:
        self._current.update_name(f"{self._scope['method']} {self.route}")
        found = {
            "http.request.method": self._scope["method"],
            "http.route": self.route,
            "http.response.status_code": self.status,
        }
        self._current.set_attributes(
            {**found, **{f"projectvoice.{name}": str(value) for name, value in context.current().items()}}
        )


def masked_path(route: str, found: Mapping[str, Any]) -> str:
    """The path with its numbers; whatever else stood in it may be a token, or what somebody wrote."""
    return re.sub(
        r"<(?:\w+:)?(\w+)>",
        lambda part: str(found[part[1]]) if isinstance(found.get(part[1]), int) else HIDDEN,
        route,
    )


def masked_query(query: bytes) -> str:
    """With the names of its fields, and values only where they are numbers or switches."""
    fields = parse_qsl(query.decode("latin-1"), keep_blank_values=True)[:LONGEST_QUERY]
    return "&".join(f"{_word(name)}={value if SHOWN_VALUE.fullmatch(value) else HIDDEN}" for name, value in fields)


def _word(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w{0,31}", name, re.ASCII) else HIDDEN
