"""`/api/auth`: registration, sign-in, oneself, name and password changes."""

import re
from contextlib import nullcontext

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.passwords import BoundedArgon2PasswordHasher
from accounts.services import user_block, user_delete
from tests.api.world import is_error
from tests.factories import PASSWORD, make_token, make_user

pytestmark = pytest.mark.django_db
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def register(api, **fields):
    return api.post("/api/auth/register", {"username": "Anna", "email": "Anna@Example.com", "password": PASSWORD, **fields})


def test_registration_signs_in_at_once(api_as):
    answer = register(api_as())
    assert answer.status_code == 201
    user = User.objects.get()
    shape = {"id": user.pk, "username": "Anna", "email": "Anna@Example.com", "role": "user", "isActive": True}
    assert answer.json() == {"token": answer.json()["token"], "user": shape}
    assert api_as(token=answer.json()["token"]).get("/api/auth/me").status_code == 200


def test_the_seeds_own_example_password_is_good_enough(api_as):
    assert register(api_as(), password="password123").status_code == 201
    assert is_error(register(api_as(), username="b12", email="b@example.com", password="1234567"), 400)
    assert register(api_as(), username="c12", email="c@example.com", password="12345678").status_code == 201


@pytest.mark.parametrize("email", ["Anna@Example.com", "anna@example.com", "ANNA@EXAMPLE.COM", " anna@example.com "])
def test_an_email_is_taken_in_any_letter_case(api_as, email):
    register(api_as())
    refused = register(api_as(), username="other", email=email)
    assert is_error(refused, 400)
    assert refused.json()["error"] == "A user with this e-mail already exists"
    assert register(api_as(), username="other", email="b@example.com").status_code == 201


@pytest.mark.parametrize("username", ["Anna", "anna", "ANNA", "ａｎｎａ", " Anna "])
def test_a_username_is_taken_in_any_letter_case_and_compatibility_form(api_as, username):
    register(api_as())
    refused = register(api_as(), username=username, email="b@example.com")
    assert is_error(refused, 400)
    assert refused.json()["error"] == "This username is taken"
    assert register(api_as(), username="Anna2", email="b@example.com").status_code == 201


