"""Rooms above this one say here what must be settled before an account may go."""

from collections.abc import Callable

from accounts.models import User

# Each is called inside the deleting transaction with the user's row locked, and may refuse by a DomainError.
before_user_delete: list[Callable[[User], None]] = []
