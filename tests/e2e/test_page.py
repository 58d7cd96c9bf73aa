"""What goes wrong is told in words; the keyboard and a phone are enough."""

import secrets
from collections.abc import Callable

import requests
from playwright.sync_api import expect

from tests.conftest import PATIENCE
from tests.e2e.people import PASSWORD, Person


def newcomer(person: Callable[..., Person], **context: object) -> Person:
    one = person(f"Mira-{secrets.token_hex(3)}", **context)
    one.open()
    return one


def test_the_root_answers_browsers_with_the_page_and_others_with_json(live_url: str) -> None:
    page = requests.get(live_url, headers={"Accept": "text/html"}, timeout=PATIENCE)
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "Accept" in page.headers["Vary"]
    assert requests.get(live_url, timeout=PATIENCE).json() == {"status": "WebRTC Signaling Server", "version": "1.0"}
    assert requests.post(live_url, timeout=PATIENCE).json()["code"] == 405
    assert "<title>ProjectVoice</title>" in requests.get(f"{live_url}/invite/any", timeout=PATIENCE).text


def test_errors_are_told_in_words(person: Callable[..., Person]) -> None:
    mira = newcomer(person)
    mira.sign_up()
    expect(mira.page.get_by_role("heading", name="Welcome")).to_be_visible()
    mira.button("Sign out").click()

    mira.page.get_by_label("E-mail").fill(mira.email)
    mira.page.get_by_label("Password").fill("not this one")
    mira.button("Sign in").click()
    expect(mira.page.get_by_role("alert")).to_have_text("Wrong password")

    taken = person(f"Other-{secrets.token_hex(3)}")
    taken.email = mira.email
    taken.open()
    taken.sign_up()
    expect(taken.page.get_by_role("alert")).to_be_visible()

    mira.page.get_by_label("Password").fill(PASSWORD)
    mira.button("Sign in").click()
    mira.page.get_by_label("Invite link").fill(f"{mira.url}/invite/00000000-0000-4000-8000-000000000000")
    mira.button("Open").click()
    expect(mira.page.get_by_text("This invite link does not exist any more.")).to_be_visible()
    mira.button("Go to the start page").click()
    expect(mira.page.get_by_role("heading", name="Welcome")).to_be_visible()


def test_a_session_ended_elsewhere_leads_to_the_sign_in(person: Callable[..., Person]) -> None:
    mira = newcomer(person)
    mira.sign_up()
    expect(mira.page.get_by_role("heading", name="Welcome")).to_be_visible()
    mira.page.evaluate(
        "fetch('/api/auth/sessions/current', {method: 'DELETE', "
        "headers: {Authorization: `Bearer ${localStorage.getItem('projectvoice.token')}`}})"
    )
    mira.page.reload()
    expect(mira.page.get_by_role("alert")).to_have_text("You were signed out. Please sign in again.")


def test_the_keyboard_is_enough(person: Callable[..., Person]) -> None:
    mira = newcomer(person)
    keyboard = mira.page.keyboard

    def tab_to(name: str) -> None:
        focused = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
        for _ in range(20):
            keyboard.press("Tab")
            if mira.page.evaluate(focused).strip() == name:
                return
        raise AssertionError(f"{name} cannot be reached by Tab")

    expect(mira.button("Sign in")).to_be_visible()
    tab_to("Create account")
    keyboard.press("Enter")
    expect(mira.page.get_by_label("Name", exact=True)).to_be_visible()
    mira.page.get_by_label("Name", exact=True).focus()
    for text in (mira.name, mira.email, PASSWORD):
        keyboard.type(text)
        keyboard.press("Tab")
    keyboard.press("Enter")
    expect(mira.page.get_by_role("heading", name="Welcome")).to_be_visible()

    tab_to("Create a server")
    keyboard.press("Enter")
    expect(mira.page.get_by_role("dialog")).to_be_visible()
    keyboard.press("Escape")
    expect(mira.page.get_by_role("dialog")).to_have_count(0)
    keyboard.press("Enter")
    keyboard.type("Keys")
    keyboard.press("Enter")
    expect(mira.page.get_by_role("heading", name="Keys").first).to_be_visible()


def test_a_phone_shows_where_to_write_without_scrolling_sideways(person: Callable[..., Person]) -> None:
    mira = newcomer(person, viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    width = "document.documentElement.scrollWidth"
    expect(mira.button("Sign in")).to_be_visible()
    assert mira.page.evaluate(width) == 360
    mira.sign_up()
    mira.create_server("A rather long name for a server on a small screen")
    mira.create_channel("Kitchen", "Text")
    expect(mira.composer).to_be_in_viewport()
    assert mira.page.evaluate(width) == 360

    mira.button("Servers and channels").click()
    expect(mira.channel("Kitchen")).to_be_in_viewport()
    assert mira.page.evaluate(width) == 360
    expect(mira.button("Sign out")).to_be_in_viewport()
    mira.page.keyboard.press("Escape")
    expect(mira.page.locator(".left")).to_have_attribute("inert", "")


def test_russian_browsers_get_russian(person: Callable[..., Person]) -> None:
    mira = newcomer(person, locale="ru-RU")
    expect(mira.page.get_by_role("heading", name="Войти")).to_be_visible()
    assert mira.page.evaluate("document.documentElement.lang") == "ru"
