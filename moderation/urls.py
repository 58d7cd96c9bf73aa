from django.urls import path

from moderation.api.instance import AdminLogsApi, AdminStatsApi
from moderation.api.queue import AdminReportApi, AdminReportDecideApi, AdminReportListApi
from moderation.api.relay import AdminRelayApi
from moderation.api.reports import AppealApi, ReportApi, ReportListApi, ReportsAgainstMeApi
from moderation.api.servers import AdminServerApi, AdminServerBlockApi, AdminServerListApi, AdminServerUnblockApi
from moderation.api.users import AdminUserApi, AdminUserBlockApi, AdminUserListApi, AdminUserUnblockApi

urlpatterns = [
    path("reports", ReportListApi.as_view(), name="report-list"),
    path("reports/against-me", ReportsAgainstMeApi.as_view(), name="reports-against-me"),
    path("reports/<id:report_id>", ReportApi.as_view(), name="report"),
    path("reports/<id:report_id>/appeal", AppealApi.as_view(), name="report-appeal"),
    path("admin/reports", AdminReportListApi.as_view(), name="admin-report-list"),
    path("admin/reports/<id:report_id>", AdminReportApi.as_view(), name="admin-report"),
    path("admin/reports/<id:report_id>/decide", AdminReportDecideApi.as_view(), name="admin-report-decide"),
    path("admin/stats", AdminStatsApi.as_view(), name="admin-stats"),
    path("admin/logs", AdminLogsApi.as_view(), name="admin-logs"),
    path("admin/relay", AdminRelayApi.as_view(), name="admin-relay"),
    path("admin/users", AdminUserListApi.as_view(), name="admin-user-list"),
    path("admin/users/<id:user_id>", AdminUserApi.as_view(), name="admin-user"),
    path("admin/users/<id:user_id>/block", AdminUserBlockApi.as_view(), name="admin-user-block"),
    path("admin/users/<id:user_id>/unblock", AdminUserUnblockApi.as_view(), name="admin-user-unblock"),
    path("admin/servers", AdminServerListApi.as_view(), name="admin-server-list"),
    path("admin/servers/<id:server_id>", AdminServerApi.as_view(), name="admin-server"),
    path("admin/servers/<id:server_id>/block", AdminServerBlockApi.as_view(), name="admin-server-block"),
    path("admin/servers/<id:server_id>/unblock", AdminServerUnblockApi.as_view(), name="admin-server-unblock"),
]
