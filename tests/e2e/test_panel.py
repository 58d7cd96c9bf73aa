"""The moderators' panel in a browser: a report is handled, and everything comes from the instance itself."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Instance
from tests.e2e.people import PATIENCE
from tests.factories import PASSWORD

BUILD = "from tests.panel.town import build; build({!r})"
DRAWN = "canvas => new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size > 2"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where they go: PANEL_PICTURES=docs/pictures renews those of the documents, best from a fresh database."""
    folder = Path(os.environ.get("PANEL_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def signed_in(browser: Browser, instance: Instance, mark: str, complaints: list[str], **context: object) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, **{"locale": "en-US", **context}).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("request", lambda request: _is_ours(request.url, instance) or complaints.append(request.url))
    page.goto(f"{instance.url}/admin/")
    page.locator("input[name=login]").fill(f"vera{mark}")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").last.click()
    expect(page.locator("#nav-sidebar")).to_be_visible()
    return page


def _is_ours(url: str, instance: Instance) -> bool:
    return url.startswith("data:") or urlsplit(url).netloc == urlsplit(instance.url).netloc


def test_a_report_is_handled(browser: Browser, instance: Instance, pictures: Path) -> None:
    mark, complaints = os.environ.get("PANEL_MARK", secrets.token_hex(2)), []
    instance.manage("shell", "-v0", "-c", BUILD.format(mark))
    page = signed_in(browser, instance, mark, complaints)

    charts = page.locator("canvas.chart")
    expect(charts).to_have_count(5)
    for chart in charts.all():
        assert chart.evaluate(DRAWN)
    page.screenshot(path=pictures / "panel-overview.png", full_page=True)

    page.get_by_role("link", name="Users").click()
    page.locator("#searchbar").fill(mark)
    page.locator("#searchbar").press("Enter")
    expect(page.get_by_role("link", name=f"Anna{mark}")).to_be_visible()
    page.screenshot(path=pictures / "panel-users.png")
    page.get_by_role("link", name=f"Henry{mark}").click()
    expect(page.get_by_text("Spread malware")).to_be_visible()
    page.screenshot(path=pictures / "panel-user.png")

    page.get_by_role("link", name="Reports").click()
    page.screenshot(path=pictures / "panel-reports.png")
    page.get_by_role("row", name=f"mallory{mark}").filter(has_text="Open").get_by_role("link").first.click()
    expect(page.get_by_text("Buy my pills! Cheap, today only")).to_be_visible()
    page.screenshot(path=pictures / "panel-report.png")
    page.get_by_role("link", name="Decide").click()
    page.get_by_label("Decision").select_option("delete_message")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    page.get_by_label("Reason").fill("No advertising here")
    page.screenshot(path=pictures / "panel-decide.png")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("The report is decided")).to_be_visible()
    expect(page.get_by_text("No advertising here")).to_be_visible()

    page.get_by_role("link", name="Audit log").click()
    expect(page.get_by_text("report.decide").first).to_be_visible()
    page.get_by_role("button", name="Verify now").click()  # a test of forgeries may have left its finding in the cache
    expect(page.get_by_text("the chain holds up to entry")).to_be_visible()
    page.screenshot(path=pictures / "panel-audit.png")
    page.get_by_role("link", name="Live rooms").click()
    expect(page.get_by_text("People in calls")).to_be_visible()
    page.screenshot(path=pictures / "panel-rooms.png")
    page.context.close()
    assert [text for text in complaints if "400" not in text] == []


def test_dark_and_russian(browser: Browser, instance: Instance, pictures: Path) -> None:
    mark, complaints = secrets.token_hex(2), []
    if not os.environ.get("PANEL_MARK"):
        instance.manage("shell", "-v0", "-c", BUILD.format(mark))
    else:
        mark = os.environ["PANEL_MARK"]
    page = signed_in(browser, instance, mark, complaints, color_scheme="dark", locale="ru-RU")
    expect(page.get_by_role("heading", name="Обзор")).to_be_visible()
    assert "dark" in (page.locator("html").get_attribute("class") or "")
    page.screenshot(path=pictures / "panel-overview-dark.png", full_page=True)
    page.goto(f"{instance.url}/admin/accounts/user/?q={mark}")
    page.screenshot(path=pictures / "panel-users-dark.png")
    page.get_by_role("link", name="Жалобы").click()
    page.get_by_role("row", name="mallory").first.get_by_role("link").first.click()
    page.screenshot(path=pictures / "panel-report-dark.png")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{instance.url}/admin/")
    page.screenshot(path=pictures / "panel-phone.png")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.context.close()
    assert complaints == []
