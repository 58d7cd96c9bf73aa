"""Takes the pictures of the README from a fresh instance, where the names are free: python -m tests.e2e.pictures http://localhost:5000"""

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.people import PATIENCE, Person, launch

FOLDER = Path(__file__).parents[2] / "docs" / "images"
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


def take(browser: Browser, url: str, picture: str, names: tuple[str, str], scheme: str, **guest_device: Any) -> None:
    anna = Person(browser, url, names[0], color_scheme=scheme)
    boris = Person(browser, url, names[1], color_scheme=scheme, **guest_device)
    anna.open()
    anna.sign_up()
    anna.create_server("Northern Choir")
    anna.create_channel("Rehearsal")
    anna.create_channel("Tea room")
    boris.open(anna.copy_invite())
    boris.sign_up()
    boris.button("Join Northern Choir").click()
    for one in (anna, boris):
        one.button("Join Rehearsal").click()
    expect(anna.tile(names[1])).to_have_attribute("data-state", "connected")
    boris.button("Mute").click()
    expect(anna.tile(names[1])).to_contain_text("Muted")
    shown = boris if guest_device else anna
    expect(shown.page.locator(".tile.speaking", has_text=names[0])).to_be_visible()
    shown.page.screenshot(path=FOLDER / picture)
    for one in (anna, boris):
        one.context.close()


def main(url: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        take(browser, url, "call.png", ("Anna", "Boris"), "light")
        take(browser, url, "call-dark.png", ("Clara", "David"), "dark")
        take(browser, url, "call-phone.png", ("Elena", "Felix"), "light", **PHONE)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:5000")
