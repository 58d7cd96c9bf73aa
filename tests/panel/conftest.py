"""Staff with a browser: Django's test client, signed in by the panel's own form."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.api.conftest import light_passwords, told  # noqa: F401 - fixtures
from tests.api.reports.conftest import scene  # noqa: F401 - likewise
from tests.factories import PASSWORD, make_user

PANEL = "/admin/"
LOGIN = f"{PANEL}login/"


@pytest.fixture
def browser_of() -> Callable[..., Client]:
    """`browser_of(user)`: signed in, if he may; `browser_of()`: a stranger. Reads English, and is held to CSRF tokens."""

    def browser(user: User | None = None) -> Client:
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        if user is not None:
            client.post(LOGIN, {"login": user.email, "password": PASSWORD})
        return client

    return browser


@pytest.fixture
def admin() -> User:
    return make_user(username="overseer", role="admin")


@pytest.fixture
def moderator() -> User:
    return make_user(username="warden", role="moderator")


@pytest.fixture
def boris() -> User:
    return make_user(username="boris", email="Boris@example.org")
