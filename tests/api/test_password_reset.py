"""Lost passwords: a link by mail or from the shell, good once, for an hour; and nobody learns who has an account."""

import secrets
import time
from io import StringIO
from unittest.mock import ANY

import pytest
from django.core import signing
from django.core.mail import get_connection
from django.core.management import CommandError, call_command

from accounts import links
from accounts.models import Session, User
from accounts.post import waiting
from accounts.services import user_update
from accounts.tickets import EMAIL, PASSWORD_RESET, SIGN_IN
from audit.models import AuditEntry
from tests.api.world import is_error
from tests.authenticator import enrol
from tests.factories import PASSWORD, make_token, make_user
from tests.phrases import SIGNS_OUT

pytestmark = pytest.mark.django_db
NEW = "password456"


def somebody():
    """With an e-mail and an id that no other test has counted, in whatever process it runs."""
    user = make_user(email=f"{secrets.token_hex(6)}@example.com")
    number = 10**9 + secrets.randbelow(10**12)
    User.objects.filter(pk=user.pk).update(id=number)
    return User.objects.get(pk=number)


def forgot(api_as, email, **headers):
    return api_as().post("/api/auth/password/forgot", {"email": email}, **headers)


def reset(api_as, token, password=NEW):
    return api_as().post("/api/auth/password/reset", {"token": token, "newPassword": password})


def login(api_as, user, password):
    return api_as().post("/api/auth/login", {"email": user.email, "password": password})


def link_in(letter, page="reset-password"):
    [link] = [line for line in letter.body.splitlines() if f"/{page}#" in line]
    return link


def token_in(letter, page="reset-password"):
    return link_in(letter, page).partition("#")[2]


def test_a_letter_brings_a_link_to_a_new_password(api_as, anna, letters):
    elsewhere = api_as(anna)
    assert forgot(api_as, f" {anna.email.upper()} ").status_code == 200
    [letter] = letters()
    assert (letter.to, letter.subject) == ([anna.email], "A new password for Anna")
    assert link_in(letter).startswith("http://testserver/reset-password#")
    assert letter.from_email == "ProjectVoice <projectvoice@localhost>"

    answer = reset(api_as, token_in(letter))
    assert answer.status_code == 200
    assert answer.json() == {"message": "Password changed, sign in with it"}
    assert is_error(elsewhere.get("/api/auth/me"), 401)
    assert not Session.objects.exists()
    assert is_error(login(api_as, anna, PASSWORD), 400)
    assert login(api_as, anna, NEW).status_code == 200


def test_the_letter_speaks_the_readers_language_and_leads_to_the_public_address(api_as, anna, letters, settings):
    settings.PUBLIC_URL = "https://voice.example.com/talk"
    forgot(api_as, anna.email, HTTP_ACCEPT_LANGUAGE="ru", HTTP_HOST="evil.example.com")
    [letter] = letters()
    assert letter.subject == "Новый пароль для Anna"
    assert link_in(letter).startswith("https://voice.example.com/talk/reset-password#")
    assert "evil" not in letter.body


@pytest.mark.parametrize("email", ["nobody@example.com", "no address", "Anna", "a" * 254])
def test_who_has_no_account_gets_the_same_answer_and_nobody_gets_mail(api_as, anna, letters, email):
    known, unknown = forgot(api_as, anna.email), forgot(api_as, email)
    assert (known.status_code, known.json(), known.headers) == (unknown.status_code, unknown.json(), unknown.headers)
    assert len(letters()) == 1


def test_both_answers_cost_the_same_queries(api_as, anna, django_assert_num_queries, letters):
    for email in (anna.email, "nobody@example.com"):
        with django_assert_num_queries(1):
            forgot(api_as, email)
    letters()


@pytest.mark.parametrize("wrong", [None, 5, [], {}, "", "a\0b", "a" * 255], ids=repr)
def test_what_is_no_text_is_refused(api_as, wrong):
    assert is_error(forgot(api_as, wrong), 400)
    assert is_error(api_as().post("/api/auth/password/forgot", {}), 400)


def test_a_link_is_good_once(api_as, anna, letters):
    forgot(api_as, anna.email)
    forgot(api_as, anna.email)
    first, second = map(token_in, letters())
    assert is_error(reset(api_as, first, "short"), 400)  # which spends nothing
    assert reset(api_as, first).status_code == 200
    for spent in (first, second):
        refused = reset(api_as, spent, "password789")
        assert is_error(refused, 400)
        assert not [phrase for phrase in SIGNS_OUT if phrase in refused.json()["error"].lower()]
    assert login(api_as, anna, NEW).status_code == 200


