"""`/api/friends/**`."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from accounts.selectors import user_by_handle
from friends.errors import BlockNotFound
from friends.selectors import blocked_list, friend_list, request_list_incoming, request_list_outgoing, request_to
from friends.serializers import (
    FriendOutput,
    FriendRequestInput,
    FriendRequestListOutput,
    FriendRequestSentOutput,
    PersonOutput,
)
from friends.services import REQUESTS_PER_USER, block_create, block_lift, friend_remove, request_accept, request_send
from projectvoice.kernel.api import Api
from projectvoice.kernel.errors import Text, TooManyRequests
from projectvoice.kernel.serializers import NoticeOutput

SENT = Text("Friend request sent.", "Запрос в друзья отправлен.")
ACCEPTED = Text("Friend request accepted.", "Запрос в друзья принят.")
REMOVED = Text("Friend removed or request declined.", "Друг удален или запрос отклонен.")
BLOCKED = Text("User blocked.", "Пользователь заблокирован.")


class FriendListApi(Api):
    @extend_schema(summary="Friends of the caller", operation_id="friend_list", responses={200: FriendOutput(many=True)})
    def get(self, request: SignedInRequest) -> Response:
        return Response(FriendOutput(friend_list(request.user), many=True).data)


class FriendRequestListApi(Api):
    @extend_schema(
        summary="Requests to and from the caller", operation_id="friend_request_list", responses={200: FriendRequestListOutput}
    )
    def get(self, request: SignedInRequest) -> Response:
        lists = {"incoming": request_list_incoming(request.user), "outgoing": request_list_outgoing(request.user)}
        return Response(FriendRequestListOutput(lists).data)


class FriendRequestApi(Api):
    @extend_schema(
        summary="Ask somebody to be friends",
        operation_id="friend_request_send",
        request=FriendRequestInput,
        responses={201: FriendRequestSentOutput, 429: TooManyRequests},
    )
    def post(self, request: SignedInRequest) -> Response:
        fields = self.parse(FriendRequestInput)
        REQUESTS_PER_USER.take(str(request.user.pk))
        friend_id = fields.get("friend_id") or user_by_handle(fields["username"]).pk
        sent = {"message": SENT.to(request.LANGUAGE_CODE), "request": request_send(user=request.user, friend_id=friend_id)}
        return Response(FriendRequestSentOutput(sent).data, status=201)


class FriendAcceptApi(Api):
    @extend_schema(
        summary="Accept a request", operation_id="friend_request_accept", request=None, responses={200: NoticeOutput}
    )
    def post(self, request: SignedInRequest, request_id: int) -> Response:
        request_accept(user=request.user, request=request_to(request.user, request_id))
        return Response({"message": ACCEPTED.to(request.LANGUAGE_CODE)})


class FriendDetailApi(Api):
    @extend_schema(
        summary="Remove a friend, or decline a request",
        operation_id="friend_remove",
        responses={200: NoticeOutput},
        description="Decline or withdraw the request with this id, else end the friendship with the user of this id, "
        "else lift one's own block of him.",
    )
    def delete(self, request: SignedInRequest, id: int) -> Response:
        friend_remove(user=request.user, id=id)
        return Response({"message": REMOVED.to(request.LANGUAGE_CODE)})


class BlockedListApi(Api):
    @extend_schema(
        summary="People the caller has blocked", operation_id="friend_blocked_list", responses={200: PersonOutput(many=True)}
    )
    def get(self, request: SignedInRequest) -> Response:
        return Response(PersonOutput(blocked_list(request.user), many=True).data)


class BlockApi(Api):
    @extend_schema(summary="Block somebody", operation_id="friend_block", request=None, responses={200: NoticeOutput})
    def post(self, request: SignedInRequest, user_id: int) -> Response:
        block_create(user=request.user, target_id=user_id)
        return Response({"message": BLOCKED.to(request.LANGUAGE_CODE)})

    @extend_schema(summary="Lift a block", operation_id="friend_unblock", responses={204: None, 404: BlockNotFound})
    def delete(self, request: SignedInRequest, user_id: int) -> Response:
        block_lift(user=request.user, target_id=user_id)
        return Response(status=204)
