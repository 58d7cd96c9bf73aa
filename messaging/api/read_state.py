"""`/api/messages/read`, `/api/messages/unread`."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from messaging.access import access_channel_to_read, channels_readable
from messaging.selectors import unread_list
from messaging.serializers import MessageChannelInput, ReadInput, ReadStateOutput
from messaging.services import channel_read
from projectvoice.kernel.api import Api


class ReadApi(Api):
    @extend_schema(
        summary="Say how far one has read",
        operation_id="messages_read",
        request=ReadInput,
        responses={200: ReadStateOutput},
        description="Never moves backwards: the answer says how far the caller has read.",
    )
    def put(self, request: SignedInRequest) -> Response:
        channel = access_channel_to_read(request.user, self.parse(MessageChannelInput)["channel_id"])
        channel_read(channel=channel, user=request.user, message_id=self.parse(ReadInput)["message_id"])
        return Response(unread_list(request.user, [channel.pk])[0])


class UnreadListApi(Api):
    @extend_schema(
        summary="What is unread",
        operation_id="messages_unread",
        responses={200: ReadStateOutput(many=True)},
        description="The text channels the caller may read, of all his servers but the blocked ones, at most 500; then his "
        "conversations, at most 200.",
    )
    def get(self, request: SignedInRequest) -> Response:
        return Response(unread_list(request.user, channels_readable(request.user)))
