"""Writes what the instance holds about one person."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from projectvoice.kernel.commands import OperatorCommand
from selfhost.export import person_export
from selfhost.people import person
from selfhost.whole_file import whole_file


class Command(OperatorCommand):
    help = "Write everything the instance holds about a person into one zip of JSON files, readable by you alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="username, e-mail or id")
        parser.add_argument("--output", metavar="FILE", type=Path, help="default: user-<id>.zip in this folder")
        parser.add_argument("--force", action="store_true", help="overwrite the file")

    def handle(self, *args: Any, **options: Any) -> None:
        user = person(options["user"])
        path = options["output"] or Path(f"user-{user.pk}.zip")
        with whole_file(path, replace=options["force"]) as file:
            counts = person_export(user=user, file=file)
        held = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
        self.stdout.write(f"{path}: {held}")
