"""`/api/auth/sessions`: where one is signed in, and how one ends that."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Session
from accounts.selectors import session_list
from accounts.services import SESSIONS_PER_USER, session_open
from tests.api.world import is_error
from tests.factories import PASSWORD, make_token, make_user

pytestmark = pytest.mark.django_db


def test_sessions_are_listed_with_the_present_one_marked(api_as):
    user = make_user(email="a@example.com")
    credentials = {"email": "a@example.com", "password": PASSWORD}
    token = api_as().post("/api/auth/login", credentials, HTTP_USER_AGENT="Phone", REMOTE_ADDR="203.0.113.9").json()["token"]
    make_token(user)
    make_token(make_user())
    listed = api_as(token=token).get("/api/auth/sessions").json()
    assert len(listed) == 2
    [here] = [session for session in listed if session["isCurrent"]]
    assert here.items() >= {"userAgent": "Phone", "address": "203.0.113.9"}.items()
    assert set(here) == {"id", "userAgent", "address", "createdAt", "lastSeenAt", "expiresAt", "isCurrent"}


def test_log_out_ends_this_session_only(api_as):
    user = make_user()
    here, elsewhere = api_as(user), api_as(user)
    assert here.delete("/api/auth/sessions/current").status_code == 204
    assert is_error(here.get("/api/auth/me"), 401)
    assert elsewhere.get("/api/auth/me").status_code == 200


def test_log_out_everywhere_ends_all_of_ones_own_only(api_as):
    user, other = make_user(), api_as(make_user())
    here, elsewhere = api_as(user), api_as(user)
    assert here.delete("/api/auth/sessions").status_code == 204
    assert is_error(here.get("/api/auth/me"), 401)
    assert is_error(elsewhere.get("/api/auth/me"), 401)
    assert other.get("/api/auth/me").status_code == 200


def test_another_session_of_mine_can_be_ended_but_nobody_elses(api_as):
    user = make_user()
    mine, foreign = session_open(user=user), session_open(user=make_user())
    api = api_as(user)
    assert is_error(api.delete(f"/api/auth/sessions/{foreign.pk}"), 404)
    assert Session.objects.filter(pk=foreign.pk).exists()
    assert api.delete(f"/api/auth/sessions/{mine.pk}").status_code == 204
    assert is_error(api.delete(f"/api/auth/sessions/{mine.pk}"), 404)


def test_the_sessions_of_a_user_are_bounded_and_the_longest_unused_ends_first(api_as):
    user = make_user()
    first, used = session_open(user=user), api_as(user)
    Session.objects.filter(pk=first.pk).update(last_seen_at=timezone.now() - timedelta(days=1))
    for _ in range(SESSIONS_PER_USER - 1):
        session_open(user=user)
    assert user.sessions.count() == SESSIONS_PER_USER
    assert not user.sessions.filter(pk=first.pk).exists()
    assert used.get("/api/auth/me").status_code == 200


def test_use_is_noted_now_and_then(api_as):
    user = make_user()
    api = api_as(user)
    user.sessions.update(last_seen_at=timezone.now() - timedelta(minutes=11))
    api.get("/api/auth/me")
    assert timezone.now() - user.sessions.get().last_seen_at < timedelta(minutes=1)


def test_expired_sessions_are_not_listed():
    user = make_user()
    old, fresh = session_open(user=user), session_open(user=user)
    Session.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert list(session_list(user)) == [fresh]
