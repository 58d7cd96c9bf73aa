"""What somebody may have smuggled into a page does not run there; the page itself works (every other test here listens)."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Instance
from tests.e2e.people import PATIENCE
from tests.factories import PASSWORD

# Each way to run a word of one's own; those that a policy stops are told by events, or throw.
INJECT = """async (patience) => {
  window.ran = [];
  let refused = 0;
  document.addEventListener("securitypolicyviolation", () => refused++);
  const add = (name, attributes, text = "") => {
    const element = document.createElement(name);
    document.body.append(element);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) element.textContent = text;
    return element;
  };
  const inline = () => { const script = document.createElement("script"); script.textContent = "ran.push('inline')"; document.body.append(script); };
  const ways = [
    inline,
    () => add("img", { onerror: "ran.push('attribute')", src: "data:image/png,broken" }),
    () => add("script", { src: "data:text/javascript,ran.push('address')" }),
    () => add("a", { href: "javascript:ran.push('link')" }).click(),
  ];
  for (const way of ways) {
    try { way(); } catch { /* a browser that refuses at once also tells */ }
  }
  const until = Date.now() + patience;
  while (refused < ways.length && ran.length < ways.length && Date.now() < until) await new Promise((done) => setTimeout(done, 20));
  return { ran: ran.sort(), refused: refused >= ways.length };
}"""
ALL = ["address", "attribute", "inline", "link"]
SEEN = {"/": "#app h1", "/api-docs": ".opblock-tag", "/admin/login/": "input[name=login]", "/admin/": "#nav-sidebar"}


@pytest.fixture
def page(browser: Browser) -> Page:
    page = browser.new_context(locale="en-US").new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    page.context.close()


def administrator(instance: Instance) -> str:
    """His name."""
    code = "from tests.factories import make_user; print(make_user(role='admin').username)"
    return instance.manage("shell", "-v0", "-c", code).strip()


@pytest.mark.parametrize("path", SEEN)
def test_what_was_injected_does_not_run(page: Page, instance: Instance, path: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(instance.url + path)
    if path == "/admin/":
        page.locator("input[name=login]").fill(administrator(instance))
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("button[type=submit]").last.click()
    expect(page.locator(SEEN[path]).first).to_be_visible()
    assert complaints == []
    assert page.evaluate(INJECT, PATIENCE) == {"ran": [], "refused": True}


def test_without_a_policy_it_would(page: Page) -> None:
    page.set_content("<body></body>")
    assert page.evaluate(INJECT, PATIENCE) == {"ran": ALL, "refused": False}


def test_what_is_no_page_is_sealed(page: Page, instance: Instance) -> None:
    """An answer of the API, and a picture of ours, opened as if they were pages."""
    for path in ("/api/health", "/static/web/logo.svg"):
        answer = page.goto(instance.url + path)
        assert "sandbox" in answer.headers["content-security-policy"]
        assert page.evaluate("origin") == "null"
