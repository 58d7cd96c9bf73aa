"""People find each other on the page, talk, show, and part; the sound is measured, not believed."""

import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.conftest import Instance
from tests.e2e.people import Person
from tests.e2e.test_chat import AXE, GRAVE, call, until

CALL_PARTS = '{ include: [[".call-panel"], [".stage"], [".seats"], ["dialog"]].filter(([one]) => document.querySelector(one)) }'
GRAVE_IN_CALL = GRAVE.replace("axe.run(document,", f"axe.run({CALL_PARTS},")

# Stands in for a screen that a headless browser has not got: a page of text that changes.
SCREEN = """() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
  const paint = canvas.getContext("2d");
  let page = 0;
  setInterval(() => { paint.fillStyle = "#fff"; paint.fillRect(0, 0, 640, 360); paint.fillStyle = "#000"; paint.fillText(`Page ${page++}`, 40, 40); }, 100);
  navigator.mediaDevices.getDisplayMedia = async () => canvas.captureStream(10);
}"""


def members(person: Callable[..., Person], *names: str, query: str = "") -> list[Person]:
    """People of one server, all of whom look at its voice channel. `query` of the page's address."""
    tag = secrets.token_hex(3)
    first, *others = [person(f"{name}-{tag}") for name in names]
    first.open(first.url + query)
    first.sign_up()
    first.create_server("Choir")
    first.create_channel("Rehearsal")
    link = first.copy_invite()
    for one in others:
        one.enter(link + query)
    for one in (first, *others):
        one.channel("Rehearsal").click()
    return [first, *others]


def in_one_call(person: Callable[..., Person], *names: str, query: str = "") -> list[Person]:
    people = members(person, *(names or ("Anna", "Boris")), query=query)
    for one in people:
        one.button("Join Rehearsal").click()
        expect(one.page.locator(".stage")).to_have_attribute("data-state", "joined")
    hear_each_other(*people)
    return people


def hear_each_other(*people: Person) -> None:
    for one in people:
        for other in people:
            if other is not one:
                expect(one.tile(other.name)).to_have_attribute("data-state", "connected")
        expect(one.page.locator("article.tile:not(.screen)")).to_have_count(len(people))
        one.hears_everybody()


def control(one: Person, name: str) -> Locator:
    """Of the stage."""
    return one.page.get_by_role("toolbar").get_by_role("button", name=name, exact=True)


def told_of_links(one: Person) -> bool:
    """The timeline of his last session, which is over, says that two connections came about, without a relay."""
    session = call(one, "GET", "/voice/sessions")["sessions"][0]
    moments = call(one, "GET", f"/voice/sessions/{session['id']}/timeline")["moments"]
    up = [moment["peer"]["user"]["id"] for moment in moments if moment["details"] == {"state": "connected", "way": "host"}]
    return session["reason"] == "left" and len(set(up)) == 2


def test_three_people_hear_each_other_until_one_leaves(person: Callable[..., Person]) -> None:
    anna, boris, vera = in_one_call(person, "Anna", "Boris", "Vera")
    expect(boris.page.locator(".tile.speaking", has_text=anna.name)).to_be_visible()
    expect(boris.page.locator(".seats li", has_text=anna.name)).to_be_visible()
    for one in (boris, vera):
        expect(anna.tile(one.name).locator(".quality")).to_have_attribute("data-quality", "good")
        expect(anna.tile(one.name).locator(".quality")).to_contain_text("direct (UDP)")

    anna.page.keyboard.press("m")
    expect(boris.tile(anna.name)).to_contain_text("Muted")
    expect(boris.page.locator(".seats li", has_text=anna.name)).to_contain_text("Muted")
    control(anna, "Unmute").click()
    expect(boris.tile(anna.name)).not_to_contain_text("Muted")

    control(boris, "Leave").click()
    until(boris, lambda: told_of_links(boris))
    for one in (anna, vera):
        expect(one.page.locator(".tile")).to_have_count(2)
    expect(anna.page.get_by_text("2 people in the call").first).to_be_visible()
    expect(anna.page.locator("#news")).to_have_text(f"{boris.name} left")

    boris.button("Join Rehearsal").click()
    hear_each_other(anna, boris, vera)


