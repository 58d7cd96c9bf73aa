"""For instances without mail: the link that a mail would bring."""

from argparse import ArgumentParser
from typing import Any

from accounts.links import password_reset_link
from moderation.services.acts import shell_record
from projectvoice.kernel.commands import OperatorCommand
from selfhost.people import add_user_and_url, person


class Command(OperatorCommand):
    help = "Print a link by which a user sets a new password within an hour. Goes into the audit log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_user_and_url(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user = person(options["user"])
        shell_record(user, "password.reset_link")
        self.stdout.write(password_reset_link(user, options["url"].rstrip("/")))
