"""The doors to bots, webhooks and event hooks. Exists (404), then what servers/access.py asks (403)."""

from hmac import compare_digest

from accounts.models import User
from accounts.tokens import digest_of
from integrations.errors import BotNotFound, EventHookNotFound, WebhookNotFound
from integrations.models import Bot, EventHook, Webhook
from servers.access import Access, access_channel, access_server
from servers.errors import ServerBlocked
from servers.permissions import Permission

NEED = Permission.MANAGE_WEBHOOKS


def access_bot(user: User, bot_id: int) -> Bot:
    """One's own. Others do not learn that it exists."""
    bot = Bot.objects.select_related("user").filter(pk=bot_id, user__owner=user).first()
    if bot is None:
        raise BotNotFound
    return bot


def access_bot_to_add(user: User, bot_id: int) -> Bot:
    """One's own, or a public one."""
    bot = Bot.objects.select_related("user").filter(pk=bot_id, user__is_active=True).first()
    if bot is None or not (bot.is_public or bot.user.owner_id == user.pk):
        raise BotNotFound
    return bot


def access_bot_itself(user: User) -> Bot:
    bot = Bot.objects.select_related("user").filter(pk=user.pk).first()
    if bot is None:
        raise BotNotFound
    return bot


def access_webhook(user: User, webhook_id: int) -> tuple[Webhook, Access]:
    webhook = Webhook.objects.select_related("user").filter(pk=webhook_id).first()
    if webhook is None:
        raise WebhookNotFound
    webhook.channel, access = access_channel(user, webhook.channel_id, need=NEED)
    return webhook, access


def access_webhook_by_token(webhook_id: int, token: str) -> Webhook:
    """For whoever knows its address; that the token is wrong looks as if there were no webhook."""
    webhook = Webhook.objects.select_related("user", "created_by", "channel__server").filter(pk=webhook_id).first()
    if webhook is None or not compare_digest(webhook.digest, digest_of(token)):
        raise WebhookNotFound
    if webhook.channel.server is None or not webhook.user.is_active:
        raise WebhookNotFound
    if webhook.channel.server.is_blocked:
        raise ServerBlocked  # without the reason: strangers read this
    return webhook


def access_event_hook(user: User, hook_id: int) -> tuple[EventHook, Access]:
    hook = EventHook.objects.filter(pk=hook_id).first()
    if hook is None:
        raise EventHookNotFound
    return hook, access_server(user, hook.server_id, need=NEED)
