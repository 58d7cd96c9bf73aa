"""Takes the pictures of the README from a fresh instance, where the names are free: python -m tests.e2e.pictures http://localhost:5000"""

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.people import PATIENCE, Person, launch

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


def take(browser: Browser, url: str, picture: str, names: tuple[str, str, str], scheme: str, **guest_device: Any) -> None:
    """The first shows it; on a device of its own, the second."""
    anna, boris, vera = people = [Person(browser, url, names[0], color_scheme=scheme)] + [
        Person(browser, url, name, color_scheme=scheme, **(guest_device if name == names[1] else {})) for name in names[1:]
    ]
    anna.open()
    anna.sign_up()
    anna.create_server("Northern Choir")
    anna.create_channel("general", "Text")
    anna.create_channel("Tea room")
    anna.create_channel("Rehearsal")
    link = anna.copy_invite()
    for one in (boris, vera):
        one.enter(link)
        if one is boris and guest_device:
            one.button("Servers and channels").click()
    for one in people:
        one.channel("Rehearsal").click()
        one.button("Join Rehearsal").click()
        expect(one.page.locator(".stage")).to_have_attribute("data-state", "joined")
    shown = boris if guest_device else anna
    expect(shown.page.locator('.tile[data-state="connected"]')).to_have_count(3)
    vera.page.keyboard.press("m")
    expect(shown.tile(names[2])).to_contain_text("Muted")
    expect(shown.page.locator(".quality.good")).to_have_count(3)  # two lines, and the worst of them in the panel
    expect(shown.page.locator(".tile.speaking", has_text=names[1] if shown is anna else names[0])).to_be_visible()
    shown.page.screenshot(path=FOLDER / picture)
    for one in people:
        one.context.close()


def take_chat(browser: Browser, url: str, picture: str, names: tuple[str, str], scheme: str, **device: Any) -> None:
    """What the second sees, on a device of his own."""
    anna = Person(browser, url, names[0])
    anna.open()
    anna.sign_up()
    anna.create_server("Northern Choir")
    for name, kind in (("general", "Text"), ("tour-2026", "Text"), ("Rehearsal", "Voice"), ("Tea room", "Voice")):
        anna.create_channel(name, kind)
    link = anna.copy_invite()
    anna.channel("general").click()
    boris = Person(browser, url, names[1], color_scheme=scheme, **device)
    boris.enter(link)
    expect(boris.composer).to_have_attribute("aria-label", "Message general")
    for text in ("I will bring the *scores*.\n> Rehearsal is at seven", "And cake 🎂"):
        boris.composer.fill(text)
        boris.button("Send").click()
    expect(anna.message("And cake")).to_be_visible()
    anna.say(f"@{names[1]} wonderful! We meet in the **big hall**, door `B`.", "wonderful")
    anna.message("And cake").hover()
    anna.page.locator(".message-tools").get_by_role("button", name="React with 👍").first.click()
    expect(boris.page.get_by_role("button", name="👍, 1")).to_be_visible()
    expect(boris.message("wonderful")).to_be_in_viewport()
    boris.page.screenshot(path=FOLDER / picture)
    for one in (anna, boris):
        one.context.close()


def main(url: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        take(browser, url, "call.png", ("Anna", "Boris", "Vera"), "light")
        take(browser, url, "call-dark.png", ("Clara", "David", "Edith"), "dark")
        take(browser, url, "call-phone.png", ("Elena", "Felix", "Greta"), "light", **PHONE)
        take_chat(browser, url, "chat.png", ("Hanna", "Igor"), "light")
        take_chat(browser, url, "chat-dark.png", ("Julia", "Kirill"), "dark")
        take_chat(browser, url, "chat-phone.png", ("Lena", "Mikhail"), "light", **PHONE)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:5000")
