"""Erases one person."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from messaging.models import Orphan
from projectvoice.kernel.commands import OperatorCommand
from projectvoice.kernel.errors import DomainError
from selfhost.erasure import user_erase
from selfhost.holdings import HOLDINGS
from selfhost.people import confirm, person


class Command(OperatorCommand):
    help = "Erase a person: the account, all that hangs on it, and the messages. Can be called again if interrupted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="username, e-mail or id")
        parser.add_argument(
            "--keep-messages", action="store_true", help="messages stay, without an author and without their files"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        user = person(options["user"])
        self.stdout.write(f"{user} <{user.email}>, id {user.pk}")
        for holding in HOLDINGS:
            if count := holding.rows(user).count():
                self.stdout.write(f"  {count:>9} {holding.what}")
        if options["keep_messages"]:
            self.stdout.write("The messages stay, without an author and without their files.")
        self.stdout.write("Entries of the audit log stay as they are (docs/operations.md says why).")
        if not options["yes"]:
            confirm("The rest will be erased.", user.username)
        try:
            receipt = user_erase(user=user, keep_messages=options["keep_messages"])
        except DomainError as error:
            raise CommandError(f"{error} ({user} was not erased)") from error
        if left := Orphan.objects.count():
            self.stdout.write(f"{left} deleted files are still in the storage: run sweep_attachments in an hour.")
        self.stdout.write(f"Erased. Receipt: audit log {receipt.log}, entry {receipt.sequence}, hash {receipt.hash}")
