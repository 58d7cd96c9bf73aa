"""`/api/admin/relay`."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.models import GlobalRole
from accounts.request import SignedInRequest
from moderation.access import access_admin
from moderation.api.paging import LIMIT, PAGING
from moderation.selectors import relay_usage
from moderation.serializers import RelayUsageListOutput
from projectvoice.kernel.api import Api
from projectvoice.kernel.pagination import envelope, page_of, positive
from turn.services import RETENTION

DAYS = 30
DAYS_PARAMETER = OpenApiParameter(
    "days",
    {"type": "integer", "minimum": 1, "default": DAYS},
    description=f"Today (UTC) and those before it. At most {RETENTION.days}; more counts as {RETENTION.days}",
)


class AdminRelayApi(Api):
    @extend_schema(
        summary="What the relay carried, and for whom",
        operation_id="admin_relay",
        parameters=[*PAGING, DAYS_PARAMETER],
        responses={200: RelayUsageListOutput},
        description="Application data, in packets and bytes; `up` is from a user to his peers. Users with most bytes come first. "
        "A call in progress is counted up to some seconds ago. Users of the relay's own settings are not among them.",
    )
    def get(self, request: SignedInRequest) -> Response:
        access_admin(request.user, GlobalRole.MODERATOR)
        query = request.query_params
        page, days = page_of(query, limit=LIMIT), min(positive(query, "days", DAYS), RETENTION.days)
        users, totals, since = relay_usage(days)
        rest = {"days": days, "since": since, "totals": totals}
        return Response(RelayUsageListOutput(rest | envelope("users", users[page.rows], totals["users"], page)).data)
