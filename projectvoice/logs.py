"""How log lines look."""

import logging
from typing import Any


class OneLine(logging.Filter):
    """For libraries that report a lost connection by a traceback a second: what happened fits in a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            record.msg, record.args = "%s: %s", (record.getMessage(), record.exc_info[1])
            record.exc_info = None
        return True


class RouteForPath(logging.Filter):
    """Of what Django says about a request: some paths are keys (invites, webhooks), their routes are not."""

    def filter(self, record: logging.LogRecord) -> bool:
        request: Any = getattr(record, "request", None)
        path, match = getattr(request, "path", None), getattr(request, "resolver_match", None)
        if path is not None and isinstance(record.args, tuple):
            record.args = tuple((match.route if match else "(no route)") if word == path else word for word in record.args)
        return True
