"""The door of the panel. What lies behind it asks moderation/access.py, as `/api/admin` does."""

from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import GlobalRole, Session, User
from accounts.services import session_end
from accounts.tokens import identity_of, token_for
from moderation.access import access_admin
from projectvoice.kernel.errors import DomainError

COOKIE, PATH = "panel", "/admin/"


class Entrant(NamedTuple):
    user: User
    session_id: UUID


def entrant_of(request: HttpRequest) -> Entrant | None:
    """Who the cookie says it is, if his session still stands and he belongs to the staff. Of whoever was demoted it ends."""
    token = request.COOKIES.get(COOKIE)
    if not token:
        return None
    try:
        user, session_id, _ = identity_of(token)
    except DomainError:
        return None
    if not may(user, GlobalRole.MODERATOR):
        session_end(user=user, session_id=session_id)
        return None
    return Entrant(user, session_id)


def may(user: object, need: GlobalRole) -> bool:
    if not isinstance(user, User):
        return False
    try:
        access_admin(user, need)
    except DomainError:
        return False
    return True


def cookie_give(request: HttpRequest, response: HttpResponse, session: Session) -> None:
    """The session's token, out of reach of scripts. No other path is sent it, and the API reads no cookie."""
    response.set_cookie(
        COOKIE,
        token_for(session),
        expires=session.expires_at,
        path=PATH,
        secure=request.is_secure() or settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def cookie_take(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
