"""Whose e-mail address it is: `emailConfirmed`, the letter that asks, and EMAIL_CONFIRMATION=required."""

import secrets
import time
from io import StringIO

import pytest
from django.core import signing
from django.core.management import CommandError, call_command

from accounts import links
from accounts.models import User
from accounts.services import admin_ensure, user_update
from accounts.tickets import EMAIL, PASSWORD_RESET
from tests.api.test_password_reset import link_in, somebody, token_in
from tests.api.world import is_error
from tests.authenticator import enrol
from tests.factories import PASSWORD, make_token
from tests.phrases import SIGNS_OUT
from voice.access import Claim, enter, review
from voice.core.words import Room

pytestmark = pytest.mark.django_db


def confirm(api_as, token):
    return api_as().post("/api/auth/email/confirm", {"token": token})


def send(api):
    return api.post("/api/auth/email/send")


def is_confirmed(api):
    return api.get("/api/auth/me").json()["emailConfirmed"]


def register(api_as, name="Anna", email="anna@example.com"):
    return api_as().post("/api/auth/register", {"username": name, "email": email, "password": PASSWORD})


def test_an_address_is_confirmed_by_the_link_that_was_sent_there(api_as, anna, letters):
    api = api_as(anna)
    assert is_confirmed(api) is False
    answer = send(api)
    assert (answer.status_code, answer.json()) == (200, {"message": "A letter is on its way"})
    [letter] = letters()
    assert (letter.to, letter.subject) == ([anna.email], "Is this your e-mail address, Anna?")
    assert link_in(letter, "confirm-email").startswith("http://testserver/confirm-email#")
    for _ in range(2):  # once more does no harm
        confirmed = confirm(api_as, token_in(letter, "confirm-email"))
        assert (confirmed.status_code, confirmed.json()) == (200, {"message": "E-mail address confirmed"})
    assert is_confirmed(api) is True
    again = send(api)
    assert is_error(again, 400)
    assert len(letters()) == 1
    assert is_error(send(api_as()), 401)


def test_the_letter_speaks_russian_to_whoever_does(api_as, anna, letters):
    assert api_as(anna).post("/api/auth/email/send", HTTP_ACCEPT_LANGUAGE="ru").json() == {"message": "Письмо уже в пути"}
    assert letters()[0].subject == "Это ваш адрес e-mail, Anna?"


def test_another_address_is_another_question(api_as, anna, letters):
    api, url = api_as(anna), f"/api/auth/users/{anna.pk}"
    old = EMAIL.issue(anna)
    assert confirm(api_as, old).status_code == 200
    assert api.put(url, {"username": "Anya"}).json()["emailConfirmed"] is True
    assert api.put(url, {"email": anna.email.upper()}).json()["emailConfirmed"] is True
    assert api.put(url, {"email": "new@example.com"}).json()["emailConfirmed"] is False
    late = confirm(api_as, old)
    assert is_error(late, 400)
    assert not [phrase for phrase in SIGNS_OUT if phrase in late.json()["error"].lower()]
    assert is_confirmed(api) is False
    [letter] = letters()  # nobody asks where nothing is required
    assert (letter.to, letter.subject) == ([anna.email.upper()], "Anya has another e-mail address now")
    assert "new@example.com" not in letter.body


def test_what_is_no_such_link_confirms_nothing(api_as, anna):
    good = EMAIL.issue(anna)
    for wrong in (
        PASSWORD_RESET.issue(anna),
        make_token(anna),
        good[1:],
        f"{good}a",
        "x",
        "::",
        None,
        5,
        [],
        "",
        "a\0b",
        "a" * 501,
    ):
        assert is_error(confirm(api_as, wrong), 400), wrong
    assert is_confirmed(api_as(anna)) is False
    assert confirm(api_as, good).status_code == 200


def test_a_link_is_good_for_three_days(api_as, anna, monkeypatch):
    token, now = EMAIL.issue(anna), time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 3 * 86_400 + 2)
    assert is_error(confirm(api_as, token), 400)
    monkeypatch.setattr(signing.time, "time", lambda: now + 3 * 86_400 - 10)
    assert confirm(api_as, token).status_code == 200


