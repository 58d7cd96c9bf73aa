"""`/api/auth/two-factor/**`, and signing in with a second factor: by an app's code or a recovery code, each good once."""

import re
import secrets
from base64 import b32encode, b64encode
from io import StringIO
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from accounts.models import RecoveryCode, Session, TwoFactor, User
from accounts.services import user_block
from accounts.two_factor import CODES_PER_ACCOUNT, is_enrolled, required_of, verify
from audit.models import AuditEntry
from projectvoice.kernel.errors import DomainError
from servers.services.servers import server_create
from tests.api.world import is_error
from tests.authenticator import App, enrol
from tests.factories import PASSWORD, make_channel, make_token, make_user
from tests.phrases import SIGNS_OUT
from voice.access import Claim, enter, review
from voice.core.words import Room

pytestmark = pytest.mark.django_db
STATUS = "/api/auth/two-factor"


def setup(api, password=PASSWORD):
    return api.post(f"{STATUS}/setup", {"password": password})


def enable(api, code):
    return api.post(f"{STATUS}/enable", {"code": code})


def login(api, user, password=PASSWORD, **fields):
    return api.post("/api/auth/login", {"email": user.email, "password": password, **fields})


def ticket_login(api, ticket, code):
    return api.post(f"{STATUS}/login", {"ticket": ticket, "code": code})


def text_is_safe(answer):
    assert not [phrase for phrase in SIGNS_OUT if phrase in answer.json()["error"].lower()]
    return True


@pytest.fixture
def app(api_as, anna, clock):
    app = enrol(api_as(anna), clock)
    anna.refresh_from_db()
    return app


def test_nobody_has_it_until_he_wants_it(api_as, anna):
    assert api_as(anna).get(STATUS).json() == {"enabled": False, "recoveryCodesLeft": 0, "required": False}
    assert is_error(api_as().get(STATUS), 401)


def test_setting_it_up_takes_the_password_then_a_code(api_as, anna, clock):
    api = api_as(anna)
    assert is_error(setup(api, "password124"), 400)
    offer = setup(api).json()
    assert re.fullmatch("[A-Z2-7]{32}", offer["secret"])
    assert offer["uri"].startswith("otpauth://totp/ProjectVoice:Anna?")
    assert f"secret={offer['secret']}" in offer["uri"]
    assert ElementTree.fromstring(offer["qr"]).get("viewBox")
    assert login(api_as(), anna).status_code == 200  # it is on trial

    app = App(offer["secret"], clock)
    wrong = enable(api, "000000" if app.code() != "000000" else "000001")
    assert is_error(wrong, 400)
    assert text_is_safe(wrong)
    answer = enable(api, app.code())
    assert answer.status_code == 200
    codes = answer.json()["recoveryCodes"]
    assert len(set(codes)) == 10
    assert all(re.fullmatch("[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", code) for code in codes)
    assert api.get(STATUS).json() == {"enabled": True, "recoveryCodesLeft": 10, "required": False}


def test_the_last_secret_asked_for_is_the_one_that_counts(api_as, anna, clock):
    api = api_as(anna)
    first, second = (App(setup(api).json()["secret"], clock) for _ in range(2))
    assert first.code() != second.code()
    assert is_error(enable(api, first.code()), 400)
    assert enable(api, second.code()).status_code == 200


def test_nothing_of_the_secret_is_told_or_lies_open_once_it_is_on(api_as, anna, app):
    assert is_error(setup(api_as(anna)), 400)
    assert is_error(enable(api_as(anna), app.fresh()), 400)
    [row] = TwoFactor.objects.values()
    for spelled in (app.secret.hex(), b32encode(app.secret).decode(), b64encode(app.secret).decode().rstrip("=")):
        assert spelled not in repr(row)
    kept = {*RecoveryCode.objects.values_list("hash", flat=True)}
    assert len(kept) == 10
    assert not kept & {code.replace("-", "") for code in app.recovery_codes}


def test_a_secret_sealed_for_one_account_does_not_open_another(api_as, anna, app, clock):
    boris = make_user()
    theirs = TwoFactor.objects.get(user=anna)
    TwoFactor.objects.create(user=boris, secret=theirs.secret)
    User.objects.filter(pk=boris.pk).update(two_factor_at=anna.two_factor_at)
    boris.refresh_from_db()
    code = app.fresh()
    assert not verify(boris, code)
    assert verify(anna, code)


def test_turning_it_on_ends_the_sessions_that_came_without_it(api_as, anna, clock):
    here, elsewhere = api_as(anna), api_as(anna)
    enrol(here, clock)
    assert here.get("/api/auth/me").status_code == 200
    assert is_error(elsewhere.get("/api/auth/me"), 401)


