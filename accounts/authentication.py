"""`Authorization: Bearer <token>`, the only place where REST looks for a token."""

from uuid import UUID

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts.models import User
from accounts.scopes import scopes_of
from accounts.tokens import identity_entering, identity_of
from projectvoice.kernel.errors import InvalidSession


class SessionTokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, UUID] | None:
        words = get_authorization_header(request).split()
        if not words:
            return None
        if len(words) != 2 or words[0].lower() != b"bearer":
            raise InvalidSession
        view, scopes = (request.parser_context or {}).get("view"), scopes_of(request)
        identify = identity_entering if getattr(view, "entering", False) else identity_of
        identity = identify(words[1], *scopes)
        return identity.user, identity.session_id

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
