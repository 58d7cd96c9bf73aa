"""`/api/admin/reports/**`: the queue of reports, and decisions on them."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.models import GlobalRole
from accounts.request import SignedInRequest
from moderation.access import access_admin, access_report_as_staff, access_report_to_decide
from moderation.api.paging import LIMIT, PAGING, choice_of
from moderation.models import ReportStatus
from moderation.selectors import report_search
from moderation.serializers import AdminReportDetailOutput, AdminReportListOutput, DecisionInput
from moderation.services.reports import decision_needs, report_decide
from projectvoice.kernel.api import Api
from projectvoice.kernel.pagination import envelope, page_of

STATUS = OpenApiParameter("status", str, enum=ReportStatus.values)


class AdminReportListApi(Api):
    @extend_schema(
        summary="The queue of reports",
        operation_id="admin_report_list",
        parameters=[*PAGING, STATUS],
        responses={200: AdminReportListOutput},
        description="`open` and `appealed` come oldest first, all else newest first. Reports about the caller are left out.",
    )
    def get(self, request: SignedInRequest) -> Response:
        access_admin(request.user, GlobalRole.MODERATOR)
        query = request.query_params
        page, status = page_of(query, limit=LIMIT), choice_of(query, "status", ReportStatus.values)
        reports = report_search(request.user, status=status)
        return Response(AdminReportListOutput(envelope("reports", reports[page.rows], reports.count(), page)).data)


class AdminReportApi(Api):
    @extend_schema(
        summary="One report with its evidence", operation_id="admin_report", responses={200: AdminReportDetailOutput}
    )
    def get(self, request: SignedInRequest, report_id: int) -> Response:
        return Response(AdminReportDetailOutput(access_report_as_staff(request.user, report_id)).data)


class AdminReportDecideApi(Api):
    @extend_schema(
        summary="Decide on a report",
        operation_id="admin_report_decide",
        request=DecisionInput,
        responses={200: AdminReportDetailOutput},
        description="Moderators dismiss, warn and delete the message; block_user needs an administrator.",
    )
    def post(self, request: SignedInRequest, report_id: int) -> Response:
        report = access_report_to_decide(request.user, report_id)
        fields = self.parse(DecisionInput)
        access_admin(request.user, decision_needs(fields["decision"]))
        return Response(AdminReportDetailOutput(report_decide(by=request.user, report=report, **fields)).data)
