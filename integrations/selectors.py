"""Reads of integrations. Every list is bounded by what may be made."""

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Session, User
from integrations.models import Bot, Delivery, EventHook, Webhook
from integrations.push.deliveries import KEPT
from servers.models import Channel, Server


def bot_list(owner: User) -> QuerySet[Bot]:
    return Bot.objects.filter(user__owner=owner).select_related("user").order_by("pk")


def token_list(bot: Bot) -> QuerySet[Session]:
    return Session.objects.filter(user=bot.user, expires_at__gt=timezone.now()).order_by("created_at", "pk")


def webhook_list(channel: Channel) -> QuerySet[Webhook]:
    return channel.webhooks.select_related("user").order_by("pk")


def event_hook_list(server: Server) -> QuerySet[EventHook]:
    return server.event_hooks.order_by("pk")


def delivery_list(hook: EventHook) -> QuerySet[Delivery]:
    """Newest first."""
    return hook.deliveries.order_by("-pk")[:KEPT]
