"""`/api/messages/pins`, `/api/messages/:id/pin`."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from messaging.access import access_channel_of, access_message_to_pin
from messaging.api.reason import told
from messaging.selectors import message_pins, message_row
from messaging.serializers import MessageOutput
from messaging.services import message_pin, message_unpin
from projectvoice.kernel.api import Api
from projectvoice.kernel.schema import id_in_query
from servers.api.reason import REASON


class PinListApi(Api):
    @extend_schema(
        summary="Pinned messages of a channel",
        operation_id="messages_pins",
        parameters=[id_in_query("channelId", required=True)],
        responses={200: MessageOutput(many=True)},
        description="The newest pin first.",
    )
    def get(self, request: SignedInRequest) -> Response:
        channel = access_channel_of(request.user, request.query_params.get("channelId"))
        return Response(message_pins(channel.pk, request.user))


class PinApi(Api):
    @extend_schema(summary="Pin a message", parameters=[REASON], request=None, responses={200: MessageOutput})
    def put(self, request: SignedInRequest, message_id: int) -> Response:
        message, entry = access_message_to_pin(request.user, message_id)
        message_pin(entry=told(entry, request), message=message)
        return Response(message_row(message.pk, request.user))

    @extend_schema(summary="Unpin a message", parameters=[REASON], responses={204: None})
    def delete(self, request: SignedInRequest, message_id: int) -> Response:
        message, entry = access_message_to_pin(request.user, message_id)
        message_unpin(entry=told(entry, request), message=message)
        return Response(status=204)
