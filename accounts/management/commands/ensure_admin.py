"""Creates the first administrator, once; prints a password only if it made it up itself."""

import secrets
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from accounts.serializers import RegisterInput
from accounts.services import admin_ensure
from projectvoice import environment
from projectvoice.given import is_example
from projectvoice.kernel.commands import OperatorCommand


class Command(OperatorCommand):
    help = "Create the first administrator from ADMIN_EMAIL and ADMIN_PASSWORD, if there is none yet."

    def handle(self, *args: Any, **options: Any) -> None:
        email = environment.text("ADMIN_EMAIL", "admin@localhost")
        given = environment.text("ADMIN_PASSWORD")
        password = given or secrets.token_urlsafe(12)
        checked = RegisterInput(data={"username": "admin", "email": email, "password": password})
        if not checked.is_valid():
            raise CommandError(f"ADMIN_EMAIL or ADMIN_PASSWORD: {checked.errors}")
        if given and is_weak(given):
            raise CommandError("ADMIN_PASSWORD is one of those that everybody tries first. Without it a random one is made.")
        if admin_ensure(email=email, password=password):
            shown = "the password from ADMIN_PASSWORD" if given else f"password {password}  (shown only this once)"
            self.stdout.write(f"Administrator created: {email}, {shown}")


def is_weak(password: str) -> bool:
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        return True
    return is_example(password)