@pytest.mark.parametrize("path", ["/api/auth/login", "/api/login"])
def test_the_password_alone_gets_a_ticket_and_no_token(api_as, anna, app, path):
    Session.objects.all().delete()
    named = {"email": anna.email, "login": anna.username, "password": PASSWORD}
    refused = api_as().post(path, named)
    assert is_error(refused, 403)
    assert text_is_safe(refused)
    assert set(refused.json()) == {"error", "code", "twoFactor"}
    ticket = refused.json()["twoFactor"]
    assert set(ticket) == {"ticket", "expiresAt"}
    assert not Session.objects.exists()
    assert is_error(api_as(token=ticket["ticket"]).get("/api/auth/me"), 401)

    assert is_error(ticket_login(api_as(), ticket["ticket"], "abc"), 400)
    assert not Session.objects.exists()
    answer = ticket_login(api_as(), ticket["ticket"], app.fresh())
    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "user"}
    assert api_as(token=answer.json()["token"]).get("/api/auth/me").json()["id"] == anna.pk


@pytest.mark.parametrize("path", ["/api/auth/login", "/api/login"])
def test_password_and_code_may_come_together(api_as, anna, app, path):
    named = {"email": anna.email, "login": anna.username}
    assert is_error(api_as().post(path, {**named, "password": PASSWORD, "twoFactorCode": "12345"}), 400)
    wrong = api_as().post(path, {**named, "password": "password124", "twoFactorCode": app.fresh()})
    assert is_error(wrong, 401 if path == "/api/login" else 400)
    assert is_error(api_as().post(path, {**named, "password": PASSWORD, "twoFactorCode": ""}), 403)
    assert is_error(api_as().post(path, {**named, "password": PASSWORD, "twoFactorCode": None}), 403)
    assert api_as().post(path, {**named, "password": PASSWORD, "twoFactorCode": app.code()}).status_code == 200


def test_who_has_none_signs_in_as_ever_whatever_he_says_of_codes(api_as, anna):
    plain, with_code = login(api_as(), anna), login(api_as(), anna, twoFactorCode="123456")
    assert plain.status_code == with_code.status_code == 200
    assert set(plain.json()) == set(with_code.json()) == {"token", "user"}


def test_a_code_is_good_once_and_so_are_those_before_it(api_as, anna, app):
    code = app.fresh()
    earlier = app.code(-1)
    assert login(api_as(), anna, twoFactorCode=code).status_code == 200
    for used in (code, earlier):
        assert is_error(login(api_as(), anna, twoFactorCode=used), 400)
    assert login(api_as(), anna, twoFactorCode=app.fresh()).status_code == 200


def test_the_code_that_turned_it_on_does_not_sign_in(api_as, anna, app):
    assert is_error(login(api_as(), anna, twoFactorCode=app.code()), 400)


def test_a_clock_may_be_half_a_minute_off_and_no_more(api_as, anna, app):
    app.clock.now += 300
    for steps, status in ((-2, 400), (2, 400), (-1, 200), (1, 200)):
        assert login(api_as(), anna, twoFactorCode=app.code(steps)).status_code == status, steps


def test_codes_may_be_typed_with_spaces_and_small_letters(api_as, anna, app):
    code = app.fresh()
    assert login(api_as(), anna, twoFactorCode=f" {code[:3]} {code[3:]} ").status_code == 200
    typed = app.recovery_codes[0].lower().replace("-", " ")
    assert login(api_as(), anna, twoFactorCode=typed).status_code == 200


def test_a_recovery_code_lets_in_once(api_as, anna, app):
    for code in app.recovery_codes:
        assert login(api_as(), anna, twoFactorCode=code).status_code == 200
        assert is_error(login(api_as(), anna, twoFactorCode=code), 400)
    assert api_as(anna).get(STATUS).json()["recoveryCodesLeft"] == 0
    assert login(api_as(), anna, twoFactorCode=app.fresh()).status_code == 200


def test_a_recovery_code_is_good_for_its_owner_only(api_as, anna, app, clock):
    boris = make_user()
    enrol(api_as(boris), clock)
    assert is_error(login(api_as(), boris, twoFactorCode=app.recovery_codes[0]), 400)
    assert login(api_as(), anna, twoFactorCode=app.recovery_codes[0]).status_code == 200


def test_new_recovery_codes_void_the_old(api_as, anna, app):
    api = api_as(anna)
    url = f"{STATUS}/recovery-codes"
    assert is_error(api.post(url, {"password": "password124", "code": app.fresh()}), 400)
    assert is_error(api.post(url, {"password": PASSWORD, "code": "1"}), 400)
    codes = api.post(url, {"password": PASSWORD, "code": app.code()}).json()["recoveryCodes"]
    assert len(codes) == 10
    assert is_error(login(api_as(), anna, twoFactorCode=app.recovery_codes[0]), 400)
    assert login(api_as(), anna, twoFactorCode=codes[0]).status_code == 200


