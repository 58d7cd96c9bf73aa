"""What is told of live events: who listens, what was taken into the log and told, and how far each process has come."""

from typing import TYPE_CHECKING, Final

from prometheus_client import Counter

from telemetry import process
from telemetry.registry import OWN, Samples, gauge
from voice.transports.metrics import watch_bus

if TYPE_CHECKING:
    from live.company import Company

SEQUENCED: Final = Counter("projectvoice_events_sequenced_total", "Announcements taken into the log.", registry=OWN)
TOLD: Final = Counter("projectvoice_events_told_total", "Events of the log told to subscribers of a process.", registry=OWN)
FRAMES: Final = Counter(
    "projectvoice_events_frames_total", "Frames of live events written: each event once for each who hears it.", registry=OWN
)
REPLAYS: Final = Counter(
    "projectvoice_events_replays_total",
    "Subscribers who came back: `replayed`, told what they had missed; `resync`, told to load anew, the log being too short.",
    ["outcome"],
    registry=OWN,
)
PRUNED: Final = Counter("projectvoice_events_pruned_total", "Old events that left the log.", registry=OWN)


def watch(company: "Company") -> None:
    """Of this process; once."""

    def position() -> Samples:
        return {(process.name(),): float(company.position)} if company.subscribers else {}

    gauge("projectvoice_events_subscribers", "Sockets that hear live events.", lambda: float(company.subscribers))
    gauge("projectvoice_events_replaying", "Subscribers who are told what they have missed.", lambda: float(company.replaying))
    gauge("projectvoice_events_position", "Sequence up to which a process with subscribers has told all.", position, "process")
    gauge(
        "projectvoice_threads_busy",
        "Questions of live events at work, by pool: `ahead` for what all wait for, `beside` for the rest.",
        lambda: {(name,): float(min(pool.asked, pool.most)) for name, pool in company.pools.items()},
        "pool",
    )
    gauge(
        "projectvoice_threads_waiting",
        "Questions of live events that wait for a thread.",
        lambda: {(name,): float(max(0, pool.asked - pool.most)) for name, pool in company.pools.items()},
        "pool",
    )
    watch_bus("live", company.bus)
