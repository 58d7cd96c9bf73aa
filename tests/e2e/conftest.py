"""A browser for the package, closed with it: while Playwright's loop runs, no test with asyncio could start its own."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.people import CHROMIUM, PATIENCE, Person, find_chromium, launch


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if find_chromium() is None:
        pytest.skip(f"no browser found: none of {', '.join(CHROMIUM)} is installed")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture
def person(browser: Browser, live_url: str) -> Iterator[Callable[..., Person]]:
    """`person("Anna")`: somebody with a browser of their own, whose page must not throw."""
    people: list[Person] = []

    def enter(name: str, **context: object) -> Person:
        people.append(Person(browser, live_url, name, **context))
        return people[-1]

    yield enter
    complaints = [f"{one.name}: {text}" for one in people for text in one.complaints]
    for one in people:
        one.context.close()
    assert complaints == []