def test_a_link_is_good_for_an_hour(api_as, anna, monkeypatch):
    token = PASSWORD_RESET.issue(anna)
    now = time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 3602)
    assert is_error(reset(api_as, token), 400)
    monkeypatch.setattr(signing.time, "time", lambda: now + 3590)
    assert reset(api_as, token).status_code == 200


def test_a_link_is_void_when_password_or_email_changed_since(api_as, anna):
    api = api_as(anna)
    token = PASSWORD_RESET.issue(anna)
    change = {"oldPassword": PASSWORD, "newPassword": NEW}
    assert api.put(f"/api/auth/users/{anna.pk}/password", change).status_code == 200
    assert is_error(reset(api_as, token), 400)
    anna.refresh_from_db()
    token = PASSWORD_RESET.issue(anna)
    user_update(user=anna, email="other@example.com")
    assert is_error(reset(api_as, token), 400)
    anna.refresh_from_db()
    assert reset(api_as, PASSWORD_RESET.issue(anna)).status_code == 200


def test_what_was_issued_for_something_else_resets_nothing(api_as, anna):
    good = PASSWORD_RESET.issue(anna)
    others = [
        EMAIL.issue(anna),
        SIGN_IN.issue(anna),
        make_token(anna),
        good[:-1],
        f"{good}=",
        good.replace(":", "."),
        "я",
        "::",
    ]
    for wrong in others:
        assert is_error(reset(api_as, wrong), 400), wrong
    for wrong in (None, 5, [], "", "a\0b", "a" * 501):
        assert is_error(reset(api_as, wrong), 400)
    assert login(api_as, anna, PASSWORD).status_code == 200


def test_a_deleted_account_has_no_link(api_as, anna):
    token = PASSWORD_RESET.issue(anna)
    anna.delete()
    assert is_error(reset(api_as, token), 400)


def test_the_second_factor_is_not_reset_by_mail(api_as, anna, clock):
    app = enrol(api_as(anna), clock)
    anna.refresh_from_db()
    assert reset(api_as, PASSWORD_RESET.issue(anna)).status_code == 200
    refused = login(api_as, anna, NEW)
    assert is_error(refused, 403)
    body = {"email": anna.email, "password": NEW, "twoFactorCode": app.fresh()}
    assert api_as().post("/api/auth/login", body).status_code == 200


def test_one_mailbox_gets_three_letters_and_the_answer_does_not_tell(api_as, letters, settings):
    settings.RATE_LIMITS = True
    user = somebody()
    address = {"REMOTE_ADDR": "2001:db8::" + ":".join(secrets.token_hex(2) for _ in range(4))}
    assert [forgot(api_as, user.email, **address).status_code for _ in range(5)] == [200] * 5
    assert len(letters()) == links.LETTERS_PER_MAILBOX.most == 3


def test_asking_without_end_is_stopped_by_address(api_as, letters, settings):
    settings.RATE_LIMITS = True
    address = "2001:db8::" + ":".join(secrets.token_hex(2) for _ in range(4))
    for _ in range(links.FORGOT_PER_ADDRESS.most - 1):
        links.FORGOT_PER_ADDRESS.take(address)
    said = [forgot(api_as, "nobody@example.com", REMOTE_ADDR=address) for _ in range(2)]
    assert [answer.status_code for answer in said] == [200, 429]
    assert said[1]["Retry-After"]


def test_a_mail_server_that_is_away_fails_no_request(api_as, anna, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert get_connection().host == "127.0.0.1"
    assert forgot(api_as, anna.email).status_code == 200
    waiting.join()
    assert "A mail was not sent" in caplog.text
    assert anna.email not in caplog.text


def test_mails_go_on_after_one_that_failed(api_as, anna, settings, letters):
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "no.such.Backend"
    for _ in range(4):
        forgot(api_as, anna.email)
    waiting.join()
    settings.EMAIL_BACKEND = working
    forgot(api_as, anna.email)
    assert len(letters()) == 1


def printed(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().strip()


@pytest.mark.parametrize("named", ["anna", "email"])
def test_the_shell_prints_a_link_where_there_is_no_mail(api_as, anna, letters, named):
    link = printed("password_reset_link", {"anna": "Anna", "email": anna.email}[named], "--url", "https://voice.example.com/")
    head, _, token = link.partition("#")
    assert head == "https://voice.example.com/reset-password"
    assert letters() == []
    assert reset(api_as, token).status_code == 200
    [entry] = AuditEntry.objects.values("action", "actor_name", "target_name", "reason", "after")
    assert entry == {"action": "password.reset_link", "actor_name": "shell", "target_name": "Anna", "reason": ANY, "after": ANY}
    assert token not in repr(AuditEntry.objects.values())
    with pytest.raises(CommandError, match="No user has"):
        printed("password_reset_link", "nobody@example.com")
