"""Signing in and out of the panel, and what ends its session."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Session
from accounts.services import password_change, session_end_all, user_appoint, user_block
from audit.models import AuditEntry
from panel.access import COOKIE
from projectvoice.kernel.limits import Limit
from tests.authenticator import enrol
from tests.factories import PASSWORD, make_token, make_user
from tests.panel.conftest import LOGIN, PANEL

pytestmark = pytest.mark.django_db


def sign_in(client: Client, login: str, password: str = PASSWORD, **more: object):
    return client.post(LOGIN, {"login": login, "password": password}, **more)


def is_in(client: Client) -> bool:
    return client.get(PANEL).status_code == 200


def test_a_stranger_is_led_to_the_sign_in_and_back(browser_of, admin):
    client = browser_of()
    users = f"{PANEL}accounts/user/"
    answer = client.get(users)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{LOGIN}?next={users}")
    page = client.get(f"{LOGIN}?next={users}")
    assert f'name="next" value="{users}"' in page.text
    answer = client.post(LOGIN, {"login": admin.email, "password": PASSWORD, "next": users})
    assert (answer.status_code, answer.headers["Location"]) == (302, users)
    assert client.get(users).status_code == 200
    assert client.get(LOGIN).headers["Location"] == PANEL


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(browser_of, admin, elsewhere):
    answer = browser_of().post(LOGIN, {"login": admin.email, "password": PASSWORD, "next": elsewhere})
    assert answer.headers["Location"] == PANEL


def test_by_name_or_address_and_the_session_is_one_like_others(browser_of, api_as, admin):
    for login in (admin.email.upper(), admin.username):
        client = browser_of()
        assert sign_in(client, login, HTTP_USER_AGENT="Firefox").status_code == 302
        assert is_in(client)
    session = Session.objects.filter(user=admin).latest("created_at")
    assert session.user_agent == "ProjectVoice panel; Firefox"
    assert session.expires_at - timezone.now() <= timedelta(hours=12)
    assert str(session.pk) in {row["id"] for row in api_as(admin).get("/api/auth/sessions").json()}
    entry = AuditEntry.objects.filter(log="instance").latest("sequence")
    assert (entry.action, entry.actor_number, entry.target_id, entry.address) == (
        "panel.sign_in",
        admin.pk,
        admin.pk,
        "127.0.0.1",
    )


def test_the_cookie_is_for_the_panel_alone(browser_of, admin):
    client = browser_of()
    cookie = sign_in(client, admin.email).cookies[COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["secure"]) == ("/admin/", True, "Lax", "")
    assert sign_in(browser_of(), admin.email, secure=True, HTTP_REFERER="https://testserver/").cookies[COOKIE]["secure"] is True
    assert client.get("/api/admin/users").status_code == 401  # no cookie opens the API
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {make_token(admin)}"}
    assert browser_of().get("/api/admin/users", **bearer).status_code == 200
    assert browser_of().get(PANEL, **bearer).status_code == 302, "and no token the panel"


@pytest.mark.parametrize(
    ("login", "password", "status", "text"),
    [
        ("nobody@example.com", PASSWORD, 401, "Wrong login or password"),
        ("overseer", "not this one", 401, "Wrong login or password"),
        ("boris", PASSWORD, 403, "You lack the rights for this"),
        ("", PASSWORD, 400, "This field is required."),
        ("over\0seer", PASSWORD, 400, "Null characters are not allowed."),
        ("o" * 300, PASSWORD, 400, "at most 254 characters"),
    ],
)
def test_refusals_are_those_of_the_api(browser_of, admin, boris, login, password, status, text):
    client = browser_of()
    answer = sign_in(client, login, password)
    assert (answer.status_code, text in answer.text) == (status, True)
    assert not is_in(client)
    assert not Session.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_blocked_administrator_stays_out(browser_of, admin):
    make_user(role="admin")
    user_block(user=admin, by=None, reason="left us")
    answer = sign_in(browser_of(), admin.email)
    assert (answer.status_code, "This account is blocked" in answer.text) == (403, True)


def test_attempts_are_limited(browser_of, admin, settings, monkeypatch):
    settings.RATE_LIMITS = True
    monkeypatch.setattr("accounts.services.LOGIN_PER_ACCOUNT", Limit(f"panel-test-{admin.pk}", most=2, window=600))
    answers = [sign_in(browser_of(), admin.email, "guess") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]


def test_the_second_factor_is_asked_for(browser_of, api_as, admin, monkeypatch):
    clock = SimpleNamespace(now=1_800_000_000.0)
    monkeypatch.setattr("accounts.two_factor.time", SimpleNamespace(time=lambda: clock.now))
    app = enrol(api_as(admin), clock)
    client = browser_of()
    asked = sign_in(client, admin.email)
    ticket = asked.context["form"]["ticket"].value()
    assert (asked.status_code, is_in(client)) == (200, False)
    wrong = client.post(LOGIN, {"ticket": ticket, "code": "000000"})
    assert (wrong.status_code, is_in(client)) == (400, False)
    assert wrong.context["form"]["ticket"].value() == ticket
    assert client.post(LOGIN, {"ticket": ticket, "code": app.fresh()}).status_code == 302
    assert is_in(client)
    forged = browser_of().post(LOGIN, {"ticket": "forged", "code": app.fresh()})
    assert "Enter your password again" in forged.text


def test_where_it_is_required_nobody_is_in_without(browser_of, admin, settings):
    client = browser_of(admin)
    assert is_in(client)
    settings.TWO_FACTOR = "staff"
    assert not is_in(client)
    answer = sign_in(browser_of(), admin.email)
    assert (answer.status_code, "Set up two-factor authentication first" in answer.text) == (403, True)


ENDS = {
    "blocked": lambda user: user_block(user=user, by=None, reason="left us"),
    "demoted": lambda user: user_appoint(user=user, role="user"),
    "signed out everywhere": lambda user: session_end_all(user=user),
    "another password": lambda user: password_change(
        user=user, old_password=PASSWORD, new_password="password456", keep="00000000-0000-4000-8000-000000000000"
    ),
    "time": lambda user: Session.objects.filter(user=user).update(expires_at=timezone.now()),
}


@pytest.mark.parametrize("end", ENDS)
def test_the_session_ends_with(browser_of, admin, end):
    make_user(role="admin")
    client = browser_of(admin)
    assert is_in(client)
    ENDS[end](admin)
    answer = client.get(f"{PANEL}accounts/user/")
    assert answer.status_code == 302
    assert client.cookies[COOKIE].value == ""


def test_who_was_demoted_does_not_come_back_with_his_role(browser_of, admin):
    make_user(role="admin")
    client = browser_of(admin)
    token = client.cookies[COOKIE].value
    user_appoint(user=admin, role="user")
    assert not is_in(client)
    user_appoint(user=admin, role="admin")
    client.cookies[COOKIE] = token
    assert not is_in(client)


def test_a_cookie_from_before_is_not_the_session_afterwards(browser_of, admin):
    """Nobody chooses another one's session for him."""
    client = browser_of()
    client.cookies[COOKIE] = "chosen-by-somebody-else"
    assert sign_in(client, admin.email).status_code == 302
    assert client.cookies[COOKIE].value != "chosen-by-somebody-else"
    first = client.cookies[COOKIE].value
    client.post(f"{PANEL}logout/")
    sign_in(client, admin.email)
    assert client.cookies[COOKIE].value != first