def test_a_newcomer_sees_who_was_muted_before(person: Callable[..., Person]) -> None:
    anna, boris = in_one_call(person)
    control(boris, "Leave").click()
    control(anna, "Mute").click()
    boris.button("Join Rehearsal").click()
    expect(boris.tile(anna.name)).to_contain_text("Muted")


def test_who_only_looks_sees_who_sits_in_the_call(person: Callable[..., Person]) -> None:
    anna, boris, vera = members(person, "Anna", "Boris", "Vera")
    seats = vera.page.locator(".seats li")
    for one in (anna, boris):
        one.button("Join Rehearsal").click()
        expect(seats.filter(has_text=one.name)).to_be_visible()
    expect(vera.page.get_by_role("main")).to_contain_text(f"{anna.name}, {boris.name}")
    anna.page.keyboard.press("m")
    expect(seats.filter(has_text=anna.name)).to_contain_text("Muted")
    control(boris, "Leave").click()
    expect(seats).to_have_count(1)


def test_who_deafens_himself_hears_nobody_and_is_not_heard(person: Callable[..., Person]) -> None:
    anna, boris = in_one_call(person)
    anna.page.keyboard.press("d")
    expect(boris.tile(anna.name)).to_contain_text("Deafened")
    expect(boris.tile(anna.name)).to_contain_text("Muted")
    assert anna.page.evaluate("projectvoice.call.people.map(({ speaker }) => speaker.loudness)") == [0]
    control(anna, "Hear again").click()
    expect(boris.tile(anna.name)).not_to_contain_text("Deafened")
    expect(boris.tile(anna.name)).not_to_contain_text("Muted")
    assert anna.page.evaluate("projectvoice.call.people.map(({ speaker }) => speaker.loudness)") == [1]


def test_the_volume_of_one_is_remembered(person: Callable[..., Person]) -> None:
    anna, boris, vera = in_one_call(person, "Anna", "Boris", "Vera")
    loudness = "Object.fromEntries(projectvoice.call.people.map(({ username, speaker }) => [username, speaker.loudness]))"
    anna.tile(boris.name).hover()
    anna.button(f"Volume and more: {boris.name}").click()
    menu = anna.page.get_by_role("dialog", name=f"Volume and more: {boris.name}")
    menu.get_by_role("slider").fill("0")
    expect(menu).to_contain_text("0 %")
    assert anna.page.evaluate(loudness) == {boris.name: 0, vera.name: 1}
    control(boris, "Leave").click()
    expect(anna.page.locator(".tile")).to_have_count(2)
    boris.button("Join Rehearsal").click()
    hear_each_other(anna, boris, vera)
    assert anna.page.evaluate(loudness) == {boris.name: 0, vera.name: 1}


def test_who_pushes_to_talk_is_heard_while_he_holds_the_key(person: Callable[..., Person]) -> None:
    anna, boris = in_one_call(person)
    ring = boris.page.locator(".tile.speaking", has_text=anna.name)
    expect(ring).to_be_visible()
    control(anna, "Voice settings").click()
    anna.page.get_by_role("radio", name="Push to talk").check()
    anna.page.keyboard.press("Escape")
    expect(anna.page.locator("dialog")).to_have_count(0)
    expect(ring).to_have_count(0)
    talk = anna.page.locator(".stage .talk")
    expect(talk).to_have_attribute("aria-pressed", "false")
    anna.page.keyboard.down("Backquote")
    expect(talk).to_have_attribute("aria-pressed", "true")
    expect(ring).to_be_visible()
    anna.page.keyboard.up("Backquote")
    expect(talk).to_have_attribute("aria-pressed", "false")


