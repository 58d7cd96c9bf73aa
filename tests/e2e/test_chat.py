"""Friends write to each other: what one does the other sees; and anybody can use the page, whatever they see or hear it with."""

import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.conftest import PATIENCE, ROOT
from tests.e2e.people import Person

AXE = ROOT / "tests" / "js" / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
# What axe finds that keeps people out.
GRAVE = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => ["serious", "critical"].includes(impact))
  .map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))])"""
TOKEN = "localStorage.getItem('projectvoice.token')"
PICTURE = ROOT / "docs" / "pictures" / "call.png"


def founder(person: Callable[..., Person], **context: object) -> Person:
    """Of a server with one text channel, which is open."""
    anna = person(f"Anna-{secrets.token_hex(3)}", **context)
    anna.open()
    anna.sign_up()
    anna.create_server("Choir")
    anna.create_channel("general", "Text")
    expect(anna.composer).to_be_visible()
    return anna


def two(person: Callable[..., Person], **context: object) -> tuple[Person, Person]:
    """Both look at the same channel."""
    anna = founder(person)
    boris = person(f"Boris-{secrets.token_hex(3)}", **context)
    boris.enter(anna.copy_invite())
    expect(boris.composer).to_be_visible()
    return anna, boris


def call(one: Person, method: str, path: str, **body: object) -> dict:
    """The API, as this person."""
    headers = {"Authorization": f"Bearer {one.page.evaluate(TOKEN)}"}
    answer = requests.request(method, f"{one.url}/api{path}", headers=headers, json=body or None, timeout=PATIENCE)
    assert answer.ok, answer.text
    return answer.json() if answer.content else {}


def channel_id(one: Person) -> int:
    return int(one.page.url.split("/")[5])


def until(one: Person, reached: Callable[[], object]) -> None:
    """What this test itself hears of the page: it hears only while it waits."""
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        one.page.wait_for_timeout(20)


def tools(one: Person, text: str) -> Page:
    """Of this message."""
    one.message(text).first.hover()
    return one.message(text).first.get_by_role("group", name="What to do with the message")


def test_what_one_writes_the_other_reads_answers_and_reacts_to(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    anna.say("Shall we **sing** at seven?", "Shall we sing at seven?")
    expect(boris.message("Shall we sing at seven?").locator("strong", has_text="sing")).to_be_visible()

    tools(boris, "Shall we sing").get_by_role("button", name="Reply").click()
    expect(boris.page.get_by_text(f"Reply to {anna.name}")).to_be_visible()
    boris.say("Gladly")
    expect(anna.message("Gladly").locator(".original")).to_contain_text("Shall we")

    tools(boris, "Shall we sing").get_by_role("button", name="React with 👍").click()
    expect(boris.page.get_by_role("button", name="👍, 1")).to_have_attribute("aria-pressed", "true")
    anna.page.get_by_role("button", name="👍, 1").click()
    expect(boris.page.get_by_role("button", name="👍, 2")).to_be_visible()


def test_an_edit_and_a_deletion_are_seen_by_both(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    anna.say("Half past sevn")
    expect(boris.message("Half past sevn")).to_be_visible()
    anna.composer.press("ArrowUp")
    field = anna.page.get_by_label("Edit the message")
    expect(field).to_be_focused()
    field.fill("Half past seven")
    field.press("Enter")
    expect(anna.composer).to_be_focused()
    for one in (anna, boris):
        expect(one.message("Half past seven")).to_contain_text("edited")

    expect(boris.message("Half past seven")).to_be_visible()
    tools(anna, "Half past").get_by_role("button", name="More").click()
    anna.page.get_by_role("menuitem", name="Delete message").click()
    anna.button("Delete").click()
    for one in (anna, boris):
        expect(one.message("Half past")).to_have_count(0)


def test_what_one_may_not_is_not_offered(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    anna.say("Mine")
    tools(boris, "Mine").get_by_role("button", name="More").click()
    expect(boris.page.get_by_role("menuitem", name="Copy text")).to_be_visible()
    expect(boris.page.get_by_role("menuitem", name="Delete message")).to_have_count(0)
    expect(boris.page.get_by_role("menuitem", name="Pin")).to_have_count(0)
    for name in ("Create a channel", "Attach a file"):
        expect(boris.button(name)).to_have_count(0)
        expect(anna.button(name).first).to_be_attached()


def test_files_are_sent_and_shown(person: Callable[..., Person], tmp_path: Path) -> None:
    anna, boris = two(person)
    notes = tmp_path / "notes.txt"
    notes.write_text("do re mi")
    anna.page.locator("input[type=file]").set_input_files([PICTURE, notes])
    expect(anna.page.locator(".upload progress")).to_have_count(0)
    expect(anna.page.locator(".upload")).to_have_count(2)
    anna.say("The hall")
    picture = boris.message("The hall").get_by_role("img", name="call.png")
    expect(picture).to_be_visible()
    boris.page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle())
    boris.button("Show call.png").click()
    expect(boris.page.get_by_role("dialog", name="call.png")).to_be_visible()
    boris.page.keyboard.press("Escape")
    with boris.page.expect_download() as download:
        boris.message("The hall").get_by_role("link", name="notes.txt").click()
    assert download.value.path().read_text() == "do re mi"


def test_a_message_that_was_not_delivered_can_be_sent_again_and_comes_once(person: Callable[..., Person]) -> None:
    anna = founder(person)
    anna.page.route("**/api/messages", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    anna.composer.fill("Are you there?")
    anna.composer.press("Enter")
    expect(anna.page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(anna.page.get_by_text("No connection to the server")).to_be_visible()
    anna.page.unroute("**/api/messages")
    anna.button("Send again").click()
    expect(anna.message("Are you there?")).to_have_count(1)
    expect(anna.page.locator(".outgoing")).to_have_count(0)


def test_an_answer_that_is_overtaken_by_events_takes_nothing_away(person: Callable[..., Person]) -> None:
    """A page of messages is read, and told only after more was written and one deleted, which events have told before."""
    anna, boris = two(person)
    general = channel_id(anna)
    anna.create_channel("tour", "Text")
    tour = channel_id(anna)
    anna.say("Read me")
    gone = call(anna, "POST", "/messages", channelId=tour, content="Not me")["id"]
    held: list[tuple[Route, APIResponse]] = []
    boris.page.route("**/api/messages?*", lambda route: held.append((route, route.fetch())), times=1)
    boris.channel("tour").click()
    until(boris, lambda: held)
    call(anna, "POST", "/messages", channelId=tour, content="Overtaken")
    call(anna, "DELETE", f"/messages/{gone}")
    call(anna, "POST", "/messages", channelId=general, content="The last event")
    expect(boris.channel("general").locator(".count")).to_have_text("1")
    route, answer = held.pop()
    assert "Not me" in answer.text()
    assert "Overtaken" not in answer.text()
    route.fulfill(response=answer)
    expect(boris.message("Read me")).to_have_count(1)
    expect(boris.message("Overtaken")).to_have_count(1)
    expect(boris.message("Not me")).to_have_count(0)


def test_what_was_not_read_is_counted_until_it_is_seen(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    anna.create_channel("tour", "Text")
    boris.page.reload()
    boris.channel("general").click()
    anna.say("One")
    anna.say("Two")
    expect(boris.channel("tour").locator(".count")).to_have_text("2")
    boris.channel("tour").click()
    expect(boris.page.locator(".divider.fresh")).to_have_text("New")
    expect(boris.message("Two")).to_be_in_viewport()
    expect(boris.channel("tour").locator(".count")).to_have_count(0)


def test_a_name_after_an_at_is_completed_and_stands_out(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    anna.composer.press_sequentially(f"come @{boris.name[:7]}")
    expect(anna.page.get_by_role("option", name=boris.name)).to_be_visible()
    anna.composer.press("Enter")
    expect(anna.composer).to_have_value(f"come @{boris.name} ")
    anna.composer.press("Enter")
    expect(boris.page.locator(".message.called .mention.mine")).to_have_text(f"@{boris.name}")


def test_one_sees_who_is_there_and_who_is_writing(person: Callable[..., Person]) -> None:
    anna, boris = two(person)
    expect(anna.page.get_by_role("complementary", name="Members").get_by_text("Online 1")).to_be_visible()
    boris.composer.press_sequentially("I am")
    expect(anna.page.get_by_text(f"{boris.name} is writing")).to_be_visible()
    boris.composer.press("Enter")
    expect(anna.message("I am")).to_be_visible()
    expect(anna.page.get_by_text(f"{boris.name} is writing")).to_have_count(0)
    boris.context.close()
    expect(anna.page.get_by_role("complementary", name="Members").get_by_text("Offline 1")).to_be_visible()


def test_a_long_history_is_held_in_part_and_every_part_can_be_reached(person: Callable[..., Person]) -> None:
    anna = founder(person)
    here = channel_id(anna)
    first = call(anna, "POST", "/messages", channelId=here, content="needle in the hay")
    for number in range(320):
        call(anna, "POST", "/messages", channelId=here, content=f"hay {number}")
    anna.page.reload()
    expect(anna.message("hay 319")).to_be_in_viewport()
    assert anna.page.locator(".message").count() <= 60

    anna.page.get_by_role("button", name="Search", exact=True).click()
    anna.page.get_by_role("searchbox").fill("NEEDLE")
    anna.page.locator(".result", has_text="needle").click()
    expect(anna.message("needle in the hay")).to_be_in_viewport()
    expect(anna.message("needle in the hay")).to_have_class(re.compile("marked"))
    assert anna.page.url.endswith(f"/{first['id']}")
    expect(anna.message("hay 319")).to_have_count(0)

    log = anna.page.get_by_role("log")
    for _ in range(12):
        log.evaluate("element => { element.scrollTop = element.scrollHeight }")
        anna.page.wait_for_timeout(150)
        assert anna.page.locator(".message").count() <= 200
        if anna.message("hay 319").count():
            break
    anna.page.get_by_role("button", name="Search", exact=True).click()
    log.evaluate("element => { element.scrollTop = element.scrollHeight }")
    expect(anna.message("hay 319")).to_be_in_viewport()

    call(anna, "DELETE", f"/messages/{first['id']}")
    anna.open(f"{anna.url}/channels/{anna.page.url.split('/')[4]}/{here}/{first['id']}")
    expect(anna.message("hay 0").first).to_be_in_viewport()
    expect(anna.message("needle in the hay")).to_have_count(0)
    anna.page.get_by_role("button", name="Go to the newest").click()
    expect(anna.message("hay 319")).to_be_in_viewport()


def test_what_one_reads_stays_in_its_place_while_older_messages_come(person: Callable[..., Person]) -> None:
    anna = founder(person)
    here = channel_id(anna)
    for number in range(160):
        call(anna, "POST", "/messages", channelId=here, content=f"line {number:03}")
    anna.page.reload()
    expect(anna.message("line 159")).to_be_in_viewport()
    moved = """async (log) => {
      log.scrollTop = 500;
      const frame = () => new Promise(requestAnimationFrame);
      await frame();
      const seen = [...log.querySelectorAll(".message")].find((one) => one.getBoundingClientRect().top > 300);
      const before = [log.querySelectorAll(".message").length, seen.getBoundingClientRect().top];
      while (log.querySelectorAll(".message").length === before[0]) await frame();
      await frame();
      return Math.abs(seen.getBoundingClientRect().top - before[1]);
    }"""
    assert anna.page.get_by_role("log").evaluate(moved) <= 2


def test_channels_are_arranged_in_categories(person: Callable[..., Person]) -> None:
    anna = founder(person)
    anna.button("Server menu").click()
    anna.page.get_by_role("menuitem", name="Create a category").click()
    anna.page.get_by_label("Category name").fill("Concerts")
    anna.button("Create").click()
    anna.channel("general").hover()
    anna.button("Channel general").click()
    anna.page.get_by_role("menuitem", name="Move channel").click()
    anna.page.get_by_role("dialog").get_by_label("Category").select_option(label="Concerts")
    anna.button("Move").click()
    expect(anna.page.locator(".group", has_text="Concerts").locator("a", has_text="general")).to_be_visible()
    anna.create_channel("second", "Text")
    anna.button("Concerts").click()
    expect(anna.channel("general")).to_have_count(0)
    anna.button("Concerts").click()

    anna.channel("second").hover()
    anna.button("Channel second").click()
    anna.page.get_by_role("menuitem", name="Delete channel second").click()
    anna.button("Delete").click()
    expect(anna.channel("second")).to_have_count(0)
    expect(anna.composer).to_have_attribute("aria-label", "Message general")


def test_the_keyboard_goes_anywhere(person: Callable[..., Person]) -> None:
    anna = founder(person)
    anna.create_channel("tour", "Text")
    expect(anna.composer).to_have_attribute("aria-label", "Message tour")
    anna.page.keyboard.press("Control+k")
    expect(anna.page.get_by_role("combobox")).to_be_focused()
    anna.page.keyboard.type("gen")
    anna.page.keyboard.press("Enter")
    expect(anna.composer).to_have_attribute("aria-label", "Message general")
    expect(anna.composer).to_be_focused()
    anna.page.keyboard.press("Alt+ArrowDown")
    expect(anna.composer).to_have_attribute("aria-label", "Message tour")


def test_a_phone_has_room_for_all_of_it(person: Callable[..., Person]) -> None:
    anna, boris = two(person, **PHONE)
    boris.button("Servers and channels").click()
    boris.channel("general").click()
    boris.composer.fill("From the train")
    boris.button("Send").click()
    expect(anna.message("From the train")).to_be_visible()
    boris.button("Members").click()
    expect(boris.page.get_by_role("complementary", name="Members").get_by_text(anna.name)).to_be_in_viewport()
    boris.page.keyboard.press("Escape")
    expect(boris.composer).to_be_in_viewport()
    boris.page.get_by_role("button", name="Search", exact=True).click()
    expect(boris.page.get_by_role("searchbox")).to_be_in_viewport()
    assert boris.page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_out(person: Callable[..., Person], scheme: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run `npm ci` in tests/js")
    anna = person(f"Anna-{secrets.token_hex(3)}", color_scheme=scheme, bypass_csp=True)

    def look() -> None:
        anna.page.evaluate(
            "Promise.all(document.getAnimations().filter(one => one.effect.getTiming().iterations === 1).map(one => one.finished))"
        )
        assert anna.page.evaluate(GRAVE) == []

    anna.page.add_init_script(path=AXE)
    anna.open()
    expect(anna.button("Sign in")).to_be_visible()
    look()
    anna.sign_up()
    expect(anna.page.get_by_role("heading", name="Welcome")).to_be_visible()
    look()
    anna.create_server("Choir")
    anna.create_channel("general", "Text")
    anna.say("Hear **this**: `code`, ||secret||, https://example.org and @everyone\n> said\n```\nlong\n```", "Hear this")
    anna.page.locator(".message").last.hover()
    anna.page.locator(".message-tools").get_by_role("button", name="React with 👍").click()
    expect(anna.page.get_by_role("button", name="👍, 1")).to_be_visible()
    look()
    anna.page.get_by_role("button", name="Search", exact=True).click()
    look()
    anna.button("Server menu").click()
    look()
    anna.page.keyboard.press("Escape")
    anna.page.locator(".group-head, .channels").first.hover()
    anna.button("Create a channel").first.click()
    look()
    anna.page.keyboard.press("Escape")
    anna.page.keyboard.press("Control+k")
    look()
