"""Settings of oneself, keys of bots and webhooks; and that anybody can use all of the settings, whatever they use them with."""

import base64
import re
import secrets
import time
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import expect

from accounts.totp import code_at
from tests.conftest import PATIENCE
from tests.e2e.people import PASSWORD, Person
from tests.e2e.places import befriended, leave_settings, server_settings, settings
from tests.e2e.test_chat import AXE, GRAVE, PHONE, call, founder, tools, two


def test_a_second_factor_is_set_up_and_asked_for_at_the_next_sign_in(person: Callable[..., Person]) -> None:
    anna = founder(person)
    page = settings(anna, "Two-factor")
    anna.button("Set up two-factor").click()
    page.get_by_label("Password").fill("not this one")
    anna.button("Next").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    anna.button("Next").click()
    picture = page.get_by_role("img", name="QR code for the app")
    expect(picture).to_be_visible()
    page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle())
    secret = base64.b32decode(page.get_by_label("Key").input_value())
    page.get_by_label("Code").fill(code_at(secret, time.time()))
    anna.button("Turn on").click()
    shown = page.get_by_role("list", name="Recovery codes").locator("code")
    expect(shown).to_have_count(10)
    codes = shown.all_inner_texts()
    anna.button("Copy").click()
    assert page.evaluate("navigator.clipboard.readText()").split() == codes
    with page.expect_download() as download:
        anna.button("Download").click()
    assert download.value.path().read_text().split() == codes
    anna.button("I have kept them").click()
    expect(page.get_by_text("Two-factor is on")).to_be_visible()

    anna.button("Sign out").click()
    page.get_by_label("E-mail").fill(anna.email)
    page.get_by_label("Password").fill(PASSWORD)
    anna.button("Sign in").click()
    page.get_by_label("Code").fill(codes[0])
    anna.button("Sign in").click()
    expect(page.get_by_text("9 recovery codes left")).to_be_visible()
    anna.button("Turn two-factor off").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_label("Code").fill(codes[1])
    dialog.get_by_role("button", name="Turn two-factor off").click()
    expect(page.get_by_text("Two-factor is off", exact=True)).to_be_visible()


def test_a_device_that_is_signed_out_from_another_one_is_out(person: Callable[..., Person]) -> None:
    anna = founder(person)
    other = person("Anna elsewhere")
    other.open()
    other.page.get_by_label("E-mail").fill(anna.email)
    other.page.get_by_label("Password").fill(PASSWORD)
    other.button("Sign in").click()
    expect(other.composer).to_be_visible()
    page = settings(anna, "Devices")
    page.get_by_role("button", name=re.compile("^Sign out Chrome")).click()
    expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()
    expect(other.page.get_by_text("You were signed out. Please sign in again.")).to_be_visible()
    leave_settings(anna)
    expect(anna.composer).to_be_visible()


