"""Takes the pictures of the README from a fresh instance, where the names are free: python -m tests.e2e.pictures http://localhost:5000"""

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.people import PATIENCE, Person, launch

FOLDER = Path(__file__).parents[2] / "docs" / "images"
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
    expect(shown.page.locator(".quality.good")).to_have_count(4 if shown is anna else 3)
    expect(shown.page.locator(".tile.speaking", has_text=names[1] if shown is anna else names[0])).to_be_visible()
    shown.page.screenshot(path=FOLDER / picture)
    for one in people:
        one.context.close()


def main(url: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        take(browser, url, "call.png", ("Anna", "Boris", "Vera"), "light")
        take(browser, url, "call-dark.png", ("Clara", "David", "Edith"), "dark")
        take(browser, url, "call-phone.png", ("Elena", "Felix", "Greta"), "light", **PHONE)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:5000")
