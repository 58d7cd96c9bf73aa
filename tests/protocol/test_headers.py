"""What every answer over HTTP says to browsers, whoever makes it; and what it does not say."""

import pytest
import requests

from projectvoice.headers import NO_DEVICES, NOTHING_RUNS
from tests.conftest import PATIENCE, Instance

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NOT_PAGES = {**ALWAYS, "Content-Security-Policy": NOTHING_RUNS, "Permissions-Policy": NO_DEVICES}
PLACES = {  # path → status and body sent
    "/api/health": (200, None),
    "/api/nothing": (404, None),
    "/api/servers": (401, None),
    "/static/web/logo.svg": (200, None),
    "/api/schema": (200, None),
    "/socket.io/?EIO=4&transport=polling": (200, None),  # Django does not see these
    "/socket/?EIO=3&transport=polling": (400, None),
    "/api/auth/login": (413, b"x" * 1_000_001),
}
SCRIPTS = {
    "/": "script-src 'self' 'sha256-",
    "/api-docs": "script-src 'self';",
    "/admin/login/": "script-src 'self' 'unsafe-eval';",
}


def ask(url: str, body: bytes | None = None, **headers: str) -> requests.Response:
    method = "GET" if body is None else "POST"
    return requests.request(
        method, url, data=body, headers={"Accept": "text/html", **headers}, timeout=PATIENCE, allow_redirects=False
    )


@pytest.mark.parametrize("path", PLACES)
def test_what_is_no_page_may_do_nothing(instance: Instance, path: str):
    status, body = PLACES[path]
    answer = ask(instance.url + path, body)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in NOT_PAGES} == NOT_PAGES
    assert not {"Server", "X-Powered-By", "Strict-Transport-Security"} & answer.headers.keys()


@pytest.mark.parametrize("path", SCRIPTS)
def test_a_page_has_a_policy_of_its_own(instance: Instance, path: str):
    answer = ask(instance.url + path)
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    policy = answer.headers["Content-Security-Policy"]
    assert SCRIPTS[path] in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", "")


def test_only_files_are_kept_by_browsers(instance: Instance):
    kept = {
        path: ask(instance.url + path).headers["Cache-Control"]
        for path in ("/", "/api/health", "/static/web/logo.svg", "/api-docs")
    }
    assert kept == {
        "/": "no-cache",
        "/api/health": "no-store",
        "/static/web/logo.svg": "max-age=60, public",
        "/api-docs": "no-store",
    }


def test_each_name_is_said_once(instance: Instance):
    for path in ("/", "/api/health", "/static/web/logo.svg", "/admin/login/"):
        names = [name.lower() for name, _ in ask(instance.url + path).raw.headers.items()]
        assert len(set(names) - {"set-cookie"}) == len([name for name in names if name != "set-cookie"]), path


@pytest.fixture(scope="module", params=["127.0.0.1", "192.0.2.7"])
def behind(instance: Instance, request: pytest.FixtureRequest):
    """An instance that trusts the proxy at this address: us, or somebody else."""
    second = Instance(instance.env | {"TRUSTED_PROXIES": request.param})
    second.start()
    try:
        yield request.param == "127.0.0.1", second
    finally:
        second.stop()


def test_https_is_what_a_listed_proxy_says(behind):
    """HSTS on every answer, and Secure on the panel's cookies; nobody else's word counts, whatever the header is called."""
    listed, instance = behind
    by_tls = {"X-Forwarded-Proto": "https"}
    for path in ("/api/health", "/socket.io/?EIO=4&transport=polling"):
        said = ask(instance.url + path, **by_tls).headers.get("Strict-Transport-Security")
        assert said == ("max-age=31536000" if listed else None)
        assert "Strict-Transport-Security" not in ask(instance.url + path).headers
    cookie = ask(f"{instance.url}/admin/login/", **by_tls).headers["Set-Cookie"]
    assert ("; Secure" in cookie, "; HttpOnly" in cookie, "SameSite=Strict" in cookie) == (listed, True, True)
    others = {"X-Forwarded-Protocol": "https", "X-Forwarded-Ssl": "on", "Forwarded": "proto=https", "X-Scheme": "https"}
    assert "Strict-Transport-Security" not in ask(f"{instance.url}/api/health", **others).headers


def test_hosts_are_those_of_the_settings(instance: Instance):
    second = Instance(instance.env | {"ALLOWED_HOSTS": "voice.example.com,127.0.0.1"})
    second.start()
    try:
        assert ask(f"{second.url}/api/health", Host="a.probe.of.a.proxy").status_code == 200
        for path in ("/", "/api/info", "/admin/login/"):
            assert ask(second.url + path, Host="voice.example.com").status_code == 200
            refused = ask(second.url + path, Host="evil.example")
            assert (refused.status_code, "evil.example" in refused.text) == (400, False)
    finally:
        second.stop()
