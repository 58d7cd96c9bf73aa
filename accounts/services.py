"""Writes of accounts. Races are settled by the database's constraints and row locks."""

import secrets
import unicodedata
from datetime import timedelta
from functools import cache
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password, verify_password
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.announcing import PROFILE, tell_profile, tell_user
from accounts.deletion import before_user_delete
from accounts.errors import (
    BadCredentials,
    EmailTaken,
    LastAdmin,
    NotAPerson,
    SecondFactorNeeded,
    SessionNotFound,
    UsernameTaken,
    UserNotFound,
    WrongCode,
    WrongPassword,
)
from accounts.models import GlobalRole, Session, Status, User, username_key
from accounts.selectors import user_by_email, user_by_login
from accounts.tickets import SIGN_IN
from accounts.tokens import account_blocked
from accounts.two_factor import is_enrolled, verify
from events.services import access_changed, forget_user
from projectvoice.kernel.errors import DomainError, Unavailable
from projectvoice.kernel.events import AccessEnded, publish_on_commit
from projectvoice.kernel.limits import Limit

SESSIONS_PER_USER = 50
LOGIN_PER_ACCOUNT = Limit("login-account", most=10, window=300)
LOGIN_PER_ADDRESS = Limit("login-address", most=200, window=300)
REGISTER_PER_ADDRESS = Limit("register-address", most=60, window=600)


def user_register(*, username: str, email: str, password: str, role: str = GlobalRole.USER) -> User:
    user = User(email=email, role=role, tag=f"#{secrets.randbelow(10_000):04}")
    user_rename(user, username)
    user.password = make_password(password)
    account_save(user)
    return user


def user_sign_in(*, email: str, password: str, address: str, two_factor_code: str | None = None) -> User:
    """The user behind these credentials. An attempt counts until it turns out right."""
    LOGIN_PER_ADDRESS.take(address)
    return _sign_in(user_by_email(email), email, password, address, two_factor_code)


def user_sign_in_by_login(*, login: str, password: str, address: str, two_factor_code: str | None = None) -> User:
    """The same by e-mail or username, as seed 004 has it: who is unknown and who is wrong get one answer."""
    LOGIN_PER_ADDRESS.take(address)
    try:
        return _sign_in(user_by_login(login), login, password, address, two_factor_code)
    except (UserNotFound, WrongPassword) as error:
        raise BadCredentials from error


def user_sign_in_by_ticket(*, ticket: str, code: str) -> User:
    """The second half of a sign-in that was refused with SecondFactorNeeded."""
    user = SIGN_IN.user_of(ticket, User.objects.all())
    if not user.is_active:
        raise account_blocked(user)
    if not verify(user, code):
        raise WrongCode
    return user


def _sign_in(user: User | None, named: str, password: str, address: str, code: str | None) -> User:
    account = user.email.lower() if user else named.strip().lower()  # as stored: case folding knows two spellings of S, I and K
    LOGIN_PER_ACCOUNT.take(account)
    nobodys = nobodys_password()  # whoever is first has it made: its time would tell who is missing
    right, is_outdated = verify_password(password, user.password if user else nobodys)
    if user is None:
        raise UserNotFound
    if not right:
        raise WrongPassword
    if is_outdated:
        _hash_anew(user, password)
    LOGIN_PER_ACCOUNT.give_back(account)
    LOGIN_PER_ADDRESS.give_back(address)
    if not user.is_active:
        raise account_blocked(user)
    if is_enrolled(user):
        if not code:
            raise SecondFactorNeeded(SIGN_IN.issue(user), SIGN_IN.expires_at())
        if not verify(user, code):
            raise WrongCode
    return user


@cache
def nobodys_password() -> str:
    """Checked in place of a missing user's, so that both refusals take the same time."""
    return make_password(secrets.token_urlsafe(16))


def _hash_anew(user: User, password: str) -> None:
    """By today's cost; not where the password was changed meanwhile."""
    anew = make_password(password)
    if User.objects.filter(pk=user.pk, password=user.password).update(password=anew):
        user.password = anew


@transaction.atomic
def session_begin(*, user: User, user_agent: str, address: str, lifetime: timedelta = settings.SESSION_LIFETIME) -> Session:
    """For whoever has just signed in. If what he showed was changed meanwhile, it opens nothing: he may try again."""
    shown = User.objects.select_for_update(no_key=True).filter(
        pk=user.pk, password=user.password, two_factor_at=user.two_factor_at
    )
    if shown.first() is None:
        raise Unavailable if User.objects.filter(pk=user.pk).exists() else UserNotFound
    return session_open(user=user, user_agent=user_agent, address=address, lifetime=lifetime)


@transaction.atomic
def session_open(
    *, user: User, user_agent: str = "", address: str | None = None, lifetime: timedelta = settings.SESSION_LIFETIME
) -> Session:
    """A new session; beyond SESSIONS_PER_USER the ones unused for longest end."""
    session = Session.objects.create(
        user=user,
        user_agent=user_agent.replace("\0", "")[:256],
        address=address,
        expires_at=timezone.now() + lifetime,
    )
    surplus = user.sessions.order_by("-last_seen_at").values_list("pk", flat=True)[SESSIONS_PER_USER:]
    if ended := list(surplus):
        Session.objects.filter(pk__in=ended).delete()
        access_changed(user_id=user.pk)
    return session


@transaction.atomic
def session_end(*, user: User, session_id: UUID) -> None:
    ended, _ = user.sessions.filter(pk=session_id).delete()
    if not ended:
        raise SessionNotFound
    _tell_of_end(user.pk)


