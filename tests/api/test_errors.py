"""Every refusal is `{"error", "code"}` in JSON, whatever refused it; and what a request is allowed to look like."""

import http.client
import json
import socket

import pytest
import requests
from django.conf import settings
from django.test import Client
from django.urls import get_resolver

import projectvoice.urls
from accounts.services import user_register
from tests.api.world import is_error
from tests.conftest import PATIENCE
from tests.factories import PASSWORD, make_channel, make_server, make_token, make_user
from tests.phrases import SIGNS_OUT

UNKNOWN = [
    "/api", "/api/", "/api/unknown", "/api/servers//", "/api/../etc/passwd", "/api/%00", "/api/%ff%fe", "/api/" + "a" * 4000,
    "/api/servers/1/unknown", "/unknown", "/wp-login.php", "/api/auth/login.json", "/api/сервер",
]  # fmt: skip


@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_an_unknown_path_is_404(api_as, method, path):
    answer = getattr(api_as(), method)(path)
    assert is_error(answer, 404)
    assert answer["Content-Type"] == "application/json"


WRONG = [
    ("get", "/api/auth/register"),
    ("delete", "/api/auth/login"),
    ("post", "/api/info"),
    ("put", "/api/health"),
    ("patch", "/api/invite/invite/00000000-0000-4000-8000-000000000000"),
    ("post", "/api/users"),
    ("patch", "/api/servers"),
    ("trace", "/api/servers"),
    ("post", "/api/auth/me"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path"), WRONG)
def test_a_wrong_method_is_405_and_tells_the_right_ones(api_as, method, path):
    api = api_as(make_user())
    answer = api.generic(method.upper(), path)
    assert is_error(answer, 405)
    assert answer["Allow"]
    assert method.upper() not in answer["Allow"]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["FOO", "CONNECT", "PROPFIND"])
def test_an_unknown_method_is_405(api_as, method):
    assert is_error(api_as(make_user()).generic(method, "/api/servers"), 405)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonp",
        "garbage",
    ],
)
def test_anything_but_json_is_415(api_as, content_type):
    body = json.dumps({"email": "a@example.com", "password": PASSWORD})
    make_user(email="a@example.com")
    login = api_as().post
    assert login("/api/auth/login", body, content_type="application/json").status_code == 200
    assert is_error(login("/api/auth/login", body, content_type=content_type), 415)


@pytest.mark.parametrize("host", ["evil.example", "a b", "[", "localhost:port", "%00", "a" * 300, "@"])
def test_a_bad_host_is_400(api_as, settings, host):
    settings.ALLOWED_HOSTS = ["localhost"]
    assert api_as().get("/api/info", HTTP_HOST="localhost").status_code == 200
    assert is_error(api_as().get("/api/info", HTTP_HOST=host), 400)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/health", "/readyz", "/readyz/"])
def test_health_checks_may_ask_by_any_name(api_as, settings, path):
    settings.ALLOWED_HOSTS = ["voice.example.com"]
    assert api_as().get(path, HTTP_HOST="10.0.0.7:5000").status_code == 200
    assert is_error(api_as().get("/api/info", HTTP_HOST="10.0.0.7:5000"), 400)


@pytest.mark.django_db
def test_a_bug_is_500_and_shows_nothing(api_as, monkeypatch):
    def broken(**_fields):
        raise RuntimeError("SELECT secret FROM /etc")

    monkeypatch.setattr("accounts.api.auth.user_register", broken)
    api = api_as()
    api.raise_request_exception = False
    body = {"username": "anna", "email": "a@example.com", "password": PASSWORD}
    answer = api.post("/api/auth/register", body)
    assert is_error(answer, 500)
    assert answer.json() == {"error": "Internal server error", "code": 500}
    monkeypatch.setattr("accounts.api.auth.user_register", user_register)
    assert api.post("/api/auth/register", body).status_code == 201


def api_paths():
    """Every path of these rooms with the methods that it has."""
    assert projectvoice.urls.urlpatterns  # imported first: it brings the converters
    from accounts.urls import urlpatterns as accounts
    from servers.urls import urlpatterns as servers

    for entry in [*accounts, *servers]:
        yield (
            "/api/" + str(entry.pattern),
            [name for name in ("get", "post", "put", "patch", "delete") if hasattr(entry.callback.cls, name)],
        )


