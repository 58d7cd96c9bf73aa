"""Takes the second factor off an account whose owner lost his devices and his recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from accounts.enrolment import two_factor_remove
from moderation.services.acts import shell_record
from projectvoice.kernel.commands import OperatorCommand
from selfhost.people import person


class Command(OperatorCommand):
    help = "Turn a user's two-factor authentication off, and sign him out everywhere. Goes into the audit log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="username, e-mail or id")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user = person(options["user"])
        if not two_factor_remove(user=user):
            raise CommandError(f"{user} has no two-factor authentication. Nothing was changed.")
        shell_record(user, "two_factor.reset")
        self.stdout.write(f"{user} signs in with the password alone, and may set it up anew")
