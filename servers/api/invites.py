"""`/api/invite/**`."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.request import SignedInRequest
from projectvoice.kernel.api import Api, PublicApi
from projectvoice.kernel.errors import TooManyRequests
from servers.access import access_invite, access_server
from servers.api.reason import REASON, because
from servers.errors import AlreadyMember, Banned
from servers.permissions import Permission, Rank
from servers.selectors import invite_list, invite_usable, member_document, server_document
from servers.serializers import AcceptedOutput, InviteInput, InviteMadeOutput, InviteOutput, InvitePageOutput
from servers.services.invites import INVITES_PER_USER, invite_accept, invite_create, invite_delete


class InviteCreateApi(Api):
    @extend_schema(summary="Create an invite", request=InviteInput, responses={201: InviteMadeOutput, 429: TooManyRequests})
    def post(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, need=Permission.CREATE_INSTANT_INVITE, or_rank=Rank.MODERATOR)
        wanted = self.parse(InviteInput)
        INVITES_PER_USER.take(str(request.user.pk))
        invite = invite_create(access=access, **wanted)
        return Response(InviteMadeOutput({"invite": invite}).data, status=201)


class InviteListApi(Api):
    @extend_schema(summary="Invites of a server", responses={200: InviteOutput(many=True)})
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(
            request.user, server_id, need=Permission.CREATE_INSTANT_INVITE, or_rank=Rank.MODERATOR, reading=True
        )
        return Response(InviteOutput(invite_list(access.server), many=True).data)


class InviteDetailApi(Api):
    @extend_schema(summary="Delete an invite", parameters=[REASON], responses={204: None})
    def delete(self, request: SignedInRequest, invite_id: int) -> Response:
        invite, access = access_invite(request.user, invite_id, need=Permission.ADMINISTRATOR, or_rank=Rank.ADMIN)
        invite_delete(access=because(access, request), invite=invite)
        return Response(status=204)


class InvitePageApi(PublicApi):
    @extend_schema(summary="What an invite leads to", responses={200: InvitePageOutput}, auth=[])
    def get(self, request: Request, token: UUID) -> Response:
        return Response(InvitePageOutput(invite_usable(token)).data)


class InviteAcceptApi(Api):
    @extend_schema(summary="Accept an invite", request=None, responses={200: AcceptedOutput, 400: AlreadyMember, 403: Banned})
    def post(self, request: SignedInRequest, token: UUID) -> Response:
        member = invite_accept(token=token, user=request.user)
        answer = {
            "message": "User added to server",
            "member": member_document(member),
            "server": server_document(request.user, member.server_id),
        }
        return Response(answer)
