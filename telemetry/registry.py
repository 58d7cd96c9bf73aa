"""The figures of this process, in the classes of prometheus_client, and how those of several processes become one.

`Counter` and `Histogram` of that library count where something happens, with `registry=OWN`; `gauge` and `counter` below read at a
scrape what exists anyway. Labels hold words of our own, never ids or what a stranger chose: their number is bounded.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry, Metric, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

Samples = float | Mapping[tuple[str, ...], float]
"""By the values of the labels; a number alone where there are none."""
Snapshot = list[list[Any]]
"""Families as JSON can hold them: name, type, help, and samples of name, labels and value."""

SUMMED: Final = frozenset({"counter", "histogram"})
"""Types that only grow: of a process that died they still count."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, which nobody reads
OWN: Final = CollectorRegistry()
"""Of this process. What several have under one name and the same labels is added up."""
questions: Final[list[Callable[[], Iterable[Metric]]]] = []
"""About the whole instance: asked of the database once for a scrape, in a thread. They may raise."""


class _Read(Collector):
    def __init__(self, metric: Callable[[], Metric], labels: tuple[str, ...], read: Callable[[], Samples]) -> None:
        self._metric, self._labels, self._read = metric, labels, read

    def collect(self) -> Iterable[Metric]:
        metric, found = self._metric(), self._read()
        samples = found if isinstance(found, Mapping) else {(): found}
        suffix = "_total" if metric.type == "counter" else ""
        for values, value in samples.items():
            metric.add_sample(metric.name + suffix, dict(zip(self._labels, values, strict=True)), value)
        yield metric

    def describe(self) -> Iterable[Metric]:
        yield self._metric()


def gauge(name: str, about: str, read: Callable[[], Samples], *labels: str) -> None:
    """`read` is called for each scrape."""
    OWN.register(_Read(lambda: Metric(name, about, "gauge"), labels, read))


def counter(name: str, about: str, read: Callable[[], Samples], *labels: str) -> None:
    """What `read` answers never shrinks. The name ends in `_total`."""
    OWN.register(_Read(lambda: Metric(name.removesuffix("_total"), about, "counter"), labels, read))


def snapshot() -> Snapshot:
    return families_of(OWN.collect())


def families_of(metrics: Iterable[Metric]) -> Snapshot:
    return [
        [metric.name, metric.type, metric.documentation, [[one.name, one.labels, one.value] for one in metric.samples]]
        for metric in metrics
    ]


def growing(families: Snapshot) -> Snapshot:
    return [family for family in families if family[1] in SUMMED]


def added_up(snapshots: Iterable[Snapshot]) -> Snapshot:
    """One sample for each name and set of labels."""
    families: dict[str, tuple[str, str, dict[tuple[str, tuple[tuple[str, str], ...]], float]]] = {}
    for name, kind, about, samples in (family for families in snapshots for family in families):
        _, _, known = families.setdefault(name, (kind, about, {}))
        for sample, labels, value in samples:
            key = sample, tuple(labels.items())
            known[key] = known.get(key, 0.0) + value
    return [
        [name, kind, about, [[sample, dict(labels), value] for (sample, labels), value in known.items()]]
        for name, (kind, about, known) in families.items()
    ]


class _Told(Collector):
    def __init__(self, families: Snapshot) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        for name, kind, about, samples in self._families:
            metric = Metric(name, about, kind)
            for sample, labels, value in samples:
                metric.add_sample(sample, labels, value)
            yield metric


def exposition(families: Snapshot, accept: str = "") -> tuple[bytes, str]:
    """As Prometheus reads it, in the format it asks for, and the content type."""
    encode, content_type = choose_encoder(accept)
    return encode(_Told(families)), content_type
