"""`/api/serverMembers/:serverId/members/**` and `/api/servers/:id/bans/**`."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from projectvoice.kernel.api import Api
from projectvoice.kernel.errors import Text
from projectvoice.kernel.pagination import MAX_LIMIT, page_of
from projectvoice.kernel.serializers import NoticeOutput
from servers.access import access_ban, access_member, access_server, require
from servers.permissions import Permission, Rank
from servers.selectors import ban_list, member_page, with_presets
from servers.serializers import BanInput, BanOutput, MemberOutput
from servers.services.members import ban_lift, member_ban, member_kick, member_leave

BANNED = Text("Member banned", "Участник забанен")
PAGING = [OpenApiParameter("page", int), OpenApiParameter("limit", int)]


class MemberListApi(Api):
    @extend_schema(parameters=PAGING, responses={200: MemberOutput(many=True)})
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, reading=True)
        asked = request.query_params.keys() & {"page", "limit"}
        page = page_of(request.query_params, limit=MAX_LIMIT) if asked else None
        return Response(MemberOutput(member_page(access.server, page), many=True).data)


class OwnMembershipApi(Api):
    @extend_schema(operation_id="member_own", responses={200: MemberOutput})
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, reading=True)
        return Response(MemberOutput(with_presets([access.member])[0]).data)

    @extend_schema(operation_id="member_leave", responses={204: None}, description="Leave the server.")
    def delete(self, request: SignedInRequest, server_id: int) -> Response:
        member_leave(member=access_server(request.user, server_id).member)
        return Response(status=204)


class MemberDetailApi(Api):
    @extend_schema(responses={200: MemberOutput})
    def get(self, request: SignedInRequest, server_id: int, member_id: int) -> Response:
        member = access_member(access_server(request.user, server_id, reading=True), member_id)
        return Response(MemberOutput(with_presets([member])[0]).data)

    @extend_schema(responses={204: None}, description="Kick a member, or leave if the membership is one's own.")
    def delete(self, request: SignedInRequest, server_id: int, member_id: int) -> Response:
        access = access_server(request.user, server_id)
        member = access_member(access, member_id)
        if member == access.member:
            member_leave(member=member)
        else:
            require(access, Permission.KICK_MEMBERS, Rank.ADMIN)
            member_kick(access=access, member=member)
        return Response(status=204)


class MemberBanApi(Api):
    @extend_schema(request=BanInput, responses={200: NoticeOutput})
    def post(self, request: SignedInRequest, server_id: int, member_id: int) -> Response:
        access = access_server(request.user, server_id)
        member = access_member(access, member_id)
        require(access, Permission.BAN_MEMBERS)
        member_ban(access=access, member=member, **self.parse(BanInput))
        return Response({"message": BANNED.to(request.LANGUAGE_CODE)})


class BanListApi(Api):
    @extend_schema(responses={200: BanOutput(many=True)})
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, need=Permission.BAN_MEMBERS, reading=True)
        return Response(BanOutput(ban_list(access.server), many=True).data)


class BanDetailApi(Api):
    @extend_schema(responses={204: None})
    def delete(self, request: SignedInRequest, server_id: int, user_id: int) -> Response:
        ban_lift(ban=access_ban(access_server(request.user, server_id, need=Permission.BAN_MEMBERS), user_id))
        return Response(status=204)
