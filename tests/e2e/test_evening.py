"""An evening of three friends: they sign up, write, talk, show a screen, keep order, close the laptop and come back."""

import secrets
from collections.abc import Callable

from playwright.sync_api import expect

from tests.conftest import Instance
from tests.e2e.people import Person
from tests.e2e.test_call import SCREEN, control, hear_each_other
from tests.e2e.test_chat import call, channel_id, tools


def lines(one: Person) -> list[str]:
    """What stands in the open channel, from above."""
    return one.page.locator(".message:not(.outgoing) .rich").all_inner_texts()


def test_an_evening(person: Callable[..., Person], instance: Instance) -> None:
    tag = secrets.token_hex(3)
    anna, boris, vera = people = [person(f"{name}-{tag}") for name in ("Anna", "Boris", "Vera")]

    # They meet.
    anna.open()
    anna.sign_up()
    anna.create_server("Choir")
    anna.create_channel("general", "Text")
    anna.create_channel("Rehearsal")
    link = anna.copy_invite()
    anna.channel("general").click()
    for one in (boris, vera):
        one.enter(link)
        one.channel("general").click()
        one.say(f"Good evening from {one.name}")
    for one in people:
        for other in (boris, vera):
            expect(one.message(f"Good evening from {other.name}")).to_be_visible()

    # They talk, and one shows his screen.
    for one in people:
        one.channel("Rehearsal").click()
        one.button("Join Rehearsal").click()
        expect(one.page.locator(".stage")).to_have_attribute("data-state", "joined")
    hear_each_other(*people)
    boris.page.evaluate(SCREEN)
    control(boris, "Share screen").click()
    for one in (anna, vera):
        expect(one.page.locator(".tile.screen video.shown")).to_be_visible()
    control(boris, "Stop sharing").click()

    # They write while they talk; one goes too far, and the owner takes his words away.
    for one in people:
        one.channel("general").click()
    boris.say("Something that should not stand here")
    tools(anna, "should not stand").get_by_role("button", name="More").click()
    anna.page.get_by_role("menuitem", name="Delete message").click()
    anna.button("Delete").click()
    for one in people:
        expect(one.message("should not stand")).to_have_count(0)

    # Vera closes her laptop: her page is there, but hears nothing. The others go on, and the server dies on the way.
    here = channel_id(anna)
    vera.context.set_offline(True)
    expect(vera.page.get_by_text("No connection").first).to_be_visible()
    for number in range(5):
        anna.say(f"before {number}")
    instance.kill(0)
    instance.stop()
    instance.start()
    for number in range(5):
        call(boris, "POST", "/messages", channelId=here, content=f"after {number}")
    written = [f"before {number}" for number in range(5)] + [f"after {number}" for number in range(5)]
    for one in (anna, boris):
        expect(one.message("after 4")).to_be_visible()
        assert lines(one)[-10:] == written

    # She opens it again, and has lost no line; they hear each other as before.
    vera.context.set_offline(False)
    expect(vera.message("after 4")).to_be_visible()
    assert lines(vera)[-10:] == written
    assert lines(vera) == lines(anna)
    vera.say("Here I am again")
    expect(anna.message("Here I am again")).to_be_visible()
    for one in people:
        one.channel("Rehearsal").click()
        expect(one.page.locator(".stage")).to_have_attribute("data-state", "joined")
    hear_each_other(*people)
