"""Reads of accounts."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts.entry import settled
from accounts.errors import UserNotFound
from accounts.models import Session, User, username_key


def user_by_id(user_id: int) -> User:
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    return user


def user_by_email(email: str) -> User | None:
    return User.objects.filter(email__iexact=email.strip()).first()


def user_by_login(login: str) -> User | None:
    """By e-mail or username: only the first has an `@`."""
    login = login.strip()
    return user_by_email(login) if "@" in login else User.objects.filter(username_key=username_key(login)).first()


def user_by_handle(handle: str) -> User:
    """By username, or by username and tag where both are told: `anna#1234`."""
    username, _, tag = handle.strip().partition("#")
    user = User.objects.filter(username_key=username_key(username)).first()
    if user is None or (tag and user.tag != f"#{tag}"):
        raise UserNotFound
    return user


def session_list(user: User) -> QuerySet[Session]:
    return user.sessions.filter(expires_at__gt=timezone.now()).order_by("-last_seen_at")[:100]


def sessions_alive(session_ids: set[UUID]) -> set[UUID]:
    """Those of them that still stand and whose user may still come in."""
    alive = Session.objects.filter(settled("user__"), pk__in=session_ids, expires_at__gt=timezone.now(), user__is_active=True)
    return set(alive.values_list("pk", flat=True))


def users_signed_in(user_ids: set[int]) -> set[int]:
    """Those of them who may come in, and are signed in somewhere."""
    alive = Session.objects.filter(settled("user__"), user__in=user_ids, expires_at__gt=timezone.now(), user__is_active=True)
    return set(alive.values_list("user_id", flat=True).distinct())