def test_signing_out_ends_the_session(browser_of, admin):
    client = browser_of(admin)
    token = client.cookies[COOKIE].value
    assert client.post(f"{PANEL}logout/").headers["Location"] == LOGIN
    assert not Session.objects.filter(user=admin).exists()
    client.cookies[COOKIE] = token
    assert not is_in(client)


@pytest.mark.parametrize("path", ["login/", "logout/", "audit/verify/", "accounts/user/1/block/"])
def test_forms_from_elsewhere_are_refused(admin, path):
    client = Client(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="en")
    page = client.get(LOGIN)
    token = page.context["csrf_token"]
    client.post(LOGIN, {"login": admin.email, "password": PASSWORD, "csrfmiddlewaretoken": str(token)})
    assert is_in(client)
    assert client.post(PANEL + path, {"reason": "spam"}).status_code == 403
    assert is_in(client)


def test_headers(browser_of, admin):
    answer = browser_of(admin).get(PANEL)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"].split("style-src")[0]
    assert (answer.headers["Cache-Control"], answer.headers["X-Frame-Options"]) == ("no-store", "DENY")
    assert answer.cookies["panel_csrf"]["path"] == PANEL


def test_other_paths_know_nothing_of_it(browser_of, admin, django_assert_num_queries):
    client = browser_of(admin)
    with django_assert_num_queries(0):
        answer = client.get("/api/health")
    assert not answer.cookies
    assert "Content-Security-Policy" not in answer.headers
    assert client.get("/administrator/").status_code == 404


def test_without_its_slash_it_leads_to_the_one_with(browser_of):
    assert browser_of().get("/admin").headers["Location"] == "/admin/"
    assert browser_of().get("/admin/login?next=/x").headers["Location"] == "/admin/login/?next=/x"
