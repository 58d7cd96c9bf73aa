"""`/api/admin/servers/**`."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import GlobalRole
from accounts.request import SignedInRequest
from moderation.access import access_admin
from moderation.api.paging import LIMIT, PAGING, SEARCH, choice_of, search_of
from moderation.api.users import STATUS
from moderation.selectors import ACTIVE, BLOCKED, server_row, server_search
from moderation.serializers import AdminServerChangedOutput, AdminServerListOutput, AdminServerOutput, ReasonInput
from moderation.services.acts import admin_server_block, admin_server_delete, admin_server_unblock
from projectvoice.kernel.api import Api
from projectvoice.kernel.errors import Text
from projectvoice.kernel.pagination import envelope, page_of
from projectvoice.kernel.serializers import NoticeOutput

BLOCKED_NOW = Text("Server blocked", "Сервер заблокирован")
UNBLOCKED = Text("Server unblocked", "Сервер разблокирован")
DELETED = Text("Server deleted", "Сервер удалён")


def changed(request: SignedInRequest, server_id: int, message: Text) -> Response:
    server: Any = server_row(server_id)
    server.message = message.to(request.LANGUAGE_CODE)
    return Response(AdminServerChangedOutput(server).data)


class AdminServerListApi(Api):
    @extend_schema(
        summary="Look servers up",
        operation_id="admin_server_list",
        parameters=[*PAGING, SEARCH, STATUS],
        responses={200: AdminServerListOutput},
    )
    def get(self, request: SignedInRequest) -> Response:
        access_admin(request.user, GlobalRole.MODERATOR)
        query = request.query_params
        page, search = page_of(query, limit=LIMIT), search_of(query)
        servers = server_search(search=search, status=choice_of(query, "status", (ACTIVE, BLOCKED)))
        return Response(AdminServerListOutput(envelope("servers", servers[page.rows], servers.count(), page)).data)


class AdminServerApi(Api):
    @extend_schema(summary="One server", operation_id="admin_server", responses={200: AdminServerOutput})
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access_admin(request.user, GlobalRole.MODERATOR)
        return Response(AdminServerOutput(server_row(server_id)).data)

    @extend_schema(summary="Delete a server", operation_id="admin_server_delete", responses={200: NoticeOutput})
    def delete(self, request: SignedInRequest, server_id: int) -> Response:
        access_admin(request.user)
        admin_server_delete(by=request.user, server=server_row(server_id))
        return Response({"message": DELETED.to(request.LANGUAGE_CODE)})


class AdminServerBlockApi(Api):
    @extend_schema(
        summary="Block a server",
        operation_id="admin_server_block",
        request=ReasonInput,
        responses={200: AdminServerChangedOutput},
    )
    def post(self, request: SignedInRequest, server_id: int) -> Response:
        access_admin(request.user)
        server = server_row(server_id)
        admin_server_block(by=request.user, server=server, **self.parse(ReasonInput))
        return changed(request, server_id, BLOCKED_NOW)


class AdminServerUnblockApi(Api):
    @extend_schema(
        summary="Unblock a server", operation_id="admin_server_unblock", request=None, responses={200: AdminServerChangedOutput}
    )
    def post(self, request: SignedInRequest, server_id: int) -> Response:
        access_admin(request.user)
        admin_server_unblock(by=request.user, server=server_row(server_id))
        return changed(request, server_id, UNBLOCKED)
