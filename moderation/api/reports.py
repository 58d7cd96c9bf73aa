"""`/api/reports/**`: one's own reports, and those against oneself."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from accounts.selectors import user_by_id
from messaging.access import access_message
from moderation.access import access_report_against_me, access_report_of_mine
from moderation.api.paging import LIMIT, PAGING
from moderation.models import ReportTarget
from moderation.selectors import reports_against, reports_by
from moderation.serializers import (
    AppealInput,
    ReportAgainstMeListOutput,
    ReportAgainstMeOutput,
    ReportCreateInput,
    ReportInput,
    ReportListOutput,
    ReportOutput,
    ReportTargetInput,
)
from moderation.services.reports import REPORTS_PER_USER, message_report, report_appeal, user_report
from projectvoice.kernel.api import Api
from projectvoice.kernel.errors import TooManyRequests
from projectvoice.kernel.pagination import envelope, page_of


class ReportListApi(Api):
    @extend_schema(
        summary="The caller's reports", operation_id="reports_page", parameters=PAGING, responses={200: ReportListOutput}
    )
    def get(self, request: SignedInRequest) -> Response:
        page, reports = page_of(request.query_params, limit=LIMIT), reports_by(request.user)
        return Response(ReportListOutput(envelope("reports", reports[page.rows], reports.count(), page)).data)

    @extend_schema(
        summary="Report a message or a user",
        request=ReportCreateInput,
        responses={201: ReportOutput, 429: TooManyRequests},
        description="What is reported is kept as evidence, as it is now. 400 while an earlier report of it is open.",
    )
    def post(self, request: SignedInRequest) -> Response:
        target = self.parse(ReportTargetInput)
        if target["target_type"] == ReportTarget.MESSAGE:
            message, _ = access_message(request.user, target["target_id"], reading=True)
            fields = self._fields(request)
            report = message_report(by=request.user, message=message, **fields)
        else:
            user = user_by_id(target["target_id"])
            fields = self._fields(request)
            report = user_report(by=request.user, user=user, **fields)
        return Response(ReportOutput(report).data, status=201)

    def _fields(self, request: SignedInRequest) -> dict[str, str]:
        fields = self.parse(ReportInput)
        REPORTS_PER_USER.take(str(request.user.pk))
        return fields


class ReportApi(Api):
    @extend_schema(summary="One of the caller's reports", responses={200: ReportOutput})
    def get(self, request: SignedInRequest, report_id: int) -> Response:
        return Response(ReportOutput(access_report_of_mine(request.user, report_id)).data)


class ReportsAgainstMeApi(Api):
    @extend_schema(
        summary="Decided reports about the caller",
        operation_id="reports_against_me",
        parameters=PAGING,
        responses={200: ReportAgainstMeListOutput},
        description="Reports about the caller, or about a message of his, that led to something.",
    )
    def get(self, request: SignedInRequest) -> Response:
        page, reports = page_of(request.query_params, limit=LIMIT), reports_against(request.user)
        return Response(ReportAgainstMeListOutput(envelope("reports", reports[page.rows], reports.count(), page)).data)


class AppealApi(Api):
    @extend_schema(
        summary="Appeal against a decision",
        operation_id="reports_appeal",
        request=AppealInput,
        responses={200: ReportAgainstMeOutput},
        description="By the reported person, once: the report is back in the queue.",
    )
    def post(self, request: SignedInRequest, report_id: int) -> Response:
        report = access_report_against_me(request.user, report_id)
        return Response(ReportAgainstMeOutput(report_appeal(report=report, **self.parse(AppealInput))).data)
