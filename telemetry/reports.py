"""Errors for Sentry, if `SENTRY_DSN` is set; without it nothing of Sentry is imported.

What is sent is put together anew from what we know to be harmless: the class of the error, where it was raised, our own words in the
log, and ids. No request, no body, no variables, no addresses, no breadcrumbs; and from words what looks like a secret is taken out.
"""

import logging
import re
from typing import Any, Final

from telemetry.context import current

FLUSH: Final = 2.0  # seconds that the end of a process waits for
LONGEST: Final = 500
SECRETS: Final = re.compile(
    r"""
    eyJ[\w-]+\.[\w-]+\.[\w-]*               # a token of ours
    | \b\w+://\S+                           # an address with whatever it holds
    | [\w.+-]+@[\w-]+\.[\w.-]+              # an e-mail address
    | \b\d{1,3}(?:\.\d{1,3}){3}\b           # IPv4
    | \b(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\b   # IPv6
    | /api/\S+                              # a path: in some of them stand tokens
    | [\w-]{20,}                            # whatever is long and has no spaces
    | \([^()]*\)=\([^()]*\)                 # a row, as PostgreSQL shows it
    """,
    re.VERBOSE | re.IGNORECASE,
)


def start(dsn: str, version: str, process: str) -> None:
    """Once, in each process. Raises ImportError where the package is not there, and ValueError for what is no DSN."""
    import sentry_sdk
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration
    from sentry_sdk.utils import BadDsn

    try:
        sentry_sdk.init(
            dsn,
            release=f"projectvoice@{version}",
            server_name=process,
            default_integrations=False,
            integrations=[LoggingIntegration(level=None, event_level=logging.ERROR), DedupeIntegration()],
            include_local_variables=False,
            max_breadcrumbs=0,
            send_default_pii=False,
            shutdown_timeout=FLUSH,
            before_send=harmless,
        )
    except BadDsn:
        raise ValueError("SENTRY_DSN is no DSN, as https://key@sentry.example.com/1") from None


def harmless(event: Any, hint: Any) -> Any:
    """Sentry's hook: what leaves this machine of an event."""
    kept = {
        name: event[name]
        for name in ("event_id", "timestamp", "level", "logger", "platform", "release", "server_name")
        if name in event
    }
    ids = {name: str(value) for name, value in current().items()}
    if "userId" in ids:
        kept["user"] = {"id": ids.pop("userId")}
    kept["tags"] = ids
    words = event.get("logentry") or {}
    if message := words.get("message"):
        kept["logentry"] = {"message": masked(str(message)), "formatted": masked(str(words.get("formatted") or message))}
    errors = (event.get("exception") or {}).get("values") or []
    if errors:
        kept["exception"] = {"values": [_error(error) for error in errors]}
    return kept


def masked(text: str) -> str:
    return SECRETS.sub("…", text[: 4 * LONGEST])[:LONGEST]


def _error(error: dict[str, Any]) -> dict[str, Any]:
    shown = {name: error[name] for name in ("type", "module", "mechanism") if error.get(name) is not None}
    shown["value"] = masked(str(error.get("value") or ""))
    frames = (error.get("stacktrace") or {}).get("frames") or []
    places = ("filename", "module", "function", "lineno", "in_app", "context_line", "pre_context", "post_context")
    shown["stacktrace"] = {"frames": [{name: frame[name] for name in places if name in frame} for frame in frames]}
    return shown
