"""Rooms above this one say here who else hears of a new name or picture."""

from collections.abc import Callable

from accounts.models import User

# Each is called inside the changing transaction.
after_profile_change: list[Callable[[User], None]] = []
