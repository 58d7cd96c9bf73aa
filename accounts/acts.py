"""Rooms above this one say here who else is to hear what an account's owner did with its locks."""

from collections.abc import Callable

from accounts.models import User

# Each is called at the end of the acting transaction, with the owner and the name of the act.
on_account_act: list[Callable[[User, str], None]] = []


def account_act(user: User, action: str) -> None:
    for tell in on_account_act:
        tell(user, action)
