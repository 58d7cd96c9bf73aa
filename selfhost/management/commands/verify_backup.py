"""Tries a backup before it is needed."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from projectvoice.kernel.commands import OperatorCommand
from selfhost.verification import backup_verify


class Command(OperatorCommand):
    help = (
        "Restore a backup into a database of its own, bring it up to this version, check audit logs, uploaded files and counts, "
        "and drop it. Exit 1 if anything is wrong. The instance is not touched."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        manifest, messages, entries, faults = backup_verify(options["file"])
        if faults:
            raise CommandError("\n".join(faults))
        held = f"{messages} messages, {manifest.files} uploaded files, {entries} entries of audit logs"
        self.stdout.write(f"{options['file']}, of {manifest.created_at}, can be restored: {held}")
