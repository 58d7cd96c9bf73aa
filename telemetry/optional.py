"""What needs packages of its own is begun here, in each process, if its setting is there."""

from telemetry import process, reports, tracing

MISSING = "{setting} needs packages that are not installed: pip install --require-hashes -r requirements-observability.txt"


class CannotObserve(Exception):
    """In one sentence, why."""


def start(sentry_dsn: str, otlp_endpoint: str, version: str) -> None:
    """Raises CannotObserve."""
    if otlp_endpoint:
        try:
            tracing.start(version, process.name())
        except ImportError as error:
            raise CannotObserve(MISSING.format(setting="OTEL_EXPORTER_OTLP_ENDPOINT")) from error
    if sentry_dsn:
        try:
            reports.start(sentry_dsn, version, process.name())
        except ImportError as error:
            raise CannotObserve(MISSING.format(setting="SENTRY_DSN")) from error
        except ValueError as error:
            raise CannotObserve(str(error)) from error
