"""For instances without mail: the link that a mail would bring."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts.links import email_confirm_link
from projectvoice.kernel.commands import OperatorCommand
from selfhost.people import add_user_and_url, person


class Command(OperatorCommand):
    help = "Print a link that confirms a user's e-mail address within three days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_user_and_url(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user = person(options["user"])
        if user.email_confirmed:
            raise CommandError(f"{user.email} is confirmed already")
        self.stdout.write(email_confirm_link(user, options["url"].rstrip("/")))
