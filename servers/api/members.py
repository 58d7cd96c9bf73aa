"""`/api/serverMembers/:serverId/**` and `/api/servers/:id/bans/**`."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from projectvoice.kernel.api import Api
from projectvoice.kernel.errors import Text
from projectvoice.kernel.pagination import MAX_LIMIT, page_of
from projectvoice.kernel.schema import paging
from projectvoice.kernel.serializers import NoticeOutput
from servers.access import access_ban, access_member, access_server, access_to_move, require, require_any, require_owner
from servers.api.reason import REASON, because
from servers.errors import BanNotFound, MayNotEnter, OwnerOnly, UserBanned
from servers.permissions import Permission, Rank
from servers.selectors import ban_list, member_document, member_page, server_document
from servers.serializers import (
    BanInput,
    BanOutput,
    MemberInput,
    MemberOutput,
    MemberRoleInput,
    MemberRolesInput,
    MovedOutput,
    MoveInput,
    NewOwnerInput,
    NicknameInput,
    TimeoutInput,
    TransferredOutput,
    VoiceFlagsInput,
)
from servers.services.members import (
    VOICE_NEEDS,
    ban_lift,
    member_appoint,
    member_ban,
    member_create,
    member_kick,
    member_leave,
    member_move,
    member_rename,
    member_time_out,
    member_voice,
    owner_transfer,
)
from servers.services.roles import roles_replace

BANNED = Text("Member banned", "Участник забанен")
MOVED = Text("Member moved", "Участник перемещён")
TRANSFERRED = Text("Owner changed", "Владелец сервера изменён")


class MemberListApi(Api):
    @extend_schema(summary="Members of a server", parameters=paging(MAX_LIMIT), responses={200: MemberOutput(many=True)})
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, reading=True)
        asked = request.query_params.keys() & {"page", "limit"}
        page = page_of(request.query_params, limit=MAX_LIMIT) if asked else None
        return Response(member_page(access.server, page))

    @extend_schema(
        summary="Add a member", parameters=[REASON], request=MemberInput, responses={201: MemberOutput, 403: UserBanned}
    )
    def post(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, need=Permission.MANAGE_GUILD, or_rank=Rank.MODERATOR)
        member = member_create(access=because(access, request), **self.parse(MemberInput))
        return Response(member_document(member), status=201)


class OwnMembershipApi(Api):
    @extend_schema(summary="The caller's membership", operation_id="member_own", responses={200: MemberOutput})
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, reading=True)
        return Response(member_document(access.member))

    @extend_schema(summary="Leave the server", operation_id="member_leave", responses={204: None})
    def delete(self, request: SignedInRequest, server_id: int) -> Response:
        member_leave(member=access_server(request.user, server_id).member)
        return Response(status=204)


class MemberDetailApi(Api):
    @extend_schema(summary="One member", responses={200: MemberOutput})
    def get(self, request: SignedInRequest, server_id: int, member_id: int) -> Response:
        member = access_member(access_server(request.user, server_id, reading=True), member_id)
        return Response(member_document(member))

    @extend_schema(
        summary="Set the member role",
        parameters=[REASON],
        request=MemberRoleInput,
        responses={200: MemberOutput},
    )
    def put(self, request: SignedInRequest, server_id: int, member_id: int) -> Response:
        access = access_server(request.user, server_id)
        member = access_member(access, member_id)
        access = because(require(access, Permission.ADMINISTRATOR, Rank.ADMIN), request)
        member = member_appoint(access=access, member=member, **self.parse(MemberRoleInput))
        return Response(member_document(member))

    @extend_schema(
        summary="Set or take away the nickname",
        parameters=[REASON],
        request=NicknameInput,
        responses={200: MemberOutput},
    )
    def patch(self, request: SignedInRequest, server_id: int, member_id: int) -> Response:
        access = access_server(request.user, server_id)
        member = access_member(access, member_id)
        own = member == access.member
        access = because(require(access, Permission.CHANGE_NICKNAME if own else Permission.MANAGE_NICKNAMES), request)
        member = member_rename(access=access, member=member, **self.parse(NicknameInput))
        return Response(member_document(member))

    @extend_schema(
        summary="Kick a member, or leave",
        parameters=[REASON],
        responses={204: None},
        description="Kick a member, or leave if the membership is one's own.",
    )
    def delete(self, request: SignedInRequest, server_id: int, member_id: int) -> Response:
        access = access_server(request.user, server_id)
        member = access_member(access, member_id)
        if member == access.member:
            member_leave(member=member)
        else:
            access = because(require(access, Permission.KICK_MEMBERS, Rank.ADMIN), request)
            member_kick(access=access, member=member)
        return Response(status=204)


class MemberRolesApi(Api):
    @extend_schema(
        summary="Replace the custom roles",
        parameters=[REASON],
        request=MemberRolesInput,
        responses={200: MemberOutput},
    )
    def put(self, request: SignedInRequest, server_id: int, member_id: int) -> Response:
        access = access_server(request.user, server_id)
        member = access_member(access, member_id)
        access = because(require(access, Permission.MANAGE_ROLES), request)
        member = roles_replace(access=access, member=member, **self.parse(MemberRolesInput))
        return Response(member_document(member))


class MemberVoiceApi(Api):
    @extend_schema(
        summary="Mute or deafen in voice channels",
        parameters=[REASON],
        request=VoiceFlagsInput,
        responses={200: MemberOutput},
    )
    def patch(self, request: SignedInRequest, server_id: int, member_id: int) -> Response:
        access = access_server(request.user, server_id)
        member = access_member(access, member_id)
        require_any(access, VOICE_NEEDS.values())
        member = member_voice(access=because(access, request), member=member, **self.parse(VoiceFlagsInput))
        return Response(member_document(member))


class MemberMoveApi(Api):
    @extend_schema(
        summary="Move to a voice channel, or out of calls",
        parameters=[REASON],
        operation_id="member_move",
        request=MoveInput,
        responses={200: MovedOutput, 403: MayNotEnter},
        description="Done by the calls, if the member sits in one of this server; else nothing happens. The channel may be full.",
    )
    def post(self, request: SignedInRequest, server_id: int, member_id: int) -> Response:
        access = access_server(request.user, server_id)
        member = access_member(access, member_id)
        channel_id = self.parse(MoveInput)["channel_id"]
        access = because(access_to_move(access, channel_id), request)
        member_move(access=access, member=member)
        return Response({"message": MOVED.to(request.LANGUAGE_CODE), "userId": member.user_id, "channelId": channel_id})


class MemberTimeoutApi(Api):
    @extend_schema(
        summary="Time a member out",
        parameters=[REASON],
        operation_id="member_timeout",
        request=TimeoutInput,
        responses={200: MemberOutput},
        description="Until `mutedUntil`, at most 28 days ahead, the member only reads. Null ends it.",
    )
    def patch(self, request: SignedInRequest, server_id: int, member_id: int) -> Response:
        access = access_server(request.user, server_id)
        member = access_member(access, member_id)
        access = because(require(access, Permission.MODERATE_MEMBERS, Rank.MODERATOR), request)
        muted_until = self.parse(TimeoutInput)["muted_until"]
        return Response(member_document(member_time_out(access=access, member=member, muted_until=muted_until)))


class OwnerApi(Api):
    @extend_schema(
        summary="Hand the server over",
        parameters=[REASON],
        request=NewOwnerInput,
        responses={200: TransferredOutput, 403: OwnerOnly},
    )
    def post(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id)
        require_owner(access)
        owner_transfer(access=because(access, request), **self.parse(NewOwnerInput))
        server = server_document(request.user, server_id)
        return Response({**server, "message": TRANSFERRED.to(request.LANGUAGE_CODE)})


class MemberBanApi(Api):
    @extend_schema(summary="Ban a member", parameters=[REASON], request=BanInput, responses={200: NoticeOutput})
    def post(self, request: SignedInRequest, server_id: int, member_id: int) -> Response:
        access = access_server(request.user, server_id)
        member = access_member(access, member_id)
        access = require(access, Permission.BAN_MEMBERS)
        expires_at = self.parse(BanInput).get("expires_at")
        member_ban(access=because(access, request), member=member, expires_at=expires_at)
        return Response({"message": BANNED.to(request.LANGUAGE_CODE)})


class BanListApi(Api):
    @extend_schema(summary="Bans of a server", responses={200: BanOutput(many=True)})
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, need=Permission.BAN_MEMBERS, reading=True)
        return Response(BanOutput(ban_list(access.server), many=True).data)


class BanDetailApi(Api):
    @extend_schema(summary="Lift a ban", parameters=[REASON], responses={204: None, 404: BanNotFound})
    def delete(self, request: SignedInRequest, server_id: int, user_id: int) -> Response:
        access = access_server(request.user, server_id, need=Permission.BAN_MEMBERS)
        ban_lift(access=because(access, request), ban=access_ban(access, user_id))
        return Response(status=204)
