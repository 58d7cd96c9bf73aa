"""The page that all addresses of the client answer with, and what it is made of."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from django.contrib.staticfiles import finders

from projectvoice.static_files import version
from tests.conftest import ROOT
from web import vendor

JS = ROOT / "tests" / "js"
STATIC = f"/static/{version()}/"
PLACES = (
    "/invite/any",
    "/channels/1",
    "/channels/1/2",
    "/channels/1/2/3",
    "/direct/4",
    "/friends",
    "/settings",
    "/settings/server/5",
    "/reset-password",
    "/confirm-email",
)


@pytest.fixture
def page(client) -> str:
    return client.get("/", headers={"Accept": "text/html"}).content.decode()


def asked_for(page: str) -> Iterator[str]:
    yield from re.findall(rf'(?:href|src)="{STATIC}([^"]+)"', page)
    yield from (path.removeprefix(STATIC) for path in imports(page).values())


def imports(page: str) -> dict[str, str]:
    return json.loads(re.search(r'<script type="importmap">(.*?)</script>', page)[1])["imports"]


@pytest.mark.parametrize("place", PLACES)
def test_every_address_of_the_client_answers_with_the_page(client, page, place):
    answer = client.get(place)
    assert (answer.status_code, answer.content.decode()) == (200, page)
    assert client.post(place).status_code == 405


def test_the_only_script_in_the_page_itself_is_named_by_its_hash(client, page):
    policy = client.get("/", headers={"Accept": "text/html"})["Content-Security-Policy"]
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page)
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline]
    assert re.findall(r"'sha256-([^']+)'", policy) == digests
    assert "unsafe" not in policy
    assert "connect-src 'self' ws://testserver wss://testserver;" in policy
    assert " style=" not in page


def test_all_that_the_page_names_is_there_and_every_module_is_named(page):
    names = list(asked_for(page))
    assert [name for name in names if finders.find(name) is None] == []
    preloaded = set(re.findall(r'rel="modulepreload" href="/static/[0-9a-f]{16}/web/([^"]+)"', page))
    folder = ROOT / "web" / "static" / "web"
    assert preloaded == {str(path.relative_to(folder)) for path in folder.rglob("*.js")}


def test_every_bare_import_of_a_module_has_its_place(page):
    sources = [path.read_text() for path in (ROOT / "web" / "static" / "web").rglob("*.js")]
    bare = {name for text in sources for name in re.findall(r"""\bfrom ?["']([^./"'][^"']*)["']""", text)}
    assert bare <= imports(page).keys()


def test_no_module_makes_html_of_text():
    own = [path for path in (ROOT / "web" / "static" / "web").rglob("*.js") if "vendor" not in path.parts]
    assert [
        path.name for path in own if re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", path.read_text())
    ] == []


def test_the_libraries_are_those_of_npm():
    packages = JS / "node_modules"
    if not (packages / "preact").exists():
        pytest.skip(f"preact is not installed: run `npm ci` in {JS}")
    kept = {path.name: path.read_text() for path in vendor.FOLDER.iterdir()}
    assert kept == dict(vendor.files(packages))


def test_what_needs_no_page_passes_its_own_tests():
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    tests = sorted(str(path) for path in (JS / "web").glob("*.test.mjs"))
    done = subprocess.run(["node", "--test", *tests], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
