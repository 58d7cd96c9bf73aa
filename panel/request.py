"""The type of a request that PanelMiddleware has let through to a page of the panel."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest

from accounts.models import User

if TYPE_CHECKING:

    class PanelRequest(HttpRequest):
        user: User  # behind the sign-in nobody is anonymous
        session_id: UUID
else:
    PanelRequest = HttpRequest
