"""Finds the person a command names, and asks before what cannot be taken back."""

import re

from django.core.management import CommandError
from django.db.models import Q

from accounts.models import User, username_key


def person(name: str) -> User:
    """By username, e-mail or id. No username holds an `@`, but it may be a number."""
    called = Q(username_key=username_key(name)) | Q(email__iexact=name.strip())
    if re.fullmatch("[0-9]{1,18}", name):
        called |= Q(pk=int(name))
    found = list(User.objects.filter(called).order_by("pk"))
    if not found:
        raise CommandError(f"No user has the username, e-mail or id {name}")
    if len(found) > 1:
        raise CommandError(f"{name} is the username of one user and the id of another: use the e-mail")
    return found[0]


def confirm(question: str, word: str) -> None:
    """Goes on only if somebody types the word."""
    try:
        typed = input(f"{question}\nType {word} to go on: ")
    except EOFError:
        typed = ""
    if typed.strip() != word:
        raise CommandError("Nothing was changed.")