@pytest.mark.django_db
@pytest.mark.parametrize(("pattern", "methods"), [pytest.param(*row, id=row[0]) for row in api_paths()])
def test_a_path_works_with_and_without_its_slash_and_never_redirects(api_as, pattern, methods):
    user = make_user()
    server = make_server(user)
    ids = {"server_id": server.pk, "channel_id": make_channel(server).pk, "member_id": server.members.get().pk}
    path = pattern
    for name, value in {
        **ids,
        "user_id": user.pk,
        "role_id": 7,
        "category_id": 7,
        "invite_id": 7,
        "token": "0" * 32,
        "session_id": "0" * 32,
    }.items():
        value = f"{value[:8]}-0000-4000-8000-000000000000" if isinstance(value, str) else value
        path = path.replace(f"<id:{name}>", str(value)).replace(f"<uuid:{name}>", str(value))
    assert "<" not in path
    for method in methods:
        answers = [getattr(Client(), method)(address, content_type="application/json") for address in (path, f"{path}/")]
        assert answers[0].status_code == answers[1].status_code
        assert answers[0].status_code not in {301, 302, 307, 308}
        assert answers[0].json() == answers[1].json()
        assert answers[0].status_code in {400, 401, 404}
    head, get = api_as(user).head(path), api_as(user).get(path)
    assert head.status_code == get.status_code
    assert api_as(user).options(f"{path}/").status_code == 200


ORIGIN = "http://localhost:3000"


@pytest.fixture
def one_origin(settings):
    settings.CORS_ALLOW_ALL_ORIGINS, settings.CORS_ALLOWED_ORIGINS = False, [ORIGIN]