def test_letters_to_one_mailbox_are_bounded(api_as, letters, settings):
    settings.RATE_LIMITS = True
    api = api_as(somebody())
    assert [send(api).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert len(letters()) == links.LETTERS_PER_MAILBOX.most


def test_the_warning_comes_whatever_was_asked_for_before(api_as, letters, settings):
    settings.RATE_LIMITS = True
    user = somebody()
    for _ in range(5):
        api_as().post("/api/auth/password/forgot", {"email": user.email})
    api_as(user).put(f"/api/auth/users/{user.pk}", {"email": f"{secrets.token_hex(6)}@example.com"})
    assert [letter.to for letter in letters() if "#" not in letter.body] == [[user.email]]


# EMAIL_CONFIRMATION=required


@pytest.fixture
def required(settings):
    settings.EMAIL_CONFIRMATION = "required"


def test_registration_asks_at_once_and_lets_in_no_further(api_as, letters, required):
    answer = register(api_as)
    assert answer.status_code == 201
    api, user = api_as(token=answer.json()["token"]), User.objects.get()
    for method, path in (
        ("get", "/api/servers"),
        ("post", "/api/messages"),
        ("post", "/api/friends/request"),
        ("put", "/api/users"),
        ("get", "/api/servers/99"),
        ("put", f"/api/auth/users/{user.pk}/password"),
    ):
        refused = getattr(api, method)(path)
        assert is_error(refused, 403), path
        assert refused.json()["emailConfirmation"] == {"required": True}
        assert not [phrase for phrase in SIGNS_OUT if phrase in refused.json()["error"].lower()]
    assert is_confirmed(api) is False
    [letter] = letters()
    assert confirm(api_as, token_in(letter, "confirm-email")).status_code == 200
    assert api.get("/api/servers").status_code == 200


def test_an_address_that_was_written_wrong_can_be_put_right(api_as, letters, required):
    answer = register(api_as, email="ana@example.com").json()
    api = api_as(token=answer["token"])
    changed = api.put(f"/api/auth/users/{answer['user']['id']}", {"email": "anna@example.com"})
    assert changed.status_code == 200
    wrong = next(letter for letter in letters() if "#" in letter.body and letter.to == ["ana@example.com"])
    right = next(letter for letter in letters() if letter.to == ["anna@example.com"])
    assert is_error(confirm(api_as, token_in(wrong, "confirm-email")), 400)
    assert confirm(api_as, token_in(right, "confirm-email")).status_code == 200
    assert api.delete("/api/auth/sessions/current").status_code == 204


def test_letters_of_one_user_are_bounded_whatever_addresses_he_gives(api_as, letters, settings, required):
    settings.RATE_LIMITS = True
    name, user = secrets.token_hex(6), somebody()
    api = api_as(user)
    for number in range(links.LETTERS_PER_USER.most + 2):
        assert api.put(f"/api/auth/users/{user.pk}", {"email": f"{name}{number}@example.com"}).status_code == 200
    asked = [letter for letter in letters() if "#" in letter.body]
    assert len(asked) == links.LETTERS_PER_USER.most
    assert len(letters()) - len(asked) == links.WARNINGS_PER_USER.most


def test_no_socket_is_a_way_round(anna, required):
    token, room = make_token(anna), Room("tea", channel=False)
    with pytest.raises(Exception, match="Confirm your e-mail address first"):
        enter(token, room, guests=False)
    assert confirm_in_shell(anna)
    entry = enter(token, room, guests=False)
    claim = Claim("peer", anna.pk, entry.identity.session_id, room)
    assert not hasattr(review([claim])[0], "reason")
    user_update(user=entry.identity.user, email="new@example.com")
    assert review([claim])[0].signed_out


def confirm_in_shell(user):
    links.email_confirm(token=shell("email_confirm_link", user.username).partition("#")[2])
    return True


def test_with_both_required_the_second_factor_comes_first(api_as, anna, clock, settings, letters, required):
    settings.TWO_FACTOR = "everyone"
    api = api_as(anna)
    assert "twoFactor" in api.get("/api/servers").json()
    enrol(api, clock)
    assert "emailConfirmation" in api.get("/api/servers").json()
    assert send(api).status_code == 200
    [letter] = letters()
    assert confirm(api_as, token_in(letter, "confirm-email")).status_code == 200
    assert api.get("/api/servers").status_code == 200


def test_the_operators_own_account_needs_no_letter(api_as, required):
    admin = admin_ensure(email="admin@localhost", password=PASSWORD)
    assert api_as(admin).get("/api/admin/stats").status_code == 200


def shell(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().strip()


def test_the_shell_prints_a_link_where_there_is_no_mail(api_as, anna, settings):
    assert shell("email_confirm_link", "Anna").startswith("http://localhost:5000/confirm-email#")
    settings.PUBLIC_URL = "https://voice.example.com"
    link = shell("email_confirm_link", anna.email)
    assert link.startswith("https://voice.example.com/confirm-email#")
    assert confirm(api_as, link.partition("#")[2]).status_code == 200
    with pytest.raises(CommandError, match="confirmed already"):
        shell("email_confirm_link", "Anna")
