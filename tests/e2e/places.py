"""Ways to the pages of the client that are not chat."""

import secrets
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.people import Person
from tests.e2e.test_chat import call


def settings(one: Person, section: str = "") -> Page:
    """Of oneself."""
    one.button("Settings").click()
    if section:
        one.page.get_by_role("link", name=section, exact=True).click()
    return one.page


def server_settings(one: Person, section: str) -> Page:
    one.button("Server menu").click()
    one.page.get_by_role("menuitem", name="Server settings").click()
    one.page.get_by_role("link", name=section, exact=True).click()
    expect(one.page.get_by_role("heading", name=section, exact=True, level=1)).to_be_focused()
    return one.page


def leave_settings(one: Person) -> None:
    one.button("Close settings").click()


def menu_of(one: Person, other: Person) -> None:
    """That of somebody in the list of members."""
    one.page.get_by_role("complementary", name="Members").get_by_role("button", name=other.name).click()


def befriended(person: Callable[..., Person], **context: object) -> tuple[Person, Person]:
    anna, boris = person(f"Anna-{secrets.token_hex(3)}"), person(f"Boris-{secrets.token_hex(3)}", **context)
    for one in (anna, boris):
        one.open()
        one.sign_up()
        expect(one.page.get_by_role("heading", name="Welcome")).to_be_visible()
    asked = call(anna, "POST", "/friends/request", username=boris.name)["request"]["id"]
    call(boris, "POST", f"/friends/accept/{asked}")
    return anna, boris