def test_a_preflight_from_a_known_origin_is_answered(api_as, one_origin):
    answer = api_as().options(
        "/api/servers/1",
        HTTP_ORIGIN=ORIGIN,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="PUT",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,content-type",
    )
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
    assert set(answer["Access-Control-Allow-Methods"].split(", ")) == {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    assert {"content-type", "authorization", "x-requested-with", "accept"} <= {
        *answer["Access-Control-Allow-Headers"].lower().split(", ")
    }
    assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/info", "/api/auth/me", "/api/unknown"])
def test_an_answer_names_a_known_origin_and_no_other(api_as, one_origin, path):
    assert api_as().get(path, HTTP_ORIGIN=ORIGIN)["Access-Control-Allow-Origin"] == ORIGIN
    for origin in ("http://evil.example", "null", f"{ORIGIN}.evil.example", "http://localhost:3009"):
        assert "Access-Control-Allow-Origin" not in api_as().get(path, HTTP_ORIGIN=origin)


def test_every_origin_may_come_where_the_setting_says_so_but_without_credentials(api_as, settings):
    settings.CORS_ALLOW_ALL_ORIGINS = True
    answer = api_as().get("/api/info", HTTP_ORIGIN="http://anywhere.example")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize(
    ("accept", "russian"),
    [
        *((accept, True) for accept in (None, "ru", "ru-RU,ru;q=0.9,en;q=0.8", "de", "*", "\0;;q=x")),
        *((accept, False) for accept in ("en", "en-US,en;q=0.9", "de,en;q=0.5,ru;q=0.2")),
    ],
)
@pytest.mark.django_db
def test_errors_speak_the_language_asked_for_and_russian_else(accept, russian):
    headers = {} if accept is None else {"HTTP_ACCEPT_LANGUAGE": accept}
    refusals = [
        Client().get("/api/unknown", **headers),
        Client().get("/api/auth/me", **headers),
        Client().delete("/api/auth/login", **headers),
        Client().post("/api/auth/login", "{", content_type="application/json", **headers),
        Client().post("/api/auth/login", "[]", content_type="application/json", **headers),
        Client().post("/api/auth/login", "a", content_type="text/plain", **headers),
    ]
    wrong = {
        "username": "a!",
        "email": "a",
        "password": "я" * 65,
        "profilePicture": "x",
        "status": "x",
        "expiresAt": "x",
        "maxUses": "x",
    }
    for name in ("username", "email", "password"):
        body = {"username": "anna", "email": "a@example.com", "password": PASSWORD, name: wrong[name]}
        refusals.append(Client().post("/api/auth/register", body, content_type="application/json", **headers))
    user = make_user()
    signed = {**headers, "HTTP_AUTHORIZATION": f"Bearer {make_token(user)}"}
    for name in ("profilePicture", "status"):
        refusals.append(Client().put("/api/users", {name: wrong[name]}, content_type="application/json", **signed))
    invite = f"/api/invite/{make_server(user).pk}/invite"
    for name in ("expiresAt", "maxUses"):
        refusals.append(Client().post(invite, {name: wrong[name]}, content_type="application/json", **signed))
    for answer in refusals:
        assert is_error(answer, answer.status_code)
        text = answer.json()["error"]
        assert any("а" <= letter <= "я" for letter in text.lower()) is russian, text
        if answer.status_code != 401:
            assert not [phrase for phrase in SIGNS_OUT if phrase in text.lower()]


def test_the_resolver_knows_our_handlers():
    resolver = get_resolver()
    for status in (400, 403, 404, 500):
        assert resolver.resolve_error_handler(status).__module__ == "projectvoice.kernel.exception_handler"


# Over the wire: what a test client would not let through.


def test_a_body_over_the_limit_is_413_before_it_is_read(instance):
    just = b'{"email":"' + b" " * (settings.BODY_LIMIT - 12) + b'"}'
    assert len(just) == settings.BODY_LIMIT
    url, headers = f"{instance.url}/api/auth/login", {"Content-Type": "application/json"}
    assert is_error_over_wire(requests.post(url, just, headers=headers, timeout=PATIENCE), 400)
    assert is_error_over_wire(requests.post(url, just + b" ", headers=headers, timeout=PATIENCE), 413)
    assert is_error_over_wire(requests.post(url, b" " * 5_000_000, headers=headers, timeout=PATIENCE), 413)
    assert is_error_over_wire(requests.post(url, b"{}", timeout=PATIENCE), 415)  # no Content-Type at all
    russian = requests.post(url, just + b" ", headers={**headers, "Accept-Language": "ru"}, timeout=PATIENCE)
    assert russian.json()["error"] == "Тело запроса слишком велико"


def test_a_chunked_body_is_read_and_limited_all_the_same(instance):
    user = instance.sign_up()["user"]
    body = json.dumps({"email": user["email"], "password": "password123"}).encode()
    url, headers = f"{instance.url}/api/auth/login", {"Content-Type": "application/json"}
    signed_in = requests.post(url, iter([body[:20], body[20:]]), headers=headers, timeout=PATIENCE)
    assert signed_in.status_code == 200, signed_in.text
    endless = (b" " * 65536 for _ in range(80))
    try:
        refused = requests.post(url, endless, headers=headers, timeout=PATIENCE)
    except requests.ConnectionError:  # answered and closed while we were still sending
        refused = None
    assert refused is None or is_error_over_wire(refused, 413)
    assert over_the_limit_in_chunks(instance).startswith(b"HTTP/1.1 413")


def over_the_limit_in_chunks(instance) -> bytes:
    """One chunk over the limit, then we only listen: the answer must be really sent."""
    with socket.create_connection(("127.0.0.1", instance.port), timeout=PATIENCE) as raw:
        raw.sendall(
            b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        size = settings.BODY_LIMIT + 1
        raw.sendall(f"{size:x}\r\n".encode() + b" " * size + b"\r\n")
        return raw.recv(65536)


@pytest.mark.parametrize(
    "path", ["/api/%00", "/api/%ff", "/api/../x", "/api/servers/" + "9" * 5000, "/api/" + "a" * 20_000, "/api/?" + "a" * 20_000]
)
def test_an_odd_address_is_4xx_over_the_wire(instance, path):
    connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=PATIENCE)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert 400 <= answer.status < 500
    connection.close()
    assert requests.get(f"{instance.url}/api/health", timeout=PATIENCE).status_code == 200


@pytest.mark.parametrize("charset", ["hex", "zlib", "rot13", "base64", "utf-16", "utf-7", "idna", "bogus", "undefined"])
def test_an_odd_charset_is_refused_and_breaks_nothing(instance, charset):
    user = instance.sign_up()
    headers = {"Authorization": f"Bearer {user['token']}", "Content-Type": f"application/json; charset={charset}"}
    server = instance.api("POST", "/servers", user["token"], name="Hall").json()["id"]
    refused = requests.post(f"{instance.url}/api/servers?a=%d0%b0", b'{"name":"x"}', headers=headers, timeout=PATIENCE)
    assert is_error_over_wire(refused, 400)
    read = requests.get(f"{instance.url}/api/serverMembers/{server}/members?page=%31", headers=headers, timeout=PATIENCE)
    assert read.status_code == 200


def is_error_over_wire(answer, status):
    body = answer.json()
    return (
        answer.status_code == status
        and body["code"] == status
        and bool(body["error"])
        and "json" in answer.headers["Content-Type"]
    )
