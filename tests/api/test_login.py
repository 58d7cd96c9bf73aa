"""`/api/login` of seed 004: by e-mail or username; who is unknown and who is wrong cannot be told apart."""

import secrets
from typing import Any

import pytest

from accounts.models import Session
from accounts.passwords import BoundedArgon2PasswordHasher
from accounts.services import nobodys_password, user_block
from tests.api.world import is_error
from tests.factories import PASSWORD, make_user
from tests.phrases import SIGNS_OUT

pytestmark = pytest.mark.django_db


def login(api: Any, login: Any, password: Any = PASSWORD, **headers: str) -> Any:
    return api.post("/api/login", {"login": login, "password": password}, **headers)


@pytest.mark.parametrize("named", ["Anna", "anna", " ANNA ", "ａｎｎａ", "a@example.com", " A@Example.com "])
def test_either_name_signs_in_for_the_whole_api(api_as, named):
    user = make_user(username="Anna", email="a@example.com")
    answer = login(api_as(), named)
    assert answer.status_code == 200
    shape = {"id": user.pk, "username": "Anna", "email": "a@example.com", "role": "user", "isActive": True}
    assert answer.json() == {"token": answer.json()["token"], "user": shape}
    api = api_as(token=answer.json()["token"])
    assert api.get("/api/auth/me").json()["username"] == "Anna"
    assert api.post("/api/servers", {"name": "Server"}).status_code == 201
    assert Session.objects.get().user == user


def test_bad_credentials_are_401_whoever_is_meant(api_as):
    make_user(username="Anna", email="a@example.com")
    answers = [
        login(api_as(), *said) for said in (("Anna", "password124"), ("a@example.com", "password124"), ("Ben",), ("b@x.y",))
    ]
    assert all(is_error(answer, 401) for answer in answers)
    assert {answer.json()["error"] for answer in answers} == {"Wrong login or password"}
    assert {answer["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    russian = login(api_as(), "Anna", "password124", HTTP_ACCEPT_LANGUAGE="ru").json()["error"]
    assert russian == "Неверный логин или пароль"
    assert not [phrase for phrase in SIGNS_OUT if phrase in russian.lower()]
    assert not Session.objects.exists()


def test_the_username_of_one_and_the_email_of_another_are_never_mixed_up(api_as):
    make_user(username="a-example.com", email="b@example.com")
    anna = make_user(username="anna", email="a@example.com")
    assert login(api_as(), "a@example.com").json()["user"]["id"] == anna.pk


@pytest.mark.parametrize("wrong", [None, "", 5, True, [], {}, "a\0b", "a" * 255], ids=repr)
def test_both_fields_are_texts_and_needed(api_as, wrong):
    make_user(username="Anna")
    api = api_as()
    assert is_error(login(api, wrong), 400)
    assert is_error(login(api, "Anna", wrong), 400)
    for body in ({}, {"login": "Anna"}, {"password": PASSWORD}, []):
        assert is_error(api.post("/api/login", body), 400)


def test_the_blocked_are_told_why_but_only_with_the_password(api_as):
    user_block(user=make_user(username="Anna"), by=None, reason="spam")
    refused = login(api_as(), "Anna")
    assert is_error(refused, 403)
    assert refused.json()["blockReason"] == "spam"
    assert is_error(login(api_as(), "Anna", "password124"), 401)


def test_an_unknown_login_costs_as_much_hashing_as_a_wrong_password(api_as, monkeypatch):
    make_user(username="Anna")
    hashed = []
    verify = BoundedArgon2PasswordHasher.verify
    monkeypatch.setattr(BoundedArgon2PasswordHasher, "verify", lambda *said: hashed.append(1) or verify(*said))
    for named in ("Anna", "Nobody", "nobody@example.com"):
        login(api_as(), named, "password124")
    assert len(hashed) == 3


def test_nor_does_the_first_login_of_a_process_tell_who_is_missing(api_as, monkeypatch):
    make_user(username="Anna")
    hashed: list[str] = []
    encode = BoundedArgon2PasswordHasher.encode
    named = ""
    monkeypatch.setattr(BoundedArgon2PasswordHasher, "encode", lambda *said: hashed.append(named) or encode(*said))
    for named in ("Anna", "Nobody", "nobody@example.com"):
        nobodys_password.cache_clear()
        login(api_as(), named, "password124")
    assert hashed == ["Anna", "Nobody", "nobody@example.com"]


def test_all_ways_to_sign_in_share_one_count(api_as, settings):
    settings.RATE_LIMITS = True
    name = f"anna{secrets.token_hex(6)}"
    user = make_user(username=name, email=f"{name}@example.com")
    address = {"REMOTE_ADDR": "2001:db8::" + ":".join(secrets.token_hex(2) for _ in range(4))}
    for number in range(10):
        if number % 2:
            assert is_error(login(api_as(), [name, user.email][number // 2 % 2], "password124", **address), 401)
        else:
            wrong = {"email": user.email, "password": "password124"}
            assert is_error(api_as().post("/api/auth/login", wrong, **address), 400)
    refused = login(api_as(), name.upper(), **address)
    assert is_error(refused, 429)
    assert refused["Retry-After"]
