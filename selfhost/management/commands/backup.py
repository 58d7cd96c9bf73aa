"""Writes the whole instance into one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from selfhost.backup import OWN_NAME, backup_write, backups_forget, own_name


class Command(BaseCommand):
    help = "Write the database and the uploaded files into one file, readable by you alone. The instance may go on running."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", metavar="FILE", type=Path, default=Path(), help="or a folder; default: this folder")
        parser.add_argument("--keep", metavar="N", type=int, help="then remove all but the newest N backups of the same folder")

    def handle(self, *args: Any, **options: Any) -> None:
        path, keep = options["output"], options["keep"]
        if path.is_dir():
            path /= own_name()
        if keep is not None and (keep < 1 or not OWN_NAME.fullmatch(path.name)):
            raise CommandError("--keep takes a number from 1 on, and a folder as --output: it counts files by our own naming")
        manifest = backup_write(path)
        self.stdout.write(f"{path}: the database and {manifest.files} uploaded files, {path.stat().st_size:,} bytes")
        for gone in backups_forget(path.parent, keep) if keep else ():
            self.stdout.write(f"removed {gone}")