def test_the_profile_the_password_and_the_looks_are_ones_own_to_change(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    page = settings(anna)
    fresh = f"Anne-{secrets.token_hex(3)}"
    page.get_by_label("Name", exact=True).fill(fresh)
    page.get_by_label("About yourself").fill("Sings")
    anna.button("Save").click()
    expect(boris.page.get_by_role("complementary", name="Members").get_by_text(fresh)).to_be_visible()
    page.get_by_role("radio", name="Do not disturb").check()
    expect(boris.page.get_by_role("complementary", name="Members").locator(".presence.dnd")).to_have_count(1)

    page.get_by_role("link", name="Sign-in").click()
    page.get_by_label("Present password").fill("wrong password")
    page.get_by_label("New password").fill("a better one")
    anna.button("Change password").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Present password").fill(PASSWORD)
    anna.button("Change password").click()
    expect(page.get_by_role("status").filter(has_text="Password changed")).to_be_visible()

    page.get_by_role("link", name="Appearance").click()
    page.get_by_role("radio", name="Dark").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("radio", name="Compact").check()
    expect(page.locator("html")).to_have_attribute("data-density", "compact")
    page.get_by_role("radio", name="Русский").check()
    expect(page.get_by_role("heading", name="Внешний вид")).to_be_visible()


def test_a_message_is_reported_and_the_report_is_kept_in_sight(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    anna.say("Buy tickets here")
    tools(boris, "Buy tickets").get_by_role("button", name="More").click()
    boris.page.get_by_role("menuitem", name="Report").click()
    boris.page.get_by_label("What happened").fill("Not a place to sell")
    boris.button("Send report").click()
    expect(boris.page.get_by_role("dialog")).to_have_count(0)
    page = settings(boris, "Reports")
    expect(page.locator(".row")).to_contain_text("Not a place to sell")
    expect(page.locator(".row .badge")).to_have_text("Waiting")


def test_a_dialog_keeps_the_focus_and_gives_it_back_and_escape_leaves_settings(person: Callable[..., Person]) -> None:
    anna = founder(person)
    page = settings(anna, "Sign-in")
    opener = anna.button("Delete account")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label(re.compile("to confirm"))).to_be_focused()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.keyboard.press("Escape")
    expect(anna.composer).to_be_visible()


def test_settings_and_friends_fit_a_phone(person: Callable[..., Person]) -> None:
    _, boris = befriended(person, **PHONE)
    width = "document.documentElement.scrollWidth"
    page = boris.page
    boris.open(f"{boris.url}/settings")
    expect(page.get_by_role("link", name="Devices")).to_be_in_viewport()
    assert page.evaluate(width) == 390
    page.get_by_role("link", name="Devices").click()
    expect(page.get_by_role("heading", name="This device")).to_be_in_viewport()
    assert page.evaluate(width) == 390
    boris.button("Back").click()
    expect(page.get_by_role("link", name="Profile")).to_be_in_viewport()
    boris.button("Close settings").click()
    boris.open(f"{boris.url}/friends")
    expect(page.locator(".person-row")).to_have_count(1)
    page.get_by_role("tab", name="Add a friend").click()
    expect(boris.button("Send request")).to_be_in_viewport()
    assert page.evaluate(width) == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_in_them_keeps_people_out(person: Callable[..., Person], scheme: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run `npm ci` in tests/js")
    anna = person(f"Anna-{secrets.token_hex(3)}", color_scheme=scheme, bypass_csp=True)
    page = anna.page
    page.add_init_script(path=AXE)
    anna.open()
    anna.sign_up()
    anna.create_server("Choir")
    anna.create_channel("general", "Text")
    server = int(page.url.split("/")[4])
    role = call(anna, "POST", f"/servers/{server}/roles", name="Tenors", color="#E91E63")["id"]
    call(anna, "POST", f"/invite/{server}/invite")

    def look() -> None:
        expect(page.locator(".skeleton")).to_have_count(0)
        page.evaluate(
            "Promise.all(document.getAnimations().filter(one => one.effect.getTiming().iterations === 1).map(one => one.finished))"
        )
        assert page.evaluate(GRAVE) == [], page.url

    for section in ("profile", "account", "two-factor", "sessions", "appearance", "notifications", "reports", "bots"):
        anna.open(f"{anna.url}/settings/{section}")
        expect(page.get_by_role("main")).to_be_visible()
        look()
    sections = (
        "overview",
        "roles",
        f"roles/{role}",
        "channels",
        "members",
        "bans",
        "invites",
        "audit",
        "webhooks",
        "why",
        "leave",
    )
    for section in sections:
        anna.open(f"{anna.url}/settings/server/{server}/{section}")
        expect(page.get_by_role("main")).to_be_visible()
        look()
    anna.open(f"{anna.url}/settings/server/{server}/roles/{role}")
    page.get_by_role("tab", name="Permissions").click()
    look()
    anna.open(f"{anna.url}/settings/server/{server}/channels")
    page.locator("a.row-text").first.click()
    page.get_by_label("For a role or a member").select_option(label="Tenors")
    look()
    anna.open(f"{anna.url}/friends")
    for tab in ("Online", "All", "Requests", "Blocked", "Add a friend"):
        page.get_by_role("tab", name=tab).click()
        look()


def test_a_webhook_and_a_bot_are_made_and_their_keys_shown_once(person: Callable[..., Person]) -> None:
    anna = founder(person)
    page = server_settings(anna, "Webhooks")
    anna.button("Create a webhook").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Calendar")
    anna.button("Create").click()
    address = page.get_by_role("textbox", name="Address of the webhook").input_value()
    anna.button("Done").click()
    expect(page.locator(".row", has_text="Calendar")).to_contain_text("writes into general")
    assert requests.post(address, json={"content": "Rehearsal at seven"}, timeout=PATIENCE).ok
    leave_settings(anna)
    expect(anna.message("Rehearsal at seven")).to_contain_text("Calendar")

    settings(anna, "Bots")
    name = f"Scribe-{secrets.token_hex(3)}"
    anna.button("Create a bot").click()
    page.get_by_role("dialog").get_by_label("Name").fill(name)
    anna.button("Create").click()
    anna.button(f"More about {name}").click()
    page.get_by_role("menuitem", name="Create a token").click()
    page.get_by_label("What it is for").fill("Laptop")
    anna.button("Create").click()
    token = page.get_by_role("textbox", name="Token", exact=True).input_value()
    anna.button("Done").click()
    itself = requests.get(f"{anna.url}/api/bots/me", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE).json()
    assert (itself["username"], itself["scopes"]) == (
        name,
        ["events", "members.read", "messages.read", "messages.write", "servers.read", "voice"],
    )
    anna.button("Revoke token Laptop").click()
    anna.button("Revoke").click()
    expect(page.get_by_text("Laptop")).to_have_count(0)
    assert (
        requests.get(f"{anna.url}/api/bots/me", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE).status_code
        == 401
    )
