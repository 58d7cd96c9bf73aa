"""Why somebody says he does what he does: a field of the body, or of the query where there is no body."""

from drf_spectacular.utils import OpenApiParameter

from accounts.request import SignedInRequest
from servers.access import Access
from servers.serializers import ReasonInput

REASON = OpenApiParameter(
    "reason", {"type": "string", "maxLength": 500}, description="Why, for the audit log: here or in the body."
)


def because(access: Access, request: SignedInRequest) -> Access:
    """Behind the doors: a reason that is too long is the last thing to be wrong."""
    told = request.data if isinstance(request.data, dict) and "reason" in request.data else request.query_params
    given = ReasonInput(data={"reason": told.get("reason")})
    given.is_valid(raise_exception=True)
    return access._replace(reason=given.validated_data["reason"] or None)
