from django.urls import path

from integrations.api.bots import (
    BotAddApi,
    BotDetailApi,
    BotItselfApi,
    BotListApi,
    BotTokenDetailApi,
    BotTokenListApi,
)
from integrations.api.event_hooks import DeliveryListApi, EventHookDetailApi, EventHookListApi, PingApi
from integrations.api.webhooks import WebhookDetailApi, WebhookListApi, WebhookMessageApi, WebhookTokenApi

urlpatterns = [
    path("bots", BotListApi.as_view(), name="bot-list"),
    path("bots/me", BotItselfApi.as_view(), name="bot-own"),
    path("bots/<id:bot_id>", BotDetailApi.as_view(), name="bot"),
    path("bots/<id:bot_id>/tokens", BotTokenListApi.as_view(), name="bot-token-list"),
    path("bots/<id:bot_id>/tokens/<uuid:token_id>", BotTokenDetailApi.as_view(), name="bot-token"),
    path("servers/<id:server_id>/bots", BotAddApi.as_view(), name="server-bots"),
    path("servers/<id:server_id>/channels/<id:channel_id>/webhooks", WebhookListApi.as_view(), name="webhook-list"),
    path("webhooks/<id:webhook_id>", WebhookDetailApi.as_view(), name="webhook"),
    path("webhooks/<id:webhook_id>/token", WebhookTokenApi.as_view(), name="webhook-token"),
    path("webhooks/<id:webhook_id>/<str:token>", WebhookMessageApi.as_view(), name="webhook-message"),
    path("servers/<id:server_id>/event-hooks", EventHookListApi.as_view(), name="event-hook-list"),
    path("event-hooks/<id:hook_id>", EventHookDetailApi.as_view(), name="event-hook"),
    path("event-hooks/<id:hook_id>/deliveries", DeliveryListApi.as_view(), name="event-hook-deliveries"),
    path("event-hooks/<id:hook_id>/ping", PingApi.as_view(), name="event-hook-ping"),
]
