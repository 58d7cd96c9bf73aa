"""`…/channels/:channelId/webhooks`, `/api/webhooks/**`."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.request import SignedInRequest
from integrations.access import NEED, access_webhook, access_webhook_by_token
from integrations.models import Webhook
from integrations.selectors import webhook_list
from integrations.serializers import WebhookInput, WebhookMadeOutput, WebhookMessageInput, WebhookOutput
from integrations.services.webhooks import (
    MESSAGES_PER_WEBHOOK,
    webhook_create,
    webhook_delete,
    webhook_post,
    webhook_rotate,
    webhook_update,
)
from messaging.selectors import message_row
from messaging.serializers import MessageOutput
from projectvoice.kernel.api import Api, PublicApi
from projectvoice.kernel.errors import TooManyRequests
from servers.access import access_channel
from servers.api.reason import REASON, because

WAIT = OpenApiParameter("wait", {"type": "boolean", "default": False}, description="Answer with the message")


def made(webhook: Webhook, token: str) -> dict[str, Any]:
    return {**WebhookOutput(webhook).data, "token": token, "url": f"/api/webhooks/{webhook.pk}/{token}"}


class WebhookListApi(Api):
    @extend_schema(summary="Webhooks of a channel", operation_id="webhooks_list", responses={200: WebhookOutput(many=True)})
    def get(self, request: SignedInRequest, server_id: int, channel_id: int) -> Response:
        channel, _ = access_channel(request.user, channel_id, server_id=server_id, need=NEED)
        return Response(WebhookOutput(webhook_list(channel), many=True).data)

    @extend_schema(
        summary="Make a webhook",
        operation_id="webhooks_create",
        parameters=[REASON],
        request=WebhookInput,
        responses={201: WebhookMadeOutput},
        description="Whoever knows its address writes in the channel.",
    )
    def post(self, request: SignedInRequest, server_id: int, channel_id: int) -> Response:
        _, access = access_channel(request.user, channel_id, server_id=server_id, need=NEED)
        return Response(made(*webhook_create(access=because(access, request), **self.parse(WebhookInput))), status=201)


class WebhookDetailApi(Api):
    @extend_schema(summary="One webhook", responses={200: WebhookOutput})
    def get(self, request: SignedInRequest, webhook_id: int) -> Response:
        return Response(WebhookOutput(access_webhook(request.user, webhook_id)[0]).data)

    @extend_schema(
        summary="Change a webhook", parameters=[REASON], request=WebhookInput(partial=True), responses={200: WebhookOutput}
    )
    def put(self, request: SignedInRequest, webhook_id: int) -> Response:
        webhook, access = access_webhook(request.user, webhook_id)
        changes = self.parse(WebhookInput, partial=True)
        return Response(WebhookOutput(webhook_update(access=because(access, request), webhook=webhook, **changes)).data)

    @extend_schema(
        summary="Delete a webhook",
        parameters=[REASON],
        responses={204: None},
        description="Its messages stay without an author.",
    )
    def delete(self, request: SignedInRequest, webhook_id: int) -> Response:
        webhook, access = access_webhook(request.user, webhook_id)
        webhook_delete(access=because(access, request), webhook=webhook)
        return Response(status=204)


class WebhookTokenApi(Api):
    @extend_schema(
        summary="Give a webhook a new address",
        operation_id="webhook_rotate",
        parameters=[REASON],
        request=None,
        responses={200: WebhookMadeOutput},
        description="The one before is good for nothing from now on.",
    )
    def post(self, request: SignedInRequest, webhook_id: int) -> Response:
        webhook, access = access_webhook(request.user, webhook_id)
        return Response(made(*webhook_rotate(access=because(access, request), webhook=webhook)))


class WebhookMessageApi(PublicApi):
    @extend_schema(
        summary="Write a message by a webhook",
        operation_id="webhook_message",
        parameters=[WAIT],
        request=WebhookMessageInput,
        responses={200: MessageOutput, 204: None, 429: TooManyRequests},
        description="No token but that of the address. At most 30 in a minute.",
    )
    def post(self, request: Request, webhook_id: int, token: str) -> Response:
        webhook = access_webhook_by_token(webhook_id, token)
        fields = self.parse(WebhookMessageInput)
        MESSAGES_PER_WEBHOOK.take(str(webhook.pk))
        message = webhook_post(webhook=webhook, **fields)
        if request.query_params.get("wait") != "true":
            return Response(status=204)
        return Response(message_row(message.pk, webhook.user))
