"""Settings of a server: what who runs it changes the others see at once."""

import re
import secrets
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.people import Person
from tests.e2e.places import leave_settings, menu_of, server_settings
from tests.e2e.test_chat import call, founder, two


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
    field = page.get_by_label("Invite link")
    expect(field).to_have_value(re.compile("/invite/"))
    link = field.input_value()
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
