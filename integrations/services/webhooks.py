"""Writes of webhooks, and of what they say."""

import secrets
from functools import partial
from typing import Any

from django.db import transaction

from accounts.bots import webhook_register
from accounts.models import Kind, User
from accounts.services import account_save, users_stay
from accounts.tokens import digest_of
from audit.services import Target
from integrations.errors import WebhookNotFound
from integrations.models import Webhook
from messaging.access import access_channel_for_writing
from messaging.errors import NotATextChannel
from messaging.mentions import NOBODY, Named, named_in
from messaging.models import Message
from messaging.services import message_create
from projectvoice.kernel.errors import DomainError
from projectvoice.kernel.limits import Limit
from servers.access import Access
from servers.errors import ChannelNotFound, TooMany
from servers.journal import record, state_of
from servers.models import Channel, ChannelType
from servers.services.servers import access_locked

WEBHOOKS_PER_CHANNEL = 15
MESSAGES_PER_WEBHOOK = Limit("webhook", most=30, window=60)
PROFILE = {"name": "username", "avatar_url": "profile_picture"}


@transaction.atomic
def webhook_create(*, access: Access, name: str, avatar_url: str | None = None) -> tuple[Webhook, str]:
    """The row, and the token of its address, which is told once."""
    access = access_locked(access)
    channel = _channel(access)
    if channel.type != ChannelType.TEXT:
        raise NotATextChannel
    if channel.webhooks.count() >= WEBHOOKS_PER_CHANNEL:
        raise TooMany(WEBHOOKS_PER_CHANNEL)
    token = secrets.token_urlsafe(32)
    user = webhook_register(name=name, picture=avatar_url or None)
    webhook = Webhook.objects.create(user=user, channel=channel, created_by=access.member.user, digest=digest_of(token))
    record(access, "webhook.create", _target(webhook), after={"channel_id": channel.pk})
    return webhook, token


@transaction.atomic
def webhook_update(*, access: Access, webhook: Webhook, **changes: str | None) -> Webhook:
    access = access_locked(access)
    webhook = _held(webhook)
    before = state_of(webhook.user, *PROFILE.values())
    for name in changes.keys() & PROFILE.keys():
        setattr(webhook.user, PROFILE[name], changes[name] or None)
    account_save(webhook.user)
    webhook.save()
    after = state_of(webhook.user, *PROFILE.values())
    if after != before:
        record(access, "webhook.update", _target(webhook), before=before, after=after)
    return webhook


@transaction.atomic
def webhook_rotate(*, access: Access, webhook: Webhook) -> tuple[Webhook, str]:
    """A new token; the one before is good for nothing from now on. Of two at once the later one counts."""
    access = access_locked(access)
    webhook = _held(webhook)
    token = secrets.token_urlsafe(32)
    webhook.digest = digest_of(token)
    webhook.save()
    record(access, "webhook.rotate", _target(webhook))
    return webhook, token


@transaction.atomic
def webhook_delete(*, access: Access, webhook: Webhook) -> None:
    """Its messages stay without an author."""
    access = access_locked(access)
    webhook = _held(webhook)
    target = _target(webhook)
    webhook.delete()  # its account goes after it
    record(access, "webhook.delete", target, before={"channel_id": webhook.channel_id})


@transaction.atomic
def webhook_post(*, webhook: Webhook, content: str, username: str | None = None, avatar_url: str | None = None) -> Message:
    """Slow mode does not hold it up: its own limit does. It names whom its maker could name there now."""
    named = _named(webhook, content)
    users_stay(webhook.user_id, *named.user_ids)
    try:
        message, _ = message_create(channel=webhook.channel, user=webhook.user, content=content, named=named)
    except ChannelNotFound as error:  # or the webhook went, and its account
        raise WebhookNotFound from error
    if username or avatar_url:
        Message.objects.filter(pk=message.pk).update(shown_name=username or None, shown_picture=avatar_url or None)
    return message


def account_follows(instance: Webhook, **_: Any) -> None:
    """However a webhook goes, by itself or with its channel or server: its account after it. Not at once: who writes in its name
    holds the account, and waits for the channel.
    """
    account = User.objects.filter(pk=instance.user_id, kind=Kind.WEBHOOK)
    transaction.on_commit(partial(account.delete))


def _named(webhook: Webhook, content: str) -> Named:
    maker = webhook.created_by
    if maker is None or not maker.is_active:
        return NOBODY
    try:
        return named_in(content, access_channel_for_writing(maker, webhook.channel_id), webhook.user_id)
    except DomainError:  # he may not write there himself
        return NOBODY


def _channel(access: Access) -> Channel:
    if access.channel is None:
        raise TypeError("the door of a channel is needed")
    return access.channel


def _held(webhook: Webhook) -> Webhook:
    held = Webhook.objects.select_for_update(of=("self",)).select_related("user").filter(pk=webhook.pk).first()
    if held is None:
        raise WebhookNotFound
    return held


def _target(webhook: Webhook) -> Target:
    return Target("webhook", webhook.pk, webhook.user.username)
