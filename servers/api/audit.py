"""`/api/servers/:id/audit`."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from audit.selectors import audit_page
from audit.serializers import AuditPageOutput
from projectvoice.kernel.api import Api
from projectvoice.kernel.pagination import envelope, page_of, positive
from projectvoice.kernel.schema import id_in_query, paging
from servers.access import access_server
from servers.journal import log_of
from servers.permissions import Permission

LIMIT = 20


class ServerAuditApi(Api):
    @extend_schema(
        summary="The server's audit log",
        operation_id="server_audit",
        parameters=[
            *paging(LIMIT),
            id_in_query("actorId", "Only what this user did"),
            OpenApiParameter("action", {"type": "string", "maxLength": 50}, description="Only this, such as `member.ban`"),
        ],
        responses={200: AuditPageOutput},
        description="Who of the server's people changed what, the newest first.",
    )
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, need=Permission.VIEW_AUDIT_LOG, reading=True)
        query = request.query_params
        page = page_of(query, limit=LIMIT)
        only: dict[str, object] = {}
        if "actorId" in query:
            only["actor_number"] = positive(query, "actorId")
        if "action" in query:
            only["action"] = query["action"].replace("\0", "-")  # PostgreSQL holds no NUL
        entries, total = audit_page(log_of(access.server.pk), page, **only)
        return Response(AuditPageOutput(envelope("entries", entries, total, page)).data)
