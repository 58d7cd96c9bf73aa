"""Two people find each other, talk, and part; the sound is measured, not believed."""

import secrets
from collections.abc import Callable

from playwright.sync_api import expect

from tests.conftest import Instance
from tests.e2e.people import Person


def in_one_call(person: Callable[..., Person], query: str = "") -> tuple[Person, Person]:
    """`query` of the page's address."""
    tag = secrets.token_hex(3)
    anna, boris = person(f"Anna-{tag}"), person(f"Boris-{tag}")
    anna.open(anna.url + query)
    anna.sign_up()
    anna.create_server("Choir")
    anna.create_channel("Rehearsal")
    link = anna.copy_invite()
    boris.open(link + query)
    expect(boris.page.get_by_text("You are invited to Choir")).to_be_visible()
    boris.sign_up()
    boris.button("Join Choir").click()
    for one in (anna, boris):
        one.button("Join Rehearsal").click()
    hear_each_other(anna, boris)
    return anna, boris


def hear_each_other(anna: Person, boris: Person) -> None:
    for one, other in ((anna, boris), (boris, anna)):
        expect(one.tile(other.name)).to_have_attribute("data-state", "connected")
        expect(one.tile(other.name)).to_contain_text("Connected")
        one.hears_everybody()


def test_two_people_hear_each_other_until_one_leaves(person: Callable[..., Person]) -> None:
    anna, boris = in_one_call(person)
    expect(boris.page.locator(".tile.speaking", has_text=anna.name)).to_be_visible()

    anna.page.keyboard.press("m")
    expect(boris.tile(anna.name)).to_contain_text("Muted")
    expect(anna.button("Unmute")).to_be_visible()
    anna.button("Unmute").click()
    expect(boris.tile(anna.name)).not_to_contain_text("Muted")

    boris.button("Leave").first.click()
    expect(anna.page.locator(".tile")).to_have_count(1)
    expect(anna.page.get_by_text("1 person in the call")).to_have_count(1)
    expect(anna.page.locator("#news")).to_have_text(f"{boris.name} left")
    expect(boris.button("Join Rehearsal")).to_be_visible()

    boris.button("Join Rehearsal").click()
    hear_each_other(anna, boris)


def test_a_newcomer_sees_who_was_muted_before(person: Callable[..., Person]) -> None:
    anna, boris = in_one_call(person)
    boris.button("Leave").first.click()
    anna.button("Mute").click()
    boris.button("Join Rehearsal").click()
    expect(boris.tile(anna.name)).to_contain_text("Muted")


def test_the_call_comes_back_after_the_server_was_away(person: Callable[..., Person], instance: Instance) -> None:
    anna, boris = in_one_call(person)
    boris.button("Mute").click()
    instance.stop()
    for one in (anna, boris):
        expect(one.page.get_by_text("The connection to the server was lost")).to_be_visible()
    instance.start()
    for one in (anna, boris):
        expect(one.page.locator(".stage")).to_have_attribute("data-state", "joined")
    hear_each_other(anna, boris)
    expect(anna.page.locator(".tile")).to_have_count(2)
    expect(anna.tile(boris.name)).to_contain_text("Muted")


def test_a_deleted_channel_ends_the_call_with_a_message(person: Callable[..., Person]) -> None:
    anna, boris = in_one_call(person)
    anna.page.locator(".channel-row").hover()
    anna.button("Delete channel Rehearsal").click()
    anna.button("Delete").click()
    for one in (anna, boris):
        expect(one.page.locator("main .note")).to_be_visible()
        expect(one.page.locator(".tile")).to_have_count(0)
    expect(anna.page.get_by_role("heading", name="No voice channels yet")).to_be_visible()


def test_without_a_microphone_one_still_listens(person: Callable[..., Person]) -> None:
    anna, boris = in_one_call(person)
    anna.button("Leave").first.click()
    anna.page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('none', 'NotFoundError') } }"
    )
    anna.button("Join Rehearsal").click()
    expect(anna.page.get_by_text("No microphone was found")).to_be_visible()
    expect(anna.tile(boris.name)).to_have_attribute("data-state", "connected")
    anna.hears_everybody()
    expect(boris.tile(anna.name)).to_contain_text("Muted")

    anna.page.evaluate("delete navigator.mediaDevices.getUserMedia")
    anna.button("Use microphone").click()
    expect(boris.tile(anna.name)).not_to_contain_text("Muted")
    boris.hears_everybody()