def test_a_screen_and_a_camera_are_seen_by_the_others(person: Callable[..., Person]) -> None:
    anna, boris, vera = in_one_call(person, "Anna", "Boris", "Vera")
    anna.page.evaluate(SCREEN)
    control(anna, "Share screen").click()
    control(boris, "Turn camera on").click()
    for one in (boris, vera):
        expect(one.page.locator(".tile.screen.focused video.shown")).to_be_visible()
    for one in (anna, vera):
        expect(one.page.locator(".tile.filmed", has_text=boris.name).locator("video.shown")).to_be_visible()
    size = "() => { const { videoWidth, videoHeight } = document.querySelector('.tile.screen video'); return videoWidth / videoHeight > 1.7; }"
    vera.page.wait_for_function(size)
    vera.button(f"Show {boris.name} large").click()
    expect(vera.page.locator(".tile.filmed.focused", has_text=boris.name)).to_be_visible()

    control(anna, "Stop sharing").click()
    control(boris, "Turn camera off").click()
    for one in (anna, boris, vera):
        expect(one.page.locator(".tile video")).to_have_count(0)
    hear_each_other(anna, boris, vera)


def test_the_talk_goes_on_while_the_server_is_away(person: Callable[..., Person], instance: Instance) -> None:
    anna, boris = in_one_call(person)
    control(boris, "Mute").click()
    connections = "projectvoice.call.people.map(({ link }) => link.id)"
    before = [one.page.evaluate(connections) for one in (anna, boris)]
    instance.stop()
    for one in (anna, boris):
        expect(one.page.get_by_text("The connection to the server was lost")).to_be_visible()
        one.hears_everybody()
    instance.start()
    for one in (anna, boris):
        expect(one.page.locator(".stage")).to_have_attribute("data-state", "joined")
    hear_each_other(anna, boris)
    expect(anna.tile(boris.name)).to_contain_text("Muted")
    assert [one.page.evaluate(connections) for one in (anna, boris)] == before


def test_a_moderator_mutes_moves_and_puts_out(person: Callable[..., Person]) -> None:
    anna, boris = in_one_call(person)
    anna.create_channel("Tea room")
    anna.channel("Rehearsal").click()

    def does(name: str) -> None:
        anna.tile(boris.name).hover()
        anna.button(f"Volume and more: {boris.name}").click()
        anna.button(name).click()

    does("Mute for everybody")
    expect(boris.page.get_by_text("You may listen here, but not speak.")).to_be_visible()
    expect(anna.tile(boris.name)).to_contain_text("Muted by a moderator")
    does("Let speak again")
    expect(boris.page.get_by_text("You may listen here, but not speak.")).to_have_count(0)
    does("Move to Tea room")
    expect(boris.page.locator(".call-panel")).to_contain_text("Tea room")
    expect(anna.page.locator(".tile")).to_have_count(1)
    boris.channel("Rehearsal").click()
    boris.button("Join Rehearsal").click()
    hear_each_other(anna, boris)
    does("Put out of the call")
    expect(boris.button("Join Rehearsal")).to_be_visible()
    expect(boris.page.get_by_role("alert")).to_be_visible()


def test_a_deleted_channel_ends_the_call_with_a_message(person: Callable[..., Person]) -> None:
    anna, boris = in_one_call(person)
    anna.page.locator(".channel-line").first.hover()
    anna.button("Channel Rehearsal").click()
    anna.page.get_by_role("menuitem", name="Delete channel Rehearsal").click()
    anna.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    for one in (anna, boris):
        expect(one.page.locator(".tile, .call-panel")).to_have_count(0)


def test_without_a_microphone_one_still_listens(person: Callable[..., Person]) -> None:
    anna, boris = in_one_call(person)
    control(anna, "Leave").click()
    anna.page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('none', 'NotFoundError') } }"
    )
    anna.button("Join Rehearsal").click()
    expect(anna.page.get_by_text("No microphone was found")).to_be_visible()
    expect(anna.tile(boris.name)).to_have_attribute("data-state", "connected")
    anna.hears_everybody()
    expect(boris.tile(anna.name)).to_contain_text("Muted")

    anna.page.evaluate("delete navigator.mediaDevices.getUserMedia")
    anna.page.locator(".note").get_by_role("button", name="Use microphone").click()
    expect(boris.tile(anna.name)).not_to_contain_text("Muted")
    boris.hears_everybody()