@pytest.mark.parametrize("email", ["anna@example.com", "ANNA@example.COM", " Anna@Example.com "])
def test_sign_in_answers_token_and_user(api_as, email):
    register(api_as())
    answer = api_as().post("/api/auth/login", {"email": email, "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["user"]["username"] == "Anna"
    assert set(answer.json()) == {"token", "user"}
    assert api_as(token=answer.json()["token"]).get("/api/auth/me").json()["username"] == "Anna"


def test_sign_in_is_400_for_a_wrong_password_and_404_for_an_unknown_email(api_as):
    make_user(email="a@example.com")
    login = api_as().post
    assert login("/api/auth/login", {"email": "a@example.com", "password": PASSWORD}).status_code == 200
    wrong = login("/api/auth/login", {"email": "a@example.com", "password": "password124"})
    assert is_error(wrong, 400)
    assert wrong.json()["error"] == "Wrong password"
    unknown = login("/api/auth/login", {"email": "b@example.com", "password": PASSWORD})
    assert is_error(unknown, 404)
    assert unknown.json()["error"] == "User not found"


def test_sign_in_of_a_blocked_account_tells_why_but_only_with_the_password(api_as):
    user = make_user(email="a@example.com")
    user_block(user=user, by=None, reason="spam")
    answer = api_as().post("/api/auth/login", {"email": "a@example.com", "password": PASSWORD})
    assert is_error(answer, 403)
    assert ISO.fullmatch(answer.json()["blockedAt"])
    assert (answer.json()["blockedBy"], answer.json()["blockReason"]) == (None, "spam")
    assert is_error(api_as().post("/api/auth/login", {"email": "a@example.com", "password": "password124"}), 400)


def test_sign_in_of_a_deleted_account_is_404(api_as):
    user = make_user(email="a@example.com")
    user_delete(user=user)
    assert is_error(api_as().post("/api/auth/login", {"email": "a@example.com", "password": PASSWORD}), 404)


@pytest.mark.parametrize("address", ["203.0.113.9", "2001:db8::1", "fe80::1%eth0", ""])
def test_sign_in_works_from_any_address(api_as, address):
    make_user(email="a@example.com")
    answer = api_as().post("/api/auth/login", {"email": "a@example.com", "password": PASSWORD}, REMOTE_ADDR=address)
    assert answer.status_code == 200


def test_me_is_the_account_as_its_owner_sees_it(api_as):
    user = make_user(username="Anna", email="a@example.com")
    me = api_as(user).get("/api/auth/me").json()
    assert ISO.fullmatch(me.pop("createdAt"))
    assert ISO.fullmatch(me.pop("updatedAt"))
    assert re.fullmatch(r"#\d{4}", me.pop("tag"))
    assert me == {
        "id": user.pk,
        "username": "Anna",
        "email": "a@example.com",
        "role": "user",
        "isActive": True,
        "emailConfirmed": False,
        "profilePicture": None,
        "bio": None,
        "status": "offline",
    }


def test_name_and_email_change_partly_or_together(api_as):
    user, other = make_user(username="Anna", email="a@example.com"), make_user(username="Boris", email="b@example.com")
    api, url = api_as(user), f"/api/auth/users/{user.pk}"
    assert api.put(url, {"username": "Anya"}).json().items() >= {"username": "Anya", "email": "a@example.com"}.items()
    assert api.put(url, {"email": "A@example.com"}).json().items() >= {"username": "Anya", "email": "A@example.com"}.items()
    assert api.put(url, {"username": "anya"}).json()["username"] == "anya"  # one's own name is not taken
    assert api.put(url, {}).json()["username"] == "anya"
    assert is_error(api.put(url, {"username": "BORIS"}), 400)
    assert is_error(api.put(url, {"email": "B@EXAMPLE.com"}), 400)
    assert is_error(api_as(other).put(url, {"username": "Mine"}), 403)
    user.refresh_from_db()
    assert (user.username, user.email) == ("anya", "A@example.com")


def test_a_new_password_ends_every_other_session(api_as):
    user = make_user(email="a@example.com")
    here, elsewhere, url = api_as(user), api_as(user), f"/api/auth/users/{user.pk}/password"
    wrong = here.put(url, {"oldPassword": "password124", "newPassword": "password456"})
    assert is_error(wrong, 400)
    assert wrong.json()["error"] == "Wrong password"
    assert elsewhere.get("/api/auth/me").status_code == 200

    answer = here.put(url, {"oldPassword": PASSWORD, "newPassword": "password456"})
    assert answer.status_code == 200
    assert answer.json()["message"] == "Password changed"
    assert here.get("/api/auth/me").status_code == 200
    assert api_as(token=answer.json()["token"]).get("/api/auth/me").status_code == 200
    assert is_error(elsewhere.get("/api/auth/me"), 401)
    login = api_as().post
    assert is_error(login("/api/auth/login", {"email": "a@example.com", "password": PASSWORD}), 400)
    assert login("/api/auth/login", {"email": "a@example.com", "password": "password456"}).status_code == 200


def test_passwords_are_kept_as_argon2id_of_the_recommended_cost(monkeypatch):
    monkeypatch.undo()
    assert (BoundedArgon2PasswordHasher.memory_cost, BoundedArgon2PasswordHasher.time_cost) == (19 * 1024, 2)
    assert make_password(PASSWORD).startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_hash_of_another_cost_is_made_anew_at_the_next_sign_in(api_as, monkeypatch):
    user = make_user()
    before = user.password
    monkeypatch.setattr(BoundedArgon2PasswordHasher, "time_cost", BoundedArgon2PasswordHasher.time_cost + 1)

    def signed_in(password):
        status = api_as().post("/api/auth/login", {"email": user.email, "password": password}).status_code
        user.refresh_from_db()
        return status

    assert (signed_in("password124"), user.password) == (400, before)
    assert signed_in(PASSWORD) == 200
    anew = user.password
    assert anew.split("$")[3] == f"m={BoundedArgon2PasswordHasher.memory_cost},t={BoundedArgon2PasswordHasher.time_cost},p=1"
    assert (signed_in(PASSWORD), user.password) == (200, anew)


def test_an_unknown_email_costs_as_much_hashing_as_a_wrong_password(api_as, monkeypatch):
    make_user(email="a@example.com")
    checked = []
    monkeypatch.setattr("accounts.passwords._slots", Counting(checked))
    for email in ("a@example.com", "nobody@example.com"):
        api_as().post("/api/auth/login", {"email": email, "password": "password124"})
    assert len(checked) == 2


class Counting(nullcontext):
    def __init__(self, seen):
        super().__init__()
        self.seen = seen

    def __enter__(self):
        self.seen.append(1)


def test_rights_are_read_from_the_row_and_never_from_the_token(api_as):
    user = make_user()
    api = api_as(token=make_token(user))
    assert api.get("/api/auth/me").json()["role"] == "user"
    user.role = "admin"
    user.save()
    assert api.get("/api/auth/me").json()["role"] == "admin"


@pytest.mark.parametrize(
    ("username", "stored"), [("ａｎｎａ", "anna"), (" anna ", "anna"), ("Straße", "Straße"), ("ﬀﬀ", "ffff"), ("Юля", "Юля")]
)
def test_a_username_is_kept_in_its_compatibility_form(api_as, username, stored):
    assert register(api_as(), username=username).json()["user"]["username"] == stored
    assert is_error(register(api_as(), username=stored.upper(), email="b@example.com"), 400)


@pytest.mark.parametrize("username", ["\ufdfa" * 300_000, "e\u0301" * 60, "a" * 26])
def test_a_long_username_is_refused_in_any_form(api_as, username):
    assert is_error(register(api_as(), username=username), 400)
    assert register(api_as(), username="e\u0301" * 25).json()["user"]["username"] == "\u00e9" * 25
