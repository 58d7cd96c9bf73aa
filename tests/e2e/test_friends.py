"""Friends, direct messages and groups: what one does the others see at once."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.people import Person
from tests.e2e.places import befriended, menu_of
from tests.e2e.test_chat import two


def person_row(one: Person, other: Person) -> Page:
    return one.page.locator(".person-row", has_text=other.name)


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
