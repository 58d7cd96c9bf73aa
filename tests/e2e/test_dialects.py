"""Whoever speaks whatever dialect: in one room all hear each other. Real clients in Chromium; the sound is measured."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Instance

JS = Path(__file__).parent.parent / "js"
SOCKET_IO = JS / "node_modules" / "socket.io-client" / "dist" / "socket.io.min.js"
DIALECTS = ("projectvoice", "room-signaling", "hub-signaling", "zvonim", "zvonim-envelope", "game-signaling")

# All hear everybody else, more and more.
ALL_HEAR = """async (count) => {
  const before = window.heard ?? [];
  window.heard = await Promise.all(callers.map((caller) => caller.heard()));
  return window.heard.every((bytes, at) => {
    const grown = Object.entries(bytes).filter(([id, now]) => now > (before[at]?.[id] ?? 0));
    return grown.length === count - 1 && Object.keys(bytes).length === count - 1;
  });
}"""
STATE = """async () => Promise.all(callers.map(async ({ dialect, id, errors, left, links }) => ({
  dialect, id, errors, left, links: Object.fromEntries([...links].map(([of, { connection }]) => [of, connection.connectionState])),
})))"""


@pytest.fixture
def page(browser: Browser, live_url: str) -> Iterator[Page]:
    """A page on which clients of all dialects can be made; it must not throw."""
    if not SOCKET_IO.exists():
        pytest.skip(f"socket.io-client is not installed: run `npm ci` in {JS}")
    context = browser.new_context(bypass_csp=True, permissions=["microphone"])
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(live_url)
    page.add_script_tag(path=SOCKET_IO)
    page.add_script_tag(path=JS / "dialects.js")
    page.evaluate("window.callers = []")
    yield page
    context.close()
    assert complaints == []


def enter(page: Page, dialect: str, room: str, token: str | None) -> str:
    """The id by which the others know the newcomer."""
    name = f"{dialect}-{secrets.token_hex(3)}"
    return page.evaluate(
        "([dialect, room, name, token]) => { const caller = new Caller(dialect, room, name, token ?? undefined);"
        " callers.push(caller); return caller.enter(); }",
        [dialect, room, name, token],
    )


def all_hear_each_other(page: Page, count: int) -> None:
    page.evaluate("delete window.heard")
    try:
        page.wait_for_function(ALL_HEAR, arg=count, polling=300, timeout=60_000)
    except Exception as error:
        raise AssertionError(f"somebody hears nothing: {page.evaluate(STATE)}") from error


def nobody_complains(page: Page) -> None:
    assert [one["errors"] for one in page.evaluate(STATE) if one["errors"]] == []


@pytest.mark.parametrize("order", [DIALECTS, DIALECTS[::-1]], ids=["first to last", "last to first"])
def test_all_dialects_in_one_open_room_hear_each_other(page: Page, instance: Instance, order: tuple[str, ...]):
    token, room = instance.sign_up("matrix")["token"], f"matrix-{secrets.token_hex(4)}"
    for dialect in order:
        enter(page, dialect, room, token if dialect == "projectvoice" else None)
    all_hear_each_other(page, len(order))
    nobody_complains(page)
    leaving = page.evaluate("callers.shift().leave(), callers.length")
    page.wait_for_function(
        "(count) => callers.every((caller) => caller.left.length === 1 && caller.links.size === count - 1)", arg=leaving
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_two_of_one_dialect_hear_each_other(page: Page, instance: Instance, dialect: str):
    room = f"matrix-{secrets.token_hex(4)}"
    for _ in range(2):
        enter(page, dialect, room, instance.sign_up("matrix")["token"] if dialect == "projectvoice" else None)
    all_hear_each_other(page, 2)
    nobody_complains(page)


def test_members_of_a_channel_hear_each_other_by_whatever_dialect(page: Page, instance: Instance):
    people = [instance.sign_up(name) for name in DIALECTS]
    _, channel = instance.voice_channel(*people)
    for dialect, person in zip(DIALECTS, people, strict=True):
        enter(page, dialect, f"channel-{channel}", person["token"])
    all_hear_each_other(page, len(people))
    nobody_complains(page)
