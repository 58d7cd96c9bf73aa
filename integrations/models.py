"""Bots, webhooks and event hooks. Bots and webhooks are accounts (`User.kind`); what only they have is here."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.models import User
from servers.models import Channel, Server


class Bot(models.Model):
    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="bot")
    is_public = models.BooleanField(default=False)  # others than its owner may add it to their servers

    def __str__(self) -> str:
        return f"bot {self.user_id}"


class Webhook(models.Model):
    """An address that whoever knows it writes to one channel by. Its name and picture are those of its account."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="webhooks")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    digest = models.CharField(max_length=64)  # of the address' token
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"webhook {self.pk}"


class EventHook(models.Model):
    """A receiver of a server's events, told what its maker may see."""

    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="event_hooks")
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    url = models.CharField(max_length=2048)
    kinds = ArrayField(models.CharField(max_length=32))
    secret = models.CharField(max_length=64)  # as it is: it signs
    cursor = models.BigIntegerField()  # the sequence up to which all has arrived
    next_at = models.DateTimeField(null=True)  # when to try; null: nothing waits
    failures = models.PositiveIntegerField(default=0)  # since the last success
    failing_since = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=300, null=True)  # noqa: DJ001 - null: it is on
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(disabled_at__isnull=True), name="event_hook_due"),
        ]

    def __str__(self) -> str:
        return f"event hook {self.pk}"


class Delivery(models.Model):
    """One attempt, whatever came of it. Of each hook the last few are kept."""

    hook = models.ForeignKey(EventHook, on_delete=models.CASCADE, related_name="deliveries")
    at = models.DateTimeField(db_default=Now())
    status = models.PositiveSmallIntegerField(null=True)  # null: no answer
    error = models.CharField(max_length=200, null=True)  # noqa: DJ001 - null: there was an answer
    latency_ms = models.PositiveIntegerField()
    events = models.PositiveIntegerField()
    first_seq = models.BigIntegerField(null=True)  # null: a ping
    last_seq = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"delivery {self.pk} of event hook {self.hook_id}"