def test_recovery_codes_outlive_the_secret_key(api_as, anna, app, settings):
    settings.SECRET_KEY = secrets.token_hex(32)
    assert not verify(anna, app.fresh())
    assert verify(anna, app.recovery_codes[0])


def test_turning_it_off_takes_password_and_code_and_ends_other_sessions(api_as, anna, app):
    here, elsewhere, url = api_as(anna), api_as(anna), f"{STATUS}/disable"
    assert is_error(here.post(url, {"password": "password124", "code": app.fresh()}), 400)
    assert is_error(here.post(url, {"password": PASSWORD, "code": "none"}), 400)
    assert is_error(here.post(url, {"password": PASSWORD}), 400)
    assert here.post(url, {"password": PASSWORD, "code": app.code()}).status_code == 204
    assert here.get(STATUS).json() == {"enabled": False, "recoveryCodesLeft": 0, "required": False}
    assert is_error(elsewhere.get("/api/auth/me"), 401)
    assert login(api_as(), anna).status_code == 200
    assert not TwoFactor.objects.exists()
    off = here.post(url, {"password": PASSWORD, "code": app.fresh()})
    assert is_error(off, 400)
    assert off.json()["error"] == "Two-factor authentication is off"
    assert is_error(here.post(f"{STATUS}/recovery-codes", {"password": PASSWORD, "code": app.fresh()}), 400)


def test_a_ticket_is_void_once_the_password_or_the_second_factor_changed(api_as, anna, app):
    api, ticket = api_as(anna), login(api_as(), anna).json()["twoFactor"]["ticket"]
    for wrong in (ticket[:-1], f"{ticket}a", ticket.swapcase(), "a:b:c", "x"):
        late = ticket_login(api_as(), wrong, app.fresh())
        assert is_error(late, 400)
        assert text_is_safe(late)
    change = {"oldPassword": PASSWORD, "newPassword": "password456"}
    assert api.put(f"/api/auth/users/{anna.pk}/password", change).status_code == 200
    assert is_error(ticket_login(api_as(), ticket, app.fresh()), 400)
    ticket = login(api_as(), anna, "password456").json()["twoFactor"]["ticket"]
    assert ticket_login(api_as(), ticket, app.fresh()).status_code == 200


def test_a_blocked_account_is_told_why_with_a_ticket_too(api_as, anna, app):
    ticket = login(api_as(), anna).json()["twoFactor"]["ticket"]
    user_block(user=anna, by=None, reason="spam")
    refused = ticket_login(api_as(), ticket, app.fresh())
    assert is_error(refused, 403)
    assert refused.json()["blockReason"] == "spam"


@pytest.mark.parametrize("wrong", [None, 5, True, [], {}, "", "a\0b", "a" * 65, "١٢٣٤٥٦"], ids=ascii)
def test_what_is_no_code_is_refused_in_a_sentence(api_as, anna, app, wrong):
    ticket = login(api_as(), anna).json()["twoFactor"]["ticket"]
    assert is_error(ticket_login(api_as(), ticket, wrong), 400)
    assert is_error(api_as(anna).post(f"{STATUS}/disable", {"password": PASSWORD, "code": wrong}), 400)


def test_five_wrong_codes_close_every_way_for_a_while(api_as, clock, settings):
    user = make_user(email=f"{secrets.token_hex(6)}@example.com")
    api = api_as(user)
    app = enrol(api, clock)
    user.refresh_from_db()
    settings.RATE_LIMITS = True
    for _ in range(3):
        assert verify(user, app.fresh())  # right ones do not count
    ticket = login(api_as(), user).json()["twoFactor"]["ticket"]
    said = [login(api_as(), user, twoFactorCode="no").status_code for _ in range(2)]
    said += [ticket_login(api_as(), ticket, "no").status_code for _ in range(2)]
    said += [api.post(f"{STATUS}/disable", {"password": PASSWORD, "code": "no"}).status_code]
    assert said == [400] * CODES_PER_ACCOUNT.most
    closed = ticket_login(api_as(), ticket, app.fresh())
    assert is_error(closed, 429)
    assert 1 <= int(closed["Retry-After"]) <= CODES_PER_ACCOUNT.window
    for path, body in (("disable", {"password": PASSWORD}), ("recovery-codes", {"password": PASSWORD}), ("enable", {})):
        assert is_error(api.post(f"{STATUS}/{path}", {**body, "code": app.fresh()}), 429)
    assert is_error(login(api_as(), user, twoFactorCode=app.recovery_codes[0]), 429)


