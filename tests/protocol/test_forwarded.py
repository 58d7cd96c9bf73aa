"""Whose word counts for where a request came from: that of the proxies which the settings name, and nobody else's."""

from collections.abc import Iterator

import pytest
import requests

from tests.conftest import PATIENCE, Instance

FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def behind_a_proxy(instance: Instance) -> Iterator[Instance]:
    second = Instance({**instance.env, "TRUSTED_PROXIES": "127.0.0.1"})
    try:
        second.start()
        yield second
    finally:
        second.stop()


def seen(instance: Instance) -> tuple[str, bool]:
    """The address that a session has of its sign-in, and whether the panel's form thinks it is safe on its way."""
    email = instance.sign_up()["user"]["email"]
    url, body = f"{instance.url}/api/auth/login", {"email": email, "password": "password123"}
    token = requests.post(url, json=body, headers=FORWARDED, timeout=PATIENCE).json()["token"]
    (address,) = (one["address"] for one in instance.api("GET", "/auth/sessions", token).json() if one["isCurrent"])
    form = requests.get(f"{instance.url}/admin/login/", headers=FORWARDED, timeout=PATIENCE)
    return address, all(cookie.secure for cookie in form.cookies)


def test_only_named_proxies_say_where_a_request_comes_from(instance: Instance, behind_a_proxy: Instance):
    assert seen(instance) == ("127.0.0.1", False)
    assert seen(behind_a_proxy) == ("203.0.113.9", True)
