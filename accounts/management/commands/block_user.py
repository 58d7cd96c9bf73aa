"""Blocks an account, or lifts the block, from the shell of the machine."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts.selectors import user_by_email
from accounts.services import user_block, user_unblock
from projectvoice.kernel.commands import OperatorCommand


class Command(OperatorCommand):
    help = "Block an account: its sockets close, its tokens answer 403. --lift takes the block back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", default="Blocked by the operator")
        parser.add_argument("--lift", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_by_email(options["email"])
        if user is None:
            raise CommandError(f"No user with the e-mail {options['email']}")
        if options["lift"]:
            user_unblock(user=user)
        else:
            user_block(user=user, by=None, reason=options["reason"])
        self.stdout.write(f"{user} is {'unblocked' if options['lift'] else 'blocked'}")
