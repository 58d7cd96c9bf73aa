"""Finds the person a command names, knows where his links lead, and asks before what cannot be taken back."""

import re
from argparse import ArgumentParser

from django.conf import settings
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


def add_user_and_url(parser: ArgumentParser) -> None:
    """Of commands that print a link for somebody."""
    parser.add_argument("user", help="username, e-mail or id")
    url = settings.PUBLIC_URL or "http://localhost:5000"
    parser.add_argument("--url", default=url, help="where people open this instance (default: %(default)s)")


def confirm(question: str, word: str) -> None:
    """Goes on only if somebody types the word."""
    try:
        typed = input(f"{question}\nType {word} to go on: ")
    except EOFError:
        typed = ""
    if typed.strip() != word:
        raise CommandError("Nothing was changed.")
