"""Settings of oneself and of a server, friends and conversations: what one changes the others see at once."""

import base64
import re
import secrets
import time
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect

from accounts.totp import code_at
from tests.conftest import PATIENCE
from tests.e2e.people import PASSWORD, Person
from tests.e2e.test_chat import AXE, GRAVE, PHONE, call, founder, tools, two


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


def person_row(one: Person, other: Person) -> Page:
    return one.page.locator(".person-row", has_text=other.name)


def befriended(person: Callable[..., Person], **context: object) -> tuple[Person, Person]:
    anna, boris = person(f"Anna-{secrets.token_hex(3)}"), person(f"Boris-{secrets.token_hex(3)}", **context)
    for one in (anna, boris):
        one.open()
        one.sign_up()
        expect(one.page.get_by_role("heading", name="Welcome")).to_be_visible()
    asked = call(anna, "POST", "/friends/request", username=boris.name)["request"]["id"]
    call(boris, "POST", f"/friends/accept/{asked}")
    return anna, boris


def test_friends_are_found_asked_accepted_and_blocked_while_both_look(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    for one in (anna, boris):
        one.page.get_by_role("link", name="People").click()
    anna.page.get_by_role("tab", name="Add a friend").click()
    anna.page.get_by_label("Name", exact=True).fill("nobody-of-this-name")
    anna.button("Send request").click()
    expect(anna.page.get_by_role("alert")).to_have_text("User not found")
    anna.page.get_by_label("Name", exact=True).fill(boris.name)
    anna.button("Send request").click()
    expect(anna.page.get_by_role("status").filter(has_text="Request sent")).to_be_visible()

    boris.page.get_by_role("tab", name="Requests").click()
    boris.button(f"Accept {anna.name}").click()
    for one, other in ((anna, boris), (boris, anna)):
        one.page.get_by_role("tab", name="Online").click()
        expect(person_row(one, other)).to_contain_text("Online")

    boris.button(f"More about {anna.name}").click()
    boris.page.get_by_role("menuitem", name="Block").click()
    boris.button("Block").click()
    expect(person_row(anna, boris)).to_have_count(0)
    boris.page.get_by_role("tab", name="Blocked").click()
    boris.button(f"Unblock {anna.name}").click()
    expect(boris.page.get_by_text("Nobody is blocked")).to_be_visible()


def test_people_of_a_server_write_to_each_other_and_the_list_says_so(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    menu_of(anna, boris)
    anna.page.get_by_role("menuitem", name="Write a message").click()
    expect(anna.page.get_by_role("heading", name=boris.name, level=1)).to_be_visible()
    anna.say("Psst")
    expect(boris.page.get_by_role("link", name="People").locator(".count")).to_have_text("1")
    boris.page.get_by_role("link", name="People").click()
    boris.page.get_by_role("link", name=re.compile(anna.name)).click()
    expect(boris.message("Psst")).to_be_visible()
    expect(boris.page.get_by_role("link", name="People").locator(".count")).to_have_count(0)
    boris.say("Hear you")
    expect(anna.message("Hear you")).to_be_visible()


def test_a_group_is_made_named_and_left(person: Callable[..., Person]) -> None:
    anna, boris = befriended(person)
    for one in (anna, boris):
        one.page.get_by_role("link", name="People").click()
    anna.button("Create a group").click()
    anna.button("Create").click()
    expect(anna.page.get_by_role("alert")).to_have_text("Choose at least one friend.")
    anna.page.get_by_role("dialog").get_by_role("checkbox", name=boris.name).check()
    anna.button("Create").click()
    expect(anna.composer).to_be_visible()
    anna.button("Conversation").click()
    anna.page.get_by_role("menuitem", name="Rename group").click()
    anna.page.get_by_label("Group name").fill("Tenors")
    anna.button("Save").click()
    boris.page.get_by_role("link", name=re.compile("Tenors")).click()
    anna.say("Welcome")
    expect(boris.message("Welcome")).to_be_visible()
    boris.button("Conversation").click()
    boris.page.get_by_role("menuitem", name="Leave group").click()
    boris.button("Leave group").click()
    expect(boris.page.get_by_role("link", name=re.compile("Tenors"))).to_have_count(0)
    expect(anna.page.locator(".top-text")).to_have_text("1 member")


def test_a_role_changes_at_once_what_the_other_sees_and_may(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    expect(boris.button("Create a channel")).to_have_count(0)
    page = server_settings(anna, "Roles")
    anna.button("Create a role").click()
    page.get_by_label("Role name").fill("Tenors")
    page.get_by_role("radio", name="#E91E63").check()
    page.get_by_role("switch", name="Show its people apart").check()
    anna.button("Save").click()
    page.get_by_role("tab", name="Permissions").click()
    page.get_by_role("switch", name="Manage channels").check()
    anna.button("Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved").last).to_be_visible()
    page.get_by_role("tab", name="Members").click()
    page.get_by_label("Give it to").select_option(label=boris.name)
    anna.button("Add").click()

    expect(boris.page.get_by_role("complementary", name="Members").get_by_role("heading", name="Tenors")).to_be_visible()
    expect(boris.button("Create a channel").first).to_be_visible()
    anna.button(f"Take the role from {boris.name}").click()
    expect(boris.button("Create a channel")).to_have_count(0)

    leave_settings(anna)
    boris.say("And now?")
    anna.message("And now?").get_by_role("button", name=boris.name).click()
    page.get_by_role("menuitem", name="Roles").click()
    expect(page.get_by_role("dialog").get_by_role("checkbox")).to_have_count(1)
    page.get_by_role("dialog").get_by_role("checkbox", name="Tenors").check()
    page.get_by_role("radio", name="Moderator").check()
    anna.button("Save").click()
    expect(boris.button("Create a channel").first).to_be_visible()


def test_roles_are_put_in_order_by_buttons_and_by_dragging(person: Callable[..., Person]) -> None:
    anna = founder(person)
    server = int(anna.page.url.split("/")[4])
    for name in ("Altos", "Basses"):
        call(anna, "POST", f"/servers/{server}/roles", name=name)
    page = server_settings(anna, "Roles")
    rows = page.locator(".role-list li strong")
    presets = ["Owner", "Admin", "Moderator"]
    expect(rows).to_have_text([*presets, "Member", "Altos", "Basses", "@everyone"])
    anna.button("Move Altos down").click()
    expect(rows).to_have_text([*presets, "Member", "Basses", "Altos", "@everyone"])
    anna.button("Move Basses up").click()
    expect(rows).to_have_text([*presets, "Basses", "Member", "Altos", "@everyone"])
    page.locator(".role-list li", has_text="Altos").drag_to(page.locator(".role-list li", has_text="Moderator"))
    order = ["Owner", "Admin", "Altos", "Moderator", "Basses", "Member", "@everyone"]
    expect(rows).to_have_text(order)
    page.reload()
    expect(rows).to_have_text(order)


def test_a_channel_is_closed_to_a_role_and_why_is_told(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    page = server_settings(anna, "Channels")
    page.locator("a.row-text", has_text="general").click()
    page.get_by_label("For a role or a member").select_option(label="@everyone")
    page.get_by_role("radiogroup", name="Write messages").get_by_role("radio", name="Deny").check()
    anna.button("Save").click()
    expect(page.get_by_text("gives 0, takes 1")).to_be_visible()
    expect(boris.page.get_by_text("You may read here, but not write.")).to_be_visible()

    page.get_by_role("link", name="Why may they?").click()
    page.get_by_label("Person").select_option(label=boris.name)
    page.get_by_label("Permission").select_option(label="Write messages")
    page.get_by_label("Where").select_option(label="general")
    anna.button("Ask").click()
    expect(page.get_by_text(f"{boris.name} may not: Write messages")).to_be_visible()
    expect(page.locator(".chain li").last).to_contain_text("This channel, for @everyone")

    page.get_by_role("link", name="Channels").click()
    page.locator("a.row-text", has_text="general").click()
    anna.button("@everyone: as everywhere").click()
    anna.button("As everywhere").click()
    expect(boris.composer).to_be_visible()


def test_who_is_banned_is_out_until_the_ban_is_lifted_and_the_log_says_why(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    link = anna.copy_invite()
    menu_of(anna, boris)
    anna.page.get_by_role("menuitem", name="Ban").click()
    anna.page.get_by_label("Reason").fill("Sang flat on purpose")
    anna.page.get_by_role("dialog").get_by_role("button", name="Ban", exact=True).click()
    expect(boris.composer).to_have_count(0)
    boris.open(link)
    boris.page.get_by_role("button", name="Join ").click()
    expect(boris.page.get_by_role("alert")).to_contain_text("banned")

    page = server_settings(anna, "Audit log")
    page.get_by_label("What", exact=True).select_option(label="banned")
    expect(page.locator(".rows > li")).to_have_count(1)
    expect(page.locator(".rows > li")).to_contain_text("Sang flat on purpose")
    page.get_by_role("link", name="Bans").click()
    expect(page.locator(".row", has_text=boris.name)).to_contain_text("Sang flat on purpose")
    anna.button(f"Lift the ban of {boris.name}").click()
    anna.button("Lift the ban").click()
    expect(page.get_by_text("Nobody is banned")).to_be_visible()
    boris.page.get_by_role("button", name="Join ").click()
    expect(boris.composer).to_be_visible()


def test_an_invite_is_made_used_counted_and_revoked(person: Callable[..., Person]) -> None:
    anna = founder(person)
    page = server_settings(anna, "Invites")
    expect(page.get_by_text("No invites")).to_be_visible()
    anna.button("Create an invite").click()
    link = (
        page.get_by_label("Invite link").input_value()
        or page.wait_for_function("document.querySelector('.copy-row input').value").json_value()
    )
    anna.button("Done").click()
    expect(page.locator(".rows .row")).to_contain_text("used 0 times")
    boris = person(f"Boris-{secrets.token_hex(3)}")
    boris.enter(link)
    expect(page.locator(".rows .row")).to_contain_text("used once")
    page.get_by_role("button", name=re.compile("^Revoke ")).click()
    anna.button("Revoke").click()
    expect(page.get_by_text("No invites")).to_be_visible()
    carol = person("Carol")
    carol.open(link)
    expect(carol.page.get_by_role("alert")).to_contain_text("does not exist")


def test_a_timeout_and_a_nickname_are_seen_by_the_one_concerned(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    page = server_settings(anna, "Members")
    page.get_by_label("Find a member").fill(boris.name)
    expect(page.locator(".row")).to_have_count(1)
    anna.button(f"More about {boris.name}").click()
    page.get_by_role("menuitem", name="Time out").click()
    page.get_by_role("dialog").get_by_role("button", name="Time out", exact=True).click()
    expect(page.locator(".row")).to_contain_text("timed out")
    expect(boris.page.get_by_text("You may read here, but not write.")).to_be_visible()
    anna.button(f"More about {boris.name}").click()
    page.get_by_role("menuitem", name="End the timeout").click()
    expect(boris.composer).to_be_visible()
    anna.button(f"More about {boris.name}").click()
    page.get_by_role("menuitem", name="Nickname").click()
    page.get_by_role("dialog").get_by_label("Nickname").fill("Bass")
    anna.button("Save").click()
    expect(boris.page.get_by_role("complementary", name="Members").get_by_text("Bass")).to_be_visible()


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
    codes = page.get_by_role("list", name="Recovery codes").locator("code").all_inner_texts()
    assert len(set(codes)) == 10
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
