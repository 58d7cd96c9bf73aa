"""`/api/dms/**`: direct conversations and groups. Their messages are those of `/api/messages`, by the same id."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from friends.access import access_conversation
from friends.conversations import (
    CONVERSATIONS_PER_USER,
    direct_open,
    group_create,
    group_rename,
    participant_add,
    participant_remove,
)
from friends.serializers import ConversationOutput, DirectInput, GroupInput, GroupRenameInput
from messaging.conversations import conversation_document, conversation_list
from projectvoice.kernel.api import Api
from projectvoice.kernel.errors import TooManyRequests


class ConversationListApi(Api):
    @extend_schema(
        operation_id="dms_list",
        summary="List one's conversations",
        responses={200: ConversationOutput(many=True)},
        description="Those the caller takes part in, the newest activity first; at most 200.",
    )
    def get(self, request: SignedInRequest) -> Response:
        return Response(conversation_list(request.user))

    @extend_schema(
        operation_id="dms_open",
        summary="Open a direct conversation",
        request=DirectInput,
        responses={200: ConversationOutput, 201: ConversationOutput, 429: TooManyRequests},
        description="The one conversation with this friend, or with somebody of a server the caller is in too.",
    )
    def post(self, request: SignedInRequest) -> Response:
        fields = self.parse(DirectInput)
        CONVERSATIONS_PER_USER.take(str(request.user.pk))
        direct, is_new = direct_open(user=request.user, **fields)
        if not is_new:
            CONVERSATIONS_PER_USER.give_back(str(request.user.pk))
        return Response(conversation_document(request.user, direct.pk), status=201 if is_new else 200)


class GroupListApi(Api):
    @extend_schema(
        operation_id="dms_group_create",
        summary="Make a group",
        request=GroupInput,
        responses={201: ConversationOutput, 429: TooManyRequests},
        description="Of friends of the caller's, ten people at most with him.",
    )
    def post(self, request: SignedInRequest) -> Response:
        fields = self.parse(GroupInput)
        CONVERSATIONS_PER_USER.take(str(request.user.pk))
        group = group_create(user=request.user, **fields)
        return Response(conversation_document(request.user, group.pk), status=201)


class ConversationDetailApi(Api):
    @extend_schema(operation_id="dms_get", summary="Read a conversation", responses={200: ConversationOutput})
    def get(self, request: SignedInRequest, channel_id: int) -> Response:
        access_conversation(request.user, channel_id)
        return Response(conversation_document(request.user, channel_id))

    @extend_schema(
        operation_id="dms_rename", summary="Name a group", request=GroupRenameInput, responses={200: ConversationOutput}
    )
    def put(self, request: SignedInRequest, channel_id: int) -> Response:
        conversation = access_conversation(request.user, channel_id)
        group_rename(conversation=conversation, user=request.user, **self.parse(GroupRenameInput))
        return Response(conversation_document(request.user, channel_id))


class ParticipantApi(Api):
    @extend_schema(
        operation_id="dms_participant_add",
        summary="Add somebody to a group",
        request=None,
        responses={200: ConversationOutput},
        description="A friend of the caller's joins the group.",
    )
    def put(self, request: SignedInRequest, channel_id: int, user_id: int) -> Response:
        conversation = access_conversation(request.user, channel_id)
        participant_add(conversation=conversation, user=request.user, user_id=user_id)
        return Response(conversation_document(request.user, channel_id))

    @extend_schema(
        operation_id="dms_participant_remove",
        summary="Leave a group, or remove somebody",
        responses={204: None},
        description="The caller leaves the group, or its owner removes somebody. The last one takes it along.",
    )
    def delete(self, request: SignedInRequest, channel_id: int, user_id: int) -> Response:
        conversation = access_conversation(request.user, channel_id)
        participant_remove(conversation=conversation, user=request.user, user_id=user_id)
        return Response(status=204)