def test_the_doctor_says_what_this_browser_sees(person: Callable[..., Person]) -> None:
    anna, boris = in_one_call(person)
    anna.button("Why can’t I connect?").click()
    dialog = anna.page.get_by_role("dialog", name="Why can’t I connect?")
    expect(dialog).to_contain_text("A microphone is there")
    expect(dialog).to_contain_text("The server is reached")
    expect(dialog.locator("li", has_text=boris.name)).to_contain_text("direct (UDP)")


def test_a_phone_is_enough_for_a_call(person: Callable[..., Person]) -> None:
    anna = person(f"Anna-{secrets.token_hex(3)}", viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    width = "document.documentElement.scrollWidth"
    anna.open()
    anna.sign_up()
    anna.create_server("Choir")
    anna.create_channel("general", "Text")
    anna.button("Servers and channels").click()
    anna.create_channel("Kitchen")
    anna.channel("Kitchen").click()
    expect(anna.button("Join Kitchen")).to_be_in_viewport()
    anna.button("Join Kitchen").click()
    for name in ("Mute", "Turn camera on", "Leave"):
        expect(control(anna, name)).to_be_in_viewport()
    assert anna.page.evaluate(width) == 360

    anna.button("Servers and channels").click()
    anna.channel("general").click()
    dock = anna.page.locator(".call-dock")
    expect(dock.get_by_role("button", name="Mute")).to_be_in_viewport()
    expect(anna.composer).to_be_in_viewport()
    dock.get_by_role("button", name="Leave").click()
    expect(dock).to_have_count(0)


def test_the_keyboard_is_enough_and_keys_do_not_act_while_one_writes(person: Callable[..., Person]) -> None:
    anna, boris = in_one_call(person)
    anna.create_channel("general", "Text")
    expect(anna.composer).to_be_visible()
    anna.composer.press("m")
    anna.composer.press("d")
    expect(anna.page.locator(".call-panel").get_by_role("button", name="Mute")).to_be_visible()
    expect(anna.composer).to_have_value("md")
    anna.page.get_by_role("link", name="In the call Rehearsal").press("Enter")
    anna.button(f"Volume and more: {boris.name}").press("Enter")
    expect(anna.page.get_by_role("slider", name="Volume")).to_be_focused()
    anna.page.keyboard.press("ArrowLeft")
    expect(anna.page.get_by_role("dialog")).to_contain_text("95 %")
    anna.page.keyboard.press("Escape")
    expect(anna.button(f"Volume and more: {boris.name}")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_out_of_a_call(person: Callable[..., Person], scheme: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run `npm ci` in tests/js")

    def enter(name: str) -> Person:
        one = person(name, color_scheme=scheme, bypass_csp=True)
        one.page.add_init_script(path=AXE)
        return one

    anna, boris = in_one_call(enter)
    assert anna.page.evaluate(GRAVE_IN_CALL) == []
    boris.page.evaluate(SCREEN)
    control(boris, "Share screen").click()
    control(boris, "Mute").click()
    expect(anna.page.locator(".tile.screen video.shown")).to_be_visible()
    assert anna.page.evaluate(GRAVE_IN_CALL) == []
    for opener in (
        anna.button(f"Volume and more: {boris.name}"),
        control(anna, "Voice settings"),
        anna.button("Why can’t I connect?"),
    ):
        opener.click()
        expect(anna.page.get_by_role("dialog")).to_be_visible()
        assert anna.page.evaluate(GRAVE_IN_CALL) == []
        anna.page.keyboard.press("Escape")
        expect(anna.page.get_by_role("dialog")).to_have_count(0)
