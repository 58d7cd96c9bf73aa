"""401 for every token that is not exactly ours; 403 for a good one of a blocked account."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Session
from accounts.services import session_open, user_block, user_delete, user_unblock
from accounts.tokens import token_for
from tests.api.world import is_error
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ME = "/api/auth/me"


@pytest.fixture
def session():
    return session_open(user=make_user())


@pytest.fixture
def good(session):
    return token_for(session)


def claims_of(token):
    return jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"])


def sign(claims, key=None, **options):
    return jwt.encode(claims, settings.SECRET_KEY if key is None else key, **{"algorithm": "HS256", **options})


def b64(value) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(claims, alg) -> str:
    return f"{b64({'alg': alg, 'typ': 'JWT'})}.{b64(claims)}."


def resigned(good, **changes):
    claims = {**claims_of(good), **changes}
    return sign({name: value for name, value in claims.items() if value is not None})


def test_a_good_token_lasts_seven_days_and_holds_no_rights(good):
    claims = claims_of(good)
    assert set(claims) == {"token_type", "exp", "iat", "jti", "user_id", "sid"}
    left = datetime.fromtimestamp(claims["exp"], UTC) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


@pytest.mark.parametrize("scheme", ["{}", "Token {}", "Basic {}", "JWT {}", "Bearer", "Bearer {} {}", "Bearer{}", "Bearer, {}"])
def test_only_the_bearer_scheme_counts(api_as, good, scheme):
    api = api_as()
    for accepted in ("Bearer {}", "bearer {}", "Bearer  {}"):
        api.credentials(HTTP_AUTHORIZATION=accepted.format(good))
        assert api.get(ME).status_code == 200
    api.credentials(HTTP_AUTHORIZATION=scheme.format(good, good))
    assert is_error(api.get(ME), 401)


FORGERIES = {
    "cut": lambda good: good[:-1],
    "grown": lambda good: good + "A",
    "without signature": lambda good: good.rpartition(".")[0] + ".",
    "two parts": lambda good: good.rpartition(".")[0],
    "another payload": lambda good: ".".join([good.split(".")[0], b64({**claims_of(good), "user_id": 1}), good.split(".")[2]]),
    "alg none": lambda good: unsigned(claims_of(good), "none"),
    "alg None": lambda good: unsigned(claims_of(good), "None"),
    "alg missing": lambda good: unsigned(claims_of(good), None),
    "another algorithm": lambda good: sign(claims_of(good), algorithm="HS512"),
    "another key": lambda good: sign(claims_of(good), key="another-key-of-thirty-two-letters"),
    "key in the header": lambda good: sign(
        claims_of(good),
        key="another-key-of-thirty-two-letters",
        headers={"kid": "../../dev/null", "jwk": {"kty": "oct", "k": "YQ"}},
    ),
    "expired": lambda good: resigned(good, exp=int(timezone.now().timestamp()) - 1),
    "without exp": lambda good: resigned(good, exp=None),
    "exp as text": lambda good: resigned(good, exp="soon"),
    "not yet valid": lambda good: resigned(good, nbf=int(timezone.now().timestamp()) + 3600),
    "another type": lambda good: resigned(good, token_type="access"),
    "without type": lambda good: resigned(good, token_type=None),
    "without session": lambda good: resigned(good, sid=None),
    "unknown session": lambda good: resigned(good, sid=str(uuid4())),
    "session as number": lambda good: resigned(good, sid=5),
    "session as text": lambda good: resigned(good, sid="x"),
    "without user": lambda good: resigned(good, user_id=None),
    "user as text": lambda good: resigned(good, user_id=str(claims_of(good)["user_id"])),
    "user as list": lambda good: resigned(good, user_id=[1]),
    "user as true": lambda good: resigned(good, user_id=True),
    "user of 2^70": lambda good: resigned(good, user_id=2**70),
    "a list as payload": lambda good: ".".join([good.split(".")[0], b64([1]), good.split(".")[2]]),
    "dots": lambda good: "...",
    "words": lambda good: "undefined",
    "null": lambda good: "null",
    "long": lambda good: "a" * 6000,
    "not ascii": lambda good: "жетон".encode().decode("latin-1"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_token_that_is_not_exactly_ours_is_401(api_as, good, forgery):
    assert api_as(token=good).get(ME).status_code == 200
    assert api_as(token=resigned(good)).get(ME).status_code == 200  # the way of forging is not what is refused
    answer = api_as(token=FORGERIES[forgery](good)).get(ME)
    assert is_error(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"


def test_another_users_id_in_a_well_signed_token_is_401(api_as, good):
    other = make_user()
    assert is_error(api_as(token=resigned(good, user_id=other.pk)).get(ME), 401)


def test_the_session_row_ends_a_token_before_its_time(api_as, good, session):
    api = api_as(token=good)
    assert api.get(ME).status_code == 200
    Session.objects.filter(pk=session.pk).update(expires_at=timezone.now())
    assert is_error(api.get(ME), 401)


def test_the_token_of_a_deleted_account_is_401_and_of_a_blocked_one_403(api_as, good, session):
    api, user = api_as(token=good), session.user
    user_block(user=user, by=None, reason="spam")
    assert is_error(api.get(ME), 403)
    user_unblock(user=user)
    assert api.get(ME).status_code == 200
    user_delete(user=user)
    assert is_error(api.get(ME), 401)


def test_a_token_elsewhere_than_in_the_header_is_not_seen(api_as, good):
    api = api_as()
    api.cookies["token"] = api.cookies["Authorization"] = api.cookies["jwt"] = good
    for query in (f"?token={good}", f"?access_token={good}", f"?Authorization=Bearer {good}"):
        assert is_error(api.get(f"{ME}{query}"), 401)
    assert is_error(api.get(ME, HTTP_X_ACCESS_TOKEN=good, HTTP_TOKEN=good), 401)
    assert is_error(api.put("/api/users", {"token": good}), 401)
    assert api.get(ME, HTTP_AUTHORIZATION=f"Bearer {good}").status_code == 200
