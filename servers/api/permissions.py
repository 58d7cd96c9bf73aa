"""What a channel gives and takes, and why somebody may or may not."""

from collections.abc import Callable, Mapping

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from projectvoice.kernel.api import Api
from projectvoice.kernel.errors import InvalidInput, Text
from projectvoice.kernel.pagination import positive
from projectvoice.kernel.schema import id_in_query
from servers.access import Access, access_channel, access_explain, access_member, access_role, access_server, require
from servers.api.reason import REASON, because
from servers.models import Member, Role
from servers.permissions import Permission
from servers.selectors import explanation, overwrite_list
from servers.serializers import ExplanationOutput, OverwriteInput, OverwriteOutput
from servers.services.channels import overwrite_delete, overwrite_put

NO_PERMISSION = Text("permission: the name of a permission is needed", "permission: нужно имя права")
RULES = "Needs MANAGE_ROLES, a role or member below one's own, and only permissions one holds in this channel."


def access_to_overwrite(
    request: SignedInRequest, server_id: int, channel_id: int, find: Callable[[Access, int], Role | Member], of_id: int
) -> tuple[Access, Role | Member]:
    _, access = access_channel(request.user, channel_id, server_id=server_id)
    of = find(access, of_id)
    return because(require(access, Permission.MANAGE_ROLES), request), of


class OverwriteListApi(Api):
    @extend_schema(
        summary="What a channel gives and takes", operation_id="overwrite_list", responses={200: OverwriteOutput(many=True)}
    )
    def get(self, request: SignedInRequest, server_id: int, channel_id: int) -> Response:
        channel, _ = access_channel(request.user, channel_id, server_id=server_id, reading=True)
        return Response(OverwriteOutput(overwrite_list(channel), many=True).data)


class RoleOverwriteApi(Api):
    @extend_schema(
        summary="Give and take in a channel, by role",
        parameters=[REASON],
        operation_id="overwrite_role_put",
        request=OverwriteInput,
        responses={200: OverwriteOutput},
        description=RULES,
    )
    def put(self, request: SignedInRequest, server_id: int, channel_id: int, role_id: int) -> Response:
        access, role = access_to_overwrite(request, server_id, channel_id, access_role, role_id)
        return Response(OverwriteOutput(overwrite_put(access=access, of=role, **self.parse(OverwriteInput))).data)

    @extend_schema(
        summary="Treat a role in a channel as everywhere",
        parameters=[REASON],
        operation_id="overwrite_role_delete",
        responses={204: None},
        description=RULES,
    )
    def delete(self, request: SignedInRequest, server_id: int, channel_id: int, role_id: int) -> Response:
        access, role = access_to_overwrite(request, server_id, channel_id, access_role, role_id)
        overwrite_delete(access=access, of=role)
        return Response(status=204)


class MemberOverwriteApi(Api):
    @extend_schema(
        summary="Give and take in a channel, by member",
        parameters=[REASON],
        operation_id="overwrite_member_put",
        request=OverwriteInput,
        responses={200: OverwriteOutput},
        description=RULES,
    )
    def put(self, request: SignedInRequest, server_id: int, channel_id: int, member_id: int) -> Response:
        access, member = access_to_overwrite(request, server_id, channel_id, access_member, member_id)
        return Response(OverwriteOutput(overwrite_put(access=access, of=member, **self.parse(OverwriteInput))).data)

    @extend_schema(
        summary="Treat a member in a channel as everywhere",
        parameters=[REASON],
        operation_id="overwrite_member_delete",
        responses={204: None},
        description=RULES,
    )
    def delete(self, request: SignedInRequest, server_id: int, channel_id: int, member_id: int) -> Response:
        access, member = access_to_overwrite(request, server_id, channel_id, access_member, member_id)
        overwrite_delete(access=access, of=member)
        return Response(status=204)


class ExplainApi(Api):
    @extend_schema(
        summary="Why somebody may or may not",
        operation_id="permissions_explain",
        parameters=[
            OpenApiParameter("permission", str, required=True, enum=[permission.name for permission in Permission]),
            id_in_query("memberId", "Without it: the caller. Others need MANAGE_ROLES."),
            id_in_query("channelId", "Without it: on the server as a whole."),
        ],
        responses={200: ExplanationOutput},
        description="The chain of rules that grants or denies a permission.",
    )
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access, query = access_server(request.user, server_id, reading=True), request.query_params
        access = access_explain(access, member_id=id_in(query, "memberId"), channel_id=id_in(query, "channelId"))
        permission = Permission.__members__.get(query.get("permission", ""))
        if permission is None:
            raise InvalidInput(NO_PERMISSION)
        return Response(ExplanationOutput(explanation(access, permission)).data)


def id_in(query: Mapping[str, str], name: str) -> int | None:
    return positive(query, name) if name in query else None