@transaction.atomic
def session_end_all(*, user: User, but: UUID | None = None) -> None:
    sessions = user.sessions.all() if but is None else user.sessions.exclude(pk=but)
    ended, _ = sessions.delete()
    if ended:
        _tell_of_end(user.pk)


@transaction.atomic
def user_update(*, user: User, **changes: str | None) -> User:
    """Changes username, e-mail, profile picture, bio or status; absent keys keep their value."""
    user = user_locked(user)
    before = [getattr(user, name) for name in PROFILE]
    if "username" in changes:
        user_rename(user, changes.pop("username") or "")
    if "email" in changes and (changes["email"] or "").lower() != user.email.lower():
        user.email_confirmed_at = None
    for name in changes.keys() & {"email", "profile_picture", "bio", "status"}:
        setattr(user, name, changes[name] or None)
    account_save(user)
    tell_user(user)
    if before != [getattr(user, name) for name in PROFILE]:
        tell_profile(user)
    return user


@transaction.atomic
def password_change(*, user: User, old_password: str, new_password: str, keep: UUID) -> None:
    """Every session but `keep` ends with the old password."""
    user = user_proven(user, old_password)
    password_set(user=user, password=new_password)
    session_end_all(user=user, but=keep)


def password_set(*, user: User, password: str) -> None:
    """Wants the row locked; which sessions go on is for the caller to say."""
    user.password = make_password(password)
    user.save(update_fields=["password", "updated_at"])


@transaction.atomic
def user_delete(*, user: User) -> None:
    if user.role == GlobalRole.ADMIN:
        admins_held()
    user = user_locked(user)
    admin_must_remain(user)
    for settle in before_user_delete:
        settle(user)
    user_id = user.pk
    user.delete()
    _tell_of_end(user_id)
    forget_user(user_id)


@transaction.atomic
def user_block(*, user: User, by: User | None, reason: str | None) -> User:
    """Deactivates the account: its sessions stay, and answer 403 with the reason until it is unblocked. Its bots' tokens end."""
    user = user_locked(user)
    user.is_active, user.blocked_at, user.blocked_by, user.block_reason = False, timezone.now(), by, reason
    user.status = Status.OFFLINE
    user.save()
    for bot in user.bots.order_by("pk"):
        session_end_all(user=bot)
    _tell_of_end(user.pk)
    return user


@transaction.atomic
def user_unblock(*, user: User) -> User:
    user = user_locked(user)
    user.is_active, user.blocked_at, user.blocked_by, user.block_reason = True, None, None, None
    user.save()
    return user


@transaction.atomic
def user_appoint(*, user: User, role: str) -> User:
    """Sets the global role. It counts from the next request on: roles are read from the row."""
    admins_held()
    user = user_locked(user)
    if user.is_bot:
        raise NotAPerson
    if role != GlobalRole.ADMIN:
        admin_must_remain(user)
    user.role = role
    user.save(update_fields=["role", "updated_at"])
    access_changed(user_id=user.pk)
    tell_user(user)
    return user


def admins_held() -> None:
    """Until the transaction ends nobody else changes who is an administrator. To be taken before any row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('admin_ensure'))")


def admin_must_remain(user: User) -> None:
    """Refuses what would take the last administrator who can sign in. Wants `admins_held`."""
    admins = User.objects.filter(role=GlobalRole.ADMIN, is_active=True)
    if user.role == GlobalRole.ADMIN and user.is_active and not admins.exclude(pk=user.pk).exists():
        raise LastAdmin


@transaction.atomic
def admin_ensure(*, email: str, password: str) -> User | None:
    """The first administrator. None if there is one already; two starts at once make one."""
    admins_held()
    if User.objects.filter(role=GlobalRole.ADMIN).exists():
        return None
    user = user_by_email(email)
    if user:
        user.role, user.password, user.email_confirmed_at = GlobalRole.ADMIN, make_password(password), timezone.now()
        user.save()
        session_end_all(user=user)  # anybody may have registered this e-mail before
        return user
    taken = User.objects.filter(username_key="admin").exists()
    username = f"admin-{secrets.token_hex(3)}" if taken else "admin"
    user = user_register(username=username, email=email, password=password, role=GlobalRole.ADMIN)
    user.email_confirmed_at = timezone.now()  # it is the operator who says so
    user.save(update_fields=["email_confirmed_at"])
    return user


def users_stay(*user_ids: int) -> None:
    """Until the transaction ends these accounts are not deleted; of one that is gone nothing is held.

    To be taken before any other row: an account that goes is held first, and then waits for all that hangs on it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM accounts_user WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(user_ids)])


def user_locked(user: User) -> User:
    """The row as it is now, held until the transaction ends."""
    locked = User.objects.select_for_update().filter(pk=user.pk).first()
    if locked is None:
        raise UserNotFound
    return locked


def user_proven(user: User, password: str) -> User:
    """The same, if this is the password. Guesses at a signed-in device count as those at the door."""
    LOGIN_PER_ACCOUNT.take(user.email.lower())
    user = user_locked(user)
    if not check_password(password, user.password):
        raise WrongPassword
    LOGIN_PER_ACCOUNT.give_back(user.email.lower())
    return user


def _tell_of_end(user_id: int) -> None:
    access_changed(user_id=user_id)
    publish_on_commit(AccessEnded(user_id))


def user_rename(user: User, username: str) -> None:
    """Not saved."""
    user.username = unicodedata.normalize("NFKC", username)
    user.username_key = username_key(username)


def account_save(user: User) -> None:
    """Raises UsernameTaken and EmailTaken."""
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise _conflict(error) from error


def _conflict(error: IntegrityError) -> DomainError:
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    if "username_key" in name:
        return UsernameTaken()
    if "email" in name:
        return EmailTaken()
    raise error
