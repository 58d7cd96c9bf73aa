"""The type of a request that has passed the authentication: what `Api` methods get."""

from typing import TYPE_CHECKING
from uuid import UUID

from rest_framework.request import Request

from accounts.models import User

if TYPE_CHECKING:

    class SignedInRequest(Request):
        user: User  # never AnonymousUser behind IsAuthenticated
        auth: UUID  # the session's id
else:
    SignedInRequest = Request
