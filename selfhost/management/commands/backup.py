"""Writes the whole instance into one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from projectvoice.kernel.commands import OperatorCommand
from selfhost.backup import OWN_NAME, backup_write, backups_forget, own_name


class Command(OperatorCommand):
    help = "Write the database and the uploaded files into one file, readable by you alone. The instance may go on running."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", metavar="FILE", type=Path, default=Path(), help="or a folder; default: this one")
        parser.add_argument(
            "--keep", metavar="N", type=int, help="then remove all but the newest N backups of the folder, which is made"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path, keep = options["output"], options["keep"]
        if keep is not None and not path.suffix and not path.exists() and path.parent.is_dir():
            path.mkdir(mode=0o700)
        if path.is_dir():
            path /= own_name()
        if keep is not None and (keep < 1 or not OWN_NAME.fullmatch(path.name)):
            raise CommandError("--keep takes a number from 1 on, and a folder as --output: it counts files by our own naming")
        manifest = backup_write(path)
        self.stdout.write(f"{path}: the database and {manifest.files} uploaded files, {path.stat().st_size:,} bytes")
        for gone in backups_forget(path.parent, keep) if keep else ():
            self.stdout.write(f"removed {gone}")
