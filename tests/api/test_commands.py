"""What an operator does from the shell: `manage.py ensure_admin` and `manage.py block_user`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from tests.api.world import is_error
from tests.factories import PASSWORD as EARLY
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "seven singing swans"


def run(name, *args, **options):
    out = StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue()


@pytest.fixture(autouse=True)
def no_wishes(monkeypatch):
    monkeypatch.delenv("ADMIN_EMAIL", raising=False)
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)


def login(api_as, email, password):
    return api_as().post("/api/auth/login", {"email": email, "password": password})


def test_the_first_administrator_gets_a_password_that_is_shown_once(api_as):
    shown = run("ensure_admin")
    password = shown.split("password ")[1].split()[0]
    assert len(password) >= 16
    assert login(api_as, "admin@localhost", password).json()["user"].items() >= {"username": "admin", "role": "admin"}.items()
    assert run("ensure_admin") == ""
    assert User.objects.count() == 1


def test_a_given_password_is_taken_and_not_shown(api_as, monkeypatch):
    monkeypatch.setenv("ADMIN_EMAIL", "boss@example.com")
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    assert PASSWORD not in run("ensure_admin")
    assert login(api_as, "boss@example.com", PASSWORD).json()["user"]["role"] == "admin"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("nonsense", PASSWORD),
        ("a@example.com", "short"),
        ("a@example.com", "password123"),  # as many have it
        ("a@example.com", "qwertyuiop"),
        ("a@example.com", "change-me-to-something"),  # as instructions have it
    ],
)
def test_bad_wishes_are_refused_in_a_sentence_without_the_password(monkeypatch, email, password):
    monkeypatch.setenv("ADMIN_EMAIL", email)
    monkeypatch.setenv("ADMIN_PASSWORD", password)
    with pytest.raises(CommandError) as refusal:
        run("ensure_admin")
    assert password not in str(refusal.value)
    assert not User.objects.exists()


def test_whoever_registered_the_administrators_email_before_is_signed_out(api_as, monkeypatch):
    early = make_user(email="boss@example.com", username="admin")
    api = api_as(early)
    assert api.get("/api/auth/me").status_code == 200
    monkeypatch.setenv("ADMIN_EMAIL", "BOSS@example.com")
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    run("ensure_admin")
    assert is_error(api.get("/api/auth/me"), 401)
    assert is_error(login(api_as, "boss@example.com", EARLY), 400)
    assert login(api_as, "boss@example.com", PASSWORD).json()["user"]["role"] == "admin"


def test_the_administrator_finds_another_name_where_admin_is_taken():
    make_user(username="Admin")
    run("ensure_admin")
    assert User.objects.get(role="admin").username.startswith("admin-")


def test_a_user_is_blocked_and_let_in_again(api_as):
    user = make_user(email="a@example.com")
    api = api_as(user)
    assert "blocked" in run("block_user", "A@example.com", reason="spam")
    answer = api.get("/api/auth/me")
    assert is_error(answer, 403)
    assert answer.json()["blockReason"] == "spam"
    run("block_user", "a@example.com", lift=True)
    assert api.get("/api/auth/me").status_code == 200
    with pytest.raises(CommandError, match=r"No user with the e-mail b@example\.com"):
        run("block_user", "b@example.com")