# Where the instance requires it.


def test_of_whom_it_is_required(settings):
    users = [make_user(role=role) for role in ("user", "moderator", "admin")]
    for setting, of_whom in (("optional", [0, 0, 0]), ("staff", [0, 1, 1]), ("everyone", [1, 1, 1])):
        settings.TWO_FACTOR = setting
        assert [required_of(user) for user in users] == of_whom
        assert not any(map(is_enrolled, users))


@pytest.mark.parametrize(("setting", "role"), [("staff", "moderator"), ("staff", "admin"), ("everyone", "user")])
def test_who_must_and_has_not_gets_in_and_no_further(api_as, clock, settings, setting, role):
    settings.TWO_FACTOR = setting
    user = make_user(role=role)
    answer = login(api_as(), user)
    assert answer.status_code == 200
    api = api_as(token=answer.json()["token"])
    for method, path in (
        ("get", "/api/servers"),
        ("get", "/api/users"),
        ("put", "/api/users"),
        ("get", "/api/servers/99"),
        ("get", "/api/auth/sessions"),
        ("put", f"/api/auth/users/{user.pk}"),
        ("put", f"/api/auth/users/{user.pk}/password"),
        ("get", "/api/admin/stats"),
        ("post", "/api/messages"),
        ("get", "/api/voice/ice-servers"),
    ):
        refused = getattr(api, method)(path)
        assert is_error(refused, 403), path
        assert refused.json()["twoFactor"] == {"required": True}
        assert text_is_safe(refused)
    assert api.get("/api/auth/me").json()["id"] == user.pk
    assert api.get(STATUS).json() == {"enabled": False, "recoveryCodesLeft": 0, "required": True}
    enrol(api, clock)
    assert api.get("/api/servers").status_code == 200
    assert api.get(STATUS).json()["required"] is True
    assert api.delete("/api/auth/sessions/current").status_code == 204


def test_who_must_and_has_not_may_sign_out(api_as, settings):
    settings.TWO_FACTOR = "everyone"
    api = api_as(make_user())
    assert api.delete("/api/auth/sessions/current").status_code == 204
    assert is_error(api.get("/api/auth/me"), 401)


def test_staff_alone_is_asked_where_it_is_for_staff(api_as, settings):
    settings.TWO_FACTOR = "staff"
    assert api_as(make_user()).get("/api/servers").status_code == 200


def test_no_socket_is_a_way_round(anna, settings):
    channel = make_channel(server_create(owner=anna, name="Server"))
    room, token = Room(str(channel.pk), channel=True), make_token(anna)
    entry = enter(token, room, guests=False)
    claim = Claim("peer", anna.pk, entry.identity.session_id, room)
    assert review([claim])[0].standing.may_speak
    settings.TWO_FACTOR = "everyone"
    with pytest.raises(DomainError, match="Set up two-factor authentication first"):
        enter(token, room, guests=False)
    assert review([claim])[0].signed_out


def test_who_turns_off_what_is_required_sets_it_up_anew(api_as, anna, app, settings):
    settings.TWO_FACTOR = "everyone"
    api = api_as(anna)
    assert api.post(f"{STATUS}/disable", {"password": PASSWORD, "code": app.fresh()}).status_code == 204
    assert is_error(api.get("/api/servers"), 403)
    enrol(api, app.clock)
    assert api.get("/api/servers").status_code == 200


# What is written down of it.


def entries():
    return list(AuditEntry.objects.order_by("sequence").values_list("action", "actor_name", "target_name"))


def test_what_staff_does_to_its_own_is_in_the_audit_log(api_as, clock):
    admin, user = make_user(username="Boss", role="admin"), make_user()
    app, api = enrol(api_as(admin), clock), api_as(admin)
    enrol(api_as(user), clock)
    assert is_error(api.post(f"{STATUS}/disable", {"password": PASSWORD, "code": "no"}), 400)
    assert api.post(f"{STATUS}/disable", {"password": PASSWORD, "code": app.fresh()}).status_code == 204
    assert entries() == [("two_factor.enable", "Boss", "Boss"), ("two_factor.disable", "Boss", "Boss")]


def reset(name):
    out = StringIO()
    call_command("two_factor_reset", name, stdout=out)
    return out.getvalue()


def test_the_shell_helps_who_lost_his_devices(api_as, anna, app):
    api = api_as(anna)
    assert "Anna" in reset("anna")
    assert is_error(api.get("/api/auth/me"), 401)
    assert login(api_as(), anna).status_code == 200
    assert not TwoFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert entries() == [("two_factor.reset", "shell", "Anna")]
    with pytest.raises(CommandError, match="has no two-factor"):
        reset(anna.email)
    assert len(entries()) == 1
