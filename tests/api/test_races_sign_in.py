"""The same code, recovery code or link many times at once: it is good for one."""

import time
from threading import Event

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection, transaction

from accounts import services
from accounts.models import RecoveryCode, Session, User
from accounts.tickets import PASSWORD_RESET
from accounts.two_factor import verify
from tests.api.test_races import at_once, statuses, waiters
from tests.authenticator import App, enrol
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 10
URL = "/api/auth/two-factor"


@pytest.fixture
def app(api_as, anna, clock):
    app = enrol(api_as(anna), clock)
    anna.refresh_from_db()
    Session.objects.all().delete()
    return app


def login(api_as, user, code):
    return lambda: api_as().post("/api/auth/login", {"email": user.email, "password": PASSWORD, "twoFactorCode": code})


def test_one_code_signs_in_once(api_as, anna, app):
    code = app.fresh()
    assert statuses(login(api_as, anna, code) for _ in range(AT_ONCE)) == {200: 1, 400: AT_ONCE - 1}
    assert Session.objects.count() == 1


def test_one_code_is_right_once_for_whoever_asks(anna, app):
    code = app.fresh()
    assert sum(at_once(*[lambda: verify(anna, code)] * AT_ONCE)) == 1


def test_one_recovery_code_signs_in_once(api_as, anna, app):
    code = app.recovery_codes[3]
    assert statuses(login(api_as, anna, code) for _ in range(AT_ONCE)) == {200: 1, 400: AT_ONCE - 1}
    assert RecoveryCode.objects.count() == 9


def test_one_ticket_and_one_code_are_one_session(api_as, anna, app):
    body = {"email": anna.email, "password": PASSWORD}
    ticket = api_as().post("/api/auth/login", body).json()["twoFactor"]["ticket"]
    said = {"ticket": ticket, "code": app.fresh()}
    assert statuses([lambda: api_as().post(f"{URL}/login", said)] * AT_ONCE) == {200: 1, 400: AT_ONCE - 1}


def test_it_is_turned_on_once(api_as, anna, clock):
    api = api_as(anna)
    app = App(api.post(f"{URL}/setup", {"password": PASSWORD}).json()["secret"], clock)
    code = app.fresh()
    assert statuses([lambda: api.post(f"{URL}/enable", {"code": code})] * AT_ONCE) == {200: 1, 400: AT_ONCE - 1}
    assert RecoveryCode.objects.count() == 10


def test_new_recovery_codes_many_times_at_once_are_ten(api_as, anna, app):
    api, codes = api_as(anna), app.recovery_codes
    calls = [lambda code=code: api.post(f"{URL}/recovery-codes", {"password": PASSWORD, "code": code}) for code in codes]
    assert statuses(calls) == {200: 1, 400: 9}  # the first voids the others
    assert RecoveryCode.objects.count() == 10


def test_one_link_sets_one_password(api_as, anna):
    token = PASSWORD_RESET.issue(anna)
    passwords = [f"password-{number}" for number in range(AT_ONCE)]
    said = at_once(
        *(lambda new=new: api_as().post("/api/auth/password/reset", {"token": token, "newPassword": new}) for new in passwords)
    )
    assert sorted(said) == [200] + [400] * (AT_ONCE - 1)
    anna.refresh_from_db()
    assert check_password(passwords[said.index(200)], anna.password)


def test_a_sign_in_that_was_overtaken_by_a_new_password_opens_nothing(api_as, monkeypatch):
    """The password was right when it was looked at; until the session is there, another transaction changes it."""
    user, looked, changed = make_user(), Event(), Event()
    check = services.verify_password

    def slowly(*said):
        right = check(*said)
        looked.set()
        assert changed.wait(20)
        return right

    monkeypatch.setattr(services, "verify_password", slowly)

    def change():
        assert looked.wait(20)
        with transaction.atomic():
            services.password_set(user=services.user_locked(user), password="password456")
            services.session_end_all(user=user)
        changed.set()

    body = {"email": user.email, "password": PASSWORD}
    answered, _ = at_once(lambda: api_as().post("/api/auth/login", body), change)
    assert answered == 503
    assert not Session.objects.exists()


def test_a_sign_in_waits_for_a_second_factor_that_is_just_being_turned_on(api_as, anna):
    held, let_go = Event(), Event()

    def turn_on():
        with transaction.atomic():
            User.objects.filter(pk=anna.pk).update(two_factor_at="2026-01-01T00:00:00Z")
            held.set()
            assert let_go.wait(20)

    def sign_in():
        assert held.wait(20)
        return api_as().post("/api/auth/login", {"email": anna.email, "password": PASSWORD})

    def watch():
        assert held.wait(20)
        while not waiters():
            time.sleep(0.01)
        let_go.set()

    _, answered, _ = at_once(turn_on, sign_in, watch)
    assert answered == 503
    assert not Session.objects.exists()
    connection.close()
