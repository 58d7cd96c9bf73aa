"""Spans for OpenTelemetry, if `OTEL_EXPORTER_OTLP_ENDPOINT` is set; without it nothing of OpenTelemetry is imported.

What else OpenTelemetry reads from the environment (OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER …) counts as its documents say.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

LONGEST_QUERY: Final = 1000
on = False
_tracer: Any = None
_provider: Any = None


def start(version: str, process: str) -> None:
    """Once, in each process. Raises ImportError where the packages are not there."""
    global on, _tracer, _provider
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.version": version, "service.instance.id": process}).merge(
        Resource({"service.name": "projectvoice"}) if not _is_named() else Resource({})
    )
    _provider = TracerProvider(resource=resource)
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(_provider)
    _tracer, on = _provider.get_tracer("projectvoice", version), True


def flush() -> None:
    """What is still here is sent, at the end of a process."""
    if _provider is not None:
        _provider.shutdown()


@contextmanager
def span(name: str, *, server: bool = False, carrier: Mapping[str, str] | None = None, **attributes: Any) -> Iterator[Any]:
    """What is done inside, in this task and in the threads that it hands its context to. None while there is no tracing.

    `carrier` holds the `traceparent` of whoever asked, if he is to be believed.
    """
    if not on:
        yield None
        return
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    context = extract(carrier) if carrier else None
    kind = SpanKind.SERVER if server else SpanKind.INTERNAL
    with _tracer.start_as_current_span(name, context=context, kind=kind, attributes=attributes) as current:
        yield current


def query(text: str, taken: float) -> None:
    """A question to the database that has just been answered. The text has placeholders where values go."""
    from opentelemetry.trace import SpanKind

    end = time.time_ns()
    attributes = {"db.system.name": "postgresql", "db.query.text": " ".join(text.split())[:LONGEST_QUERY]}
    name = text.split(None, 1)[0].upper() if text.strip() else "SQL"
    begun = end - int(taken * 1e9)
    _tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes, start_time=begun).end(end)


def _is_named() -> bool:
    import os

    return bool(os.environ.get("OTEL_SERVICE_NAME"))
