"""Puts a backup in the place of the database and the uploaded files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.db import connection

from projectvoice.kernel.commands import OperatorCommand
from selfhost.archive import Manifest
from selfhost.backup import backup_restore
from selfhost.people import confirm


class Command(OperatorCommand):
    help = "Restore a backup into an empty database, wholly or not at all, and bring it up to this version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="drop what the database and the uploaded files' folder hold")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        name = str(connection.settings_dict["NAME"])

        def agreed(manifest: Manifest) -> None:
            if options["replace"] and not options["yes"]:
                confirm(f"Everything in {name} will be replaced by the state of {manifest.created_at}.", name)

        manifest = backup_restore(options["file"], replace=options["replace"], agreed=agreed)
        self.stdout.write(f"{name} is as it was at {manifest.created_at}, with {manifest.files} uploaded files.")
