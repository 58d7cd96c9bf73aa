"""Fixtures of the tests that speak REST in this process."""

import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import transaction

from accounts import two_factor
from accounts.models import User
from accounts.passwords import BoundedArgon2PasswordHasher
from accounts.post import waiting
from projectvoice.kernel import events
from tests.api.world import World
from tests.factories import make_user


@pytest.fixture(autouse=True)
def light_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm with little to do: these tests make a thousand users. Its real cost is tested in test_auth."""
    monkeypatch.setattr(BoundedArgon2PasswordHasher, "memory_cost", 64)
    monkeypatch.setattr(BoundedArgon2PasswordHasher, "time_cost", 1)


@pytest.fixture(scope="module")
def untouched_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once per file, in a transaction around those of its tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def world(untouched_world: World, db: None) -> World:
    return deepcopy(untouched_world)


@pytest.fixture
def told(monkeypatch, django_capture_on_commit_callbacks):
    """What the running calls were told by the requests made inside `with`."""

    class Told(list):
        def __enter__(self):
            self.clear()
            self.capture = django_capture_on_commit_callbacks(execute=True)
            self.capture.__enter__()
            return self

        def __exit__(self, *error):
            self.capture.__exit__(*error)

    told = Told()
    monkeypatch.setattr(events, "_publish", told.append)
    return told


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """By which codes of authenticator apps are judged: it stands still until a test moves it."""
    clock = SimpleNamespace(now=time.time())
    monkeypatch.setattr(two_factor, "time", SimpleNamespace(time=lambda: clock.now))
    return clock


@pytest.fixture
def letters(mailoutbox: list[EmailMessage]) -> Callable[[], list[EmailMessage]]:
    """All mail so far: what is under way arrives first."""

    def arrived() -> list[EmailMessage]:
        waiting.join()
        return mailoutbox

    return arrived


@pytest.fixture
def anna() -> User:
    return make_user(username="Anna")


@pytest.fixture
def boris() -> User:
    return make_user(username="Boris")


@pytest.fixture
def carol() -> User:
    return make_user(username="Carol")
