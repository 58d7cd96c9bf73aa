"""Takes out of the log what is older than EVENTS_KEPT_DAYS; the web processes do so each hour by themselves."""

from typing import Any

from live.pruning import prune
from projectvoice.kernel.commands import OperatorCommand


class Command(OperatorCommand):
    help = "Delete events that are older than EVENTS_KEPT_DAYS. Safe to run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{prune()} events")
