"""The second step of signing in, and what links in letters lead to."""

import re
import secrets
import time
from base64 import b32decode
from collections.abc import Callable, Iterator
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from accounts.totp import code_at
from tests.conftest import PATIENCE, Instance
from tests.e2e.people import PASSWORD, Person

TOKEN = "localStorage.getItem('projectvoice.token')"


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where they lie, a file each."""
    return tmp_path_factory.mktemp("letters")


@pytest.fixture(scope="module")
def live_url(instance: Instance, letters: Path) -> Iterator[str]:
    own = Instance({**instance.env, "EMAIL_URL": f"file://{letters}"})
    own.start()
    yield own.url
    own.stop()


@pytest.fixture
def mira(person: Callable[..., Person]) -> Person:
    one = person(f"Mira-{secrets.token_hex(3)}")
    one.open()
    one.sign_up()
    expect(one.page.get_by_role("heading", name="Welcome")).to_be_visible()
    return one


def call(one: Person, path: str, **body: str) -> dict:
    headers = {"Authorization": f"Bearer {one.page.evaluate(TOKEN)}"}
    answer = requests.post(f"{one.url}/api/auth{path}", json=body, headers=headers, timeout=PATIENCE)
    assert answer.ok, answer.text
    return answer.json() if answer.content else {}


def link_in_letter(letters: Path, one: Person, place: str) -> str:
    """The newest link to this place that was sent to this person."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for file in letters.iterdir():
            letter = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
            found = re.search(rf"https?://\S+/{place}#\S+", letter.get_body(("plain",)).get_content()) if letter["To"] else None
            if found and one.email in letter["To"]:
                return found[0]
        time.sleep(0.1)
    raise AssertionError(f"no letter with a link to {place} for {one.email}")


def sign_in(one: Person, password: str = PASSWORD) -> None:
    one.page.get_by_label("E-mail").fill(one.email)
    one.page.get_by_label("Password").fill(password)
    one.button("Sign in").click()


def test_who_has_a_second_factor_is_asked_for_it(mira: Person) -> None:
    secret = b32decode(call(mira, "/two-factor/setup", password=PASSWORD)["secret"])
    recovery = call(mira, "/two-factor/enable", code=code_at(secret, time.time()))["recoveryCodes"]
    mira.button("Sign out").click()
    sign_in(mira)
    mira.page.get_by_label("Code").fill("000000")
    mira.button("Sign in").click()
    expect(mira.page.get_by_role("alert")).to_be_visible()
    mira.page.get_by_label("Code").fill(recovery[0])
    mira.button("Sign in").click()
    expect(mira.page.get_by_role("heading", name="Welcome")).to_be_visible()


def test_a_forgotten_password_is_chosen_anew(mira: Person, letters: Path) -> None:
    mira.button("Sign out").click()
    mira.button("Forgot your password?").click()
    mira.page.get_by_label("E-mail").fill(mira.email)
    mira.button("Send the link").click()
    expect(mira.page.get_by_text("a link is on its way")).to_be_visible()
    mira.open(link_in_letter(letters, mira, "reset-password"))
    mira.page.get_by_label("New password").fill("another password")
    mira.button("Save").click()
    expect(mira.page.get_by_text("The password is changed.")).to_be_visible()
    mira.button("Go to the start page").click()
    sign_in(mira, "another password")
    expect(mira.page.get_by_role("heading", name="Welcome")).to_be_visible()


def test_an_address_is_confirmed_by_the_link_in_a_letter(mira: Person, letters: Path) -> None:
    call(mira, "/email/send")
    link = link_in_letter(letters, mira, "confirm-email")
    mira.open(link)
    expect(mira.page.get_by_text("the address is confirmed")).to_be_visible()
    mira.open("about:blank")
    mira.open(link.replace("#", "#x"))
    expect(mira.page.get_by_role("alert")).to_be_visible()
