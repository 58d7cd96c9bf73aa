"""What the instance says of itself."""

import re

import pytest
from django.db import connection

from bench.ports import free_port
from projectvoice import __version__
from projectvoice.api import STYLES
from projectvoice.kernel.draining import draining
from tests.api.world import is_error

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")


def test_info_names_the_palette_of_the_web_client(api_as):
    info = api_as().get("/api/info").json()
    assert ISO.fullmatch(info.pop("timestamp"))
    assert info == {"status": "success", "app": "ProjectVoice", "version": __version__, "styles": STYLES}
    assert " ".join(STYLES) == "blurple green yellow fuchsia red white black grey darkGrey darkerGrey"
    assert all(re.fullmatch(r"#[0-9A-F]{6}", color) for color in STYLES.values())


def test_health_asks_nobody(api_as):
    """No `db` mark: a query would fail this test."""
    health = api_as().get("/api/health").json()
    assert ISO.fullmatch(health.pop("server_time"))
    assert health == {"service": "webrtc-signaling-server", "status": "ok"}


@pytest.mark.django_db
def test_ready_means_database_and_valkey_answer(api_as, settings):
    assert api_as().get("/readyz").json() == {"status": "ready"}
    gone = {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{free_port()}/0"}
    settings.CACHES = {**settings.CACHES, "default": gone}
    answer = api_as().get("/readyz")
    assert is_error(answer, 503)
    assert answer["Retry-After"] == "5"


def test_a_process_that_is_stopped_says_so_to_those_who_ask_and_not_in_its_log(api_as, caplog):
    draining.set()
    try:
        answers = [api_as().get(path) for path in ("/api/health", "/readyz")]
    finally:
        draining.clear()
    assert all(is_error(answer, 503) for answer in answers)
    assert api_as().get("/api/health").status_code == 200
    assert caplog.messages == []


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_503_and_not_500(api_as, caplog):
    with connection.execute_wrapper(no_answer):
        answer = api_as().get("/readyz")
    assert is_error(answer, 503)
    assert answer["Retry-After"] == "5"
    assert "psycopg" not in answer.content.decode()
    assert caplog.messages == ["The database does not do its work: psycopg: server closed the connection unexpectedly"]
    assert api_as().get("/readyz").status_code == 200


def no_answer(execute, sql, params, many, context):
    from django.db import OperationalError

    raise OperationalError("psycopg: server closed the connection unexpectedly")


@pytest.fixture(scope="module")
def schema():
    from rest_framework.test import APIClient

    answer = APIClient().get("/api/schema")
    assert answer.status_code == 200
    return answer.json()


def test_the_schema_is_openapi_3_1_and_needs_no_token(schema):
    assert schema["openapi"].startswith("3.1")


def test_the_api_docs_load_only_what_we_serve(api_as):
    api = api_as()
    for path in ("/api-docs", "/api-docs/"):
        page = api.get(path, HTTP_ACCEPT="text/html,application/xhtml+xml,*/*;q=0.8")
        assert page.status_code == 200
        assert page["Content-Type"].startswith("text/html")
    html = page.content.decode()
    addresses = re.findall(r"""(?:src|href)=["']([^"']+)["']""", html)
    assert len(addresses) >= 4
    for address in addresses:
        assert address.startswith("/"), address
        assert not address.startswith("//")
        assert api.get(address).status_code == 200, address
    script = next(address for address in addresses if "script" in address)
    assert "/api/schema" in api.get(script).content.decode()
    assert not re.search(r"""["'](https?:)?//(?!127|localhost)[a-z]""", html)


@pytest.mark.parametrize("accept", ["text/html", "application/json", "image/png", "*/*", "", "text/html, */*;q=0.1", "garbage"])
def test_json_is_answered_whatever_is_accepted(api_as, accept):
    for path in ("/api/info", "/api/health", "/api/schema"):
        answer = api_as().get(path, HTTP_ACCEPT=accept)
        assert answer.status_code == 200
        assert "json" in answer["Content-Type"]
    assert is_error(api_as().get("/api/users", HTTP_ACCEPT=accept), 401)
