"""Deletes the files that nobody has a row for any more."""

from typing import Any

from messaging.attachments.services import attachments_sweep
from projectvoice.kernel.commands import OperatorCommand


class Command(OperatorCommand):
    help = "Delete files of deleted messages, and uploads of yesterday that no message took. Safe to run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        swept = 0
        while batch := attachments_sweep():
            swept += batch
        self.stdout.write(f"{swept} files")
