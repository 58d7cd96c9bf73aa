"""Addresses of static files: with a version, kept for a year; without, or with another process's, not for long."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpResponse
from django.templatetags.static import static

from projectvoice import static_files
from tests.conftest import ROOT

APP = ROOT / "web" / "static" / "web" / "app.js"
OTHER = "0123456789abcdef"


def test_an_address_with_this_version_never_changes(client):
    address = static("web/app.js")
    assert address == f"/static/{static_files.version()}/web/app.js"
    answer = client.get(address)
    assert (answer.status_code, answer.getvalue()) == (200, APP.read_bytes())
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("address", "kept"), [("/static/web/app.js", "max-age=60, public"), (f"/static/{OTHER}/web/app.js", "no-cache")]
)
def test_other_addresses_have_the_same_file_for_a_short_while(client, address, kept):
    """The one that outsiders use, and the one that the page of another version names while processes are renewed."""
    answer = client.get(address)
    assert (answer.status_code, answer.getvalue(), answer["Cache-Control"]) == (200, APP.read_bytes(), kept)


@pytest.mark.parametrize(
    "address", [f"/static/{OTHER}/web/none.js", "/static/short/web/app.js", f"/static/{OTHER}/../../manage.py"]
)
def test_what_is_no_static_file_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_a_process_looks_them_up_once(monkeypatch):
    first = static_files.StaticFiles(HttpResponse)
    monkeypatch.setattr(finders, "get_finders", list)
    assert first.files
    assert static_files.StaticFiles(HttpResponse).files == first.files


def test_the_version_follows_from_names_and_contents(tmp_path, monkeypatch):
    one, two = tmp_path / "one.js", tmp_path / "two.js"
    one.write_text("1")
    two.write_text("2")

    def of(**files):
        monkeypatch.setattr(static_files, "_files", lambda: files.items())
        return static_files.version.__wrapped__()

    first = of(a=one, b=two)
    assert re.fullmatch("[0-9a-f]{16}", first)
    assert of(b=two, a=one) == first
    assert len({first, of(a=two, b=one), of(a=one), of(a=one, c=two)}) == 4


def test_all_that_a_style_sheet_or_a_module_names_is_relative_to_it():
    """Else it would leave the version."""
    own = [path for path in (ROOT / "web" / "static").rglob("*") if path.suffix in {".js", ".css"}]
    own += (ROOT / "clients" / "js" / "src").rglob("*.js")
    assert [path.name for path in own if re.search(r"""["'(]/static/""", path.read_text())] == []
    assert staticfiles_storage.url("web/logo.svg").startswith("/static/")
