"""People who use the page as anybody would: by names and roles, with a browser context of their own."""

import secrets
import shutil

from playwright.sync_api import Browser, BrowserType, Locator, Page, expect

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",  # beeps once a second
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]
PASSWORD = "password123"
PATIENCE = 60_000  # milliseconds until what does not come is missed, on a machine with much else to do

# Heard bytes of everybody else, as one number per link.
HEARD = """async () => Promise.all(projectvoice.call.people.map(async ({ link }) => {
  const reports = [...(await link.connection.getStats()).values()];
  return reports.find((report) => report.type === "inbound-rtp" && report.kind === "audio")?.bytesReceived ?? 0;
}))"""
GROWN = f"async (before) => {{ const now = await ({HEARD})(); return now.length > 0 && now.every((bytes, at) => bytes > (before[at] ?? 0)); }}"


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


def launch(chromium: BrowserType, *more: str) -> Browser:
    return chromium.launch(executable_path=find_chromium(), args=[*ARGS, *more])


class Person:
    def __init__(self, browser: Browser, url: str, name: str, **context: object) -> None:
        self.url, self.name = url, name
        self.email = f"{name.lower().replace(' ', '.')}-{secrets.token_hex(3)}@example.com"
        options = {"viewport": {"width": 1280, "height": 800}, "locale": "en-US", **context}
        self.context = browser.new_context(**options)
        self.context.grant_permissions(["microphone", "camera", "clipboard-read", "clipboard-write"], origin=url)
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda message: "Content Security Policy" in message.text and self.complaints.append(message.text)
        )

    def open(self, url: str = "") -> None:
        self.page.goto(url or self.url)

    def sign_up(self) -> None:
        if not self.page.get_by_label("Name", exact=True).is_visible():
            self.button("Create account").click()
        self.page.get_by_label("Name", exact=True).fill(self.name)
        self.page.get_by_label("E-mail").fill(self.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.button("Create account").click()

    def create_server(self, name: str) -> None:
        self.page.get_by_role("main").get_by_role("button", name="Create a server").click()
        self.page.get_by_label("Server name").fill(name)
        self.button("Create").click()
        expect(self.page.get_by_role("heading", name=name).first).to_be_visible()

    def create_channel(self, name: str, kind: str = "Voice") -> None:
        self.button("Create a channel").first.click()
        self.page.get_by_role("radio", name=kind).check()
        self.page.get_by_label("Channel name").fill(name)
        self.page.get_by_role("dialog").get_by_role("button", name="Create", exact=True).click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)
        expect(self.channel(name)).to_have_count(1)

    def copy_invite(self) -> str:
        self.button("Invite people").first.click()
        self.button("Copy").click()
        expect(self.page.get_by_text("Link copied")).to_be_visible()
        link = self.page.get_by_label("Invite link").input_value()
        assert self.page.evaluate("navigator.clipboard.readText()") == link
        self.button("Done").click()
        return link

    def enter(self, link: str) -> None:
        """By an invite, as somebody new."""
        self.open(link)
        expect(self.page.get_by_text("You are invited to")).to_be_visible()
        self.sign_up()
        self.page.get_by_role("button", name="Join ").click()
        expect(self.page.locator(".sidebar .channels")).to_have_count(1)

    def say(self, text: str, shown: str = "") -> None:
        """Into the open channel. `shown`: what is read of it, if that differs."""
        self.composer.fill(text)
        self.composer.press("Enter")
        expect(self.message(shown or text)).to_be_visible()

    @property
    def composer(self) -> Locator:
        return self.page.locator(".composer textarea")

    def message(self, text: str) -> Locator:
        return self.page.locator(".message:not(.outgoing)", has_text=text)

    def channel(self, name: str) -> Locator:
        """In the list."""
        return self.page.locator("a.channel-row", has_text=name)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def tile(self, name: str) -> Locator:
        return self.page.locator(".tile:not(.screen)", has_text=name)

    def hears_everybody(self) -> None:
        """Sound keeps arriving over each link."""
        before = self.page.evaluate(HEARD)
        self.page.wait_for_function(GROWN, arg=before, polling=100)
