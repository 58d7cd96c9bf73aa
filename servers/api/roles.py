"""`/api/servers/:serverId/roles/**`."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from projectvoice.kernel.api import Api
from projectvoice.kernel.errors import Text
from projectvoice.kernel.serializers import NoticeOutput
from servers.access import access_member, access_role, access_server, require
from servers.api.reason import REASON, because
from servers.permissions import Permission
from servers.selectors import role_list
from servers.serializers import RoleInput, RoleOutput
from servers.services.roles import role_assign, role_create, role_delete, role_strip, role_update

ASSIGNED = Text("Role assigned.", "Роль успешно назначена.")


class RoleListApi(Api):
    @extend_schema(summary="Roles of a server", responses={200: RoleOutput(many=True)}, description="The highest first.")
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, reading=True)
        return Response(RoleOutput(role_list(access.server), many=True).data)

    @extend_schema(summary="Create a role", parameters=[REASON], request=RoleInput, responses={201: RoleOutput})
    def post(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, need=Permission.MANAGE_ROLES)
        return Response(RoleOutput(role_create(access=because(access, request), **self.parse(RoleInput))).data, status=201)


class RoleDetailApi(Api):
    @extend_schema(summary="Change a role", parameters=[REASON], request=RoleInput, responses={200: RoleOutput})
    def patch(self, request: SignedInRequest, server_id: int, role_id: int) -> Response:
        access = access_server(request.user, server_id)
        role = access_role(access, role_id)
        access = because(require(access, Permission.MANAGE_ROLES), request)
        return Response(RoleOutput(role_update(access=access, role=role, **self.parse(RoleInput, partial=True))).data)

    @extend_schema(summary="Delete a role", parameters=[REASON], responses={204: None})
    def delete(self, request: SignedInRequest, server_id: int, role_id: int) -> Response:
        access = access_server(request.user, server_id)
        role = access_role(access, role_id)
        role_delete(access=because(require(access, Permission.MANAGE_ROLES), request), role=role)
        return Response(status=204)


class MemberRoleApi(Api):
    @extend_schema(summary="Give a member a role", parameters=[REASON], request=None, responses={201: NoticeOutput})
    def post(self, request: SignedInRequest, server_id: int, member_id: int, role_id: int) -> Response:
        access = access_server(request.user, server_id)
        member, role = access_member(access, member_id), access_role(access, role_id)
        role_assign(access=because(require(access, Permission.MANAGE_ROLES), request), member=member, role=role)
        return Response({"message": ASSIGNED.to(request.LANGUAGE_CODE)}, status=201)

    @extend_schema(summary="Take a role from a member", parameters=[REASON], responses={204: None})
    def delete(self, request: SignedInRequest, server_id: int, member_id: int, role_id: int) -> Response:
        access = access_server(request.user, server_id)
        member, role = access_member(access, member_id), access_role(access, role_id)
        role_strip(access=because(require(access, Permission.MANAGE_ROLES), request), member=member, role=role)
        return Response(status=204)
