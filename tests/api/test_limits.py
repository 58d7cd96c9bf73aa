"""Attempts are counted per account and, far higher, per address; in Valkey, and without it in the process."""

import secrets
import time
from types import SimpleNamespace

import pytest
from django.core.cache import caches

from accounts.services import LOGIN_PER_ACCOUNT, LOGIN_PER_ADDRESS
from bench.ports import free_port
from projectvoice.kernel import limits
from tests.api.world import is_error
from tests.factories import PASSWORD, make_channel, make_member, make_server, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """A clock in the first second of a window, so that no test straddles two."""
    clock = SimpleNamespace(now=(time.time() // 600 + 1) * 600)
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: clock.now))
    return clock


@pytest.fixture(autouse=True)
def counting(settings, no_limits, clock):
    settings.RATE_LIMITS = True


@pytest.fixture
def address():
    return "2001:db8::" + ":".join(secrets.token_hex(2) for _ in range(4))


@pytest.fixture
def login(api_as, address):
    def call(email, password="password124", **headers):
        return api_as().post("/api/auth/login", {"email": email, "password": password}, REMOTE_ADDR=address, **headers)

    return call


def somebody():
    """An e-mail that no earlier run has counted, with S, I and K in it."""
    return make_user(email=f"sik{secrets.token_hex(6)}@example.com").email


def test_ten_wrong_passwords_close_an_account_for_a_while_and_no_other(login, clock):
    email, other = somebody(), somebody()
    assert [login(email).status_code for _ in range(10)] == [400] * 10
    refused = login(email)
    assert is_error(refused, 429)
    assert int(refused["Retry-After"]) == refused.json()["retryAfter"] == LOGIN_PER_ACCOUNT.window
    assert is_error(login(email, PASSWORD), 429)  # the right one no more than the wrong ones
    assert login(other, PASSWORD).status_code == 200  # behind the same address
    clock.now += int(refused["Retry-After"]) - 1
    assert is_error(login(email, PASSWORD), 429)
    clock.now += 1
    assert login(email, PASSWORD).status_code == 200


@pytest.mark.parametrize("spelling", ["upper", "padded", "kelvin", "long s", "dotless"])
def test_no_spelling_of_the_email_gets_another_ten(login, spelling):
    email = somebody()
    for _ in range(10):
        login(email)
    other = {
        "upper": email.upper(),
        "padded": f"  {email} ",
        "kelvin": email.replace("k", "\N{KELVIN SIGN}"),
        "long s": email.replace("s", "\N{LATIN SMALL LETTER LONG S}"),
        "dotless": email.replace("i", "\N{LATIN SMALL LETTER DOTLESS I}"),
    }[spelling]
    answer = login(other, PASSWORD)
    assert answer.status_code in {404, 429}
    assert is_error(login(email, PASSWORD), 429)


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_X_CLIENT_IP"])
def test_a_forwarded_address_does_not_help(login, header):
    email = somebody()
    statuses = [login(email, **{header: f"203.0.113.{number}"}).status_code for number in range(11)]
    assert statuses == [400] * 10 + [429]


def test_right_passwords_do_not_count(login):
    email = somebody()
    for _ in range(9):
        assert is_error(login(email), 400)
    assert [login(email, PASSWORD).status_code for _ in range(15)] == [200] * 15
    assert [login(email).status_code for _ in range(2)] == [400, 429]


def test_guesses_over_many_accounts_close_the_address(login, api_as, address):
    for _ in range(LOGIN_PER_ADDRESS.most - 2):
        LOGIN_PER_ADDRESS.take(address)
    statuses = [login(f"{secrets.token_hex(6)}@example.com").status_code for _ in range(3)]
    assert statuses == [404, 404, 429]
    email = somebody()
    assert is_error(login(email, PASSWORD), 429)
    elsewhere = api_as().post("/api/auth/login", {"email": email, "password": PASSWORD}, REMOTE_ADDR="2001:db8:1::1")
    assert elsewhere.status_code == 200


def test_guessing_the_old_password_is_counted_too(api_as):
    user = make_user(email=f"{secrets.token_hex(6)}@example.com")
    api, body = api_as(user), {"oldPassword": "password124", "newPassword": "password456"}
    statuses = [api.put(f"/api/auth/users/{user.pk}/password", body).status_code for _ in range(11)]
    assert statuses == [400] * 10 + [429]
    assert api.get("/api/auth/me").status_code == 200


def register(api_as, address):
    name = secrets.token_hex(6)
    body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    return api_as().post("/api/auth/register", body, REMOTE_ADDR=address)


def test_a_class_of_thirty_registers_behind_one_address(api_as, address):
    assert [register(api_as, address).status_code for _ in range(30)] == [201] * 30


def test_registrations_without_end_are_stopped(api_as, address):
    statuses = [register(api_as, address).status_code for _ in range(61)]
    assert statuses == [201] * 60 + [429]
    assert register(api_as, "2001:db8:2::1").status_code == 201


COUNTED = {
    "messages": ("messaging.api.messages.MESSAGES_PER_USER", 201),
    "searches": ("messaging.api.messages.SEARCHES_PER_USER", 200),
    "invites": ("servers.api.invites.INVITES_PER_USER", 201),
}


@pytest.mark.parametrize("what", COUNTED)
def test_what_one_writes_and_asks_for_is_counted_per_user(api_as, monkeypatch, what):
    limit, status = COUNTED[what]
    monkeypatch.setattr(limit, limits.Limit(secrets.token_hex(4), most=2, window=600))  # the counters outlive the test
    server = make_server()
    channel, other = make_channel(server, "text"), make_member(server, "moderator").user
    call = {
        "messages": lambda api: api.post("/api/messages", {"channelId": channel.pk, "content": "x"}),
        "searches": lambda api: api.get("/api/messages/search", {"channelId": channel.pk, "query": "x"}),
        "invites": lambda api: api.post(f"/api/invite/{server.pk}/invite"),
    }[what]
    owner = api_as(server.owner)
    assert [call(owner).status_code for _ in range(2)] == [status] * 2
    refused = call(owner)
    assert is_error(refused, 429)
    assert 0 < int(refused["Retry-After"]) <= 600
    assert call(api_as(other)).status_code == status


def test_limits_can_be_switched_off(login, settings):
    settings.RATE_LIMITS = False
    email = somebody()
    assert [login(email).status_code for _ in range(12)] == [400] * 12


def test_without_valkey_the_process_counts_by_itself(login, settings):
    gone = {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{free_port()}/0"}
    settings.CACHES = {**settings.CACHES, "default": gone}
    email, other = somebody(), somebody()
    assert [login(email).status_code for _ in range(11)] == [400] * 10 + [429]
    assert login(other, PASSWORD).status_code == 200


def test_no_email_address_reaches_valkey(login):
    email = somebody()
    login(email)
    keys = [key for key in caches["default"]._cache.get_client().scan_iter("pv:*") if b"limit:" in key]
    assert keys
    assert not [key for key in keys if email.encode() in key or b"example.com" in key]
