"""How log lines look: a line of text, or with `LOG_FORMAT=json` one JSON object a line."""

import logging
from datetime import UTC, datetime
from typing import Any

import orjson

from projectvoice.seen import masked_path
from telemetry import context, process

UNMATCHED = "(unknown)"


class OneLine(logging.Filter):
    """For libraries that report a lost connection by a traceback a second: what happened fits in a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            record.msg, record.args = "%s: %s", (record.getMessage(), record.exc_info[1])
            record.exc_info = None
        return True


class MaskedPath(logging.Filter):
    """Django names the path of a request that failed: tokens may stand in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple):
            match = request.resolver_match
            shown = masked_path(f"/{match.route}", match.kwargs) if match else UNMATCHED
            record.args = tuple(shown if argument == request.path else argument for argument in record.args)
            del record.request  # type: ignore[attr-defined]  # whoever else reads the record
        return True


class LineFormatter(logging.Formatter):
    """For people. Ids stand behind what was said."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        ids = (
            {**context.current(), **getattr(record, "fields", {})}
            if record.name == "projectvoice.access"
            else context.current()
        )
        shown = " ".join(f"{name}={value}" for name, value in ids.items() if value is not None)
        line = super().formatMessage(record)
        return f"{line} [{shown}]" if shown else line


class JsonFormatter(logging.Formatter):
    """For programs. Names are camelCase; `fields` of a record stand beside the others."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": process.name(),
            **context.current(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps({name: value for name, value in line.items() if value is not None}, default=str).decode()
