"""`/api/admin/stats` and `/api/admin/logs`."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from audit.models import AuditEntry
from audit.selectors import audit_newest_checkpoint, audit_page
from moderation.access import access_admin
from moderation.api.paging import LIMIT, PAGING
from moderation.selectors import stats
from moderation.serializers import LogsOutput, StatsOutput
from moderation.services.acts import LOG
from projectvoice.kernel.api import Api
from projectvoice.kernel.pagination import envelope, page_of
from projectvoice.kernel.serializers import iso


class AdminStatsApi(Api):
    @extend_schema(summary="Figures of the instance", operation_id="admin_stats", responses={200: StatsOutput})
    def get(self, request: SignedInRequest) -> Response:
        access_admin(request.user)
        return Response(StatsOutput(stats()).data)


class AdminLogsApi(Api):
    @extend_schema(
        summary="The instance's audit log", operation_id="admin_logs", parameters=PAGING, responses={200: LogsOutput}
    )
    def get(self, request: SignedInRequest) -> Response:
        access_admin(request.user)
        page = page_of(request.query_params, limit=LIMIT)
        entries, total = audit_page(LOG, page)
        rest = {"system": "\n".join(map(line, entries)), "errors": "", "access": "", "checkpoint": audit_newest_checkpoint(LOG)}
        return Response(LogsOutput(rest | envelope("logs", entries, total, page)).data)


def line(entry: AuditEntry) -> str:
    text = f"{iso(entry.at)} {entry.actor_name} {entry.action} {entry.target_type} {entry.target_id} {entry.target_name}"
    return f"{text}: {' '.join(entry.reason.split())}" if entry.reason else text
