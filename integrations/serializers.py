"""Shapes of bots, webhooks and event hooks on the wire."""

from datetime import datetime

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.bots import NEVER
from accounts.models import Session
from accounts.scopes import SCOPES
from accounts.serializers import UsernameField
from events.words import KINDS, Audience
from integrations.models import EventHook
from messaging.models import CONTENT_LENGTH
from projectvoice.kernel.serializers import (
    MAX_ID,
    BooleanField,
    CamelSerializer,
    ChoiceField,
    DateTimeField,
    IntegerField,
    LinkField,
    TextField,
    iso,
)

NAME_LENGTH = 25
PUSHED = sorted(name for name, kind in KINDS.items() if kind.audience in {Audience.SERVER, Audience.CHANNEL})
SCOPE_HELP = "; ".join(f"`{name}`: {what[0].lower()}{what[1:]}" for name, what in SCOPES.items())


class BotInput(CamelSerializer):
    username = UsernameField()
    is_public = BooleanField(required=False, help_text="Others may add it to their servers")
    profile_picture = LinkField(required=False, allow_null=True, allow_blank=True)
    bio = TextField(required=False, allow_null=True, allow_blank=True, max_length=500)


class BotTokenInput(CamelSerializer):
    name = TextField(max_length=80)
    scopes = serializers.ListField(
        child=ChoiceField(choices=list(SCOPES)), allow_empty=False, max_length=20, help_text=SCOPE_HELP
    )
    expires_at = DateTimeField(required=False, allow_null=True)


class BotAddInput(CamelSerializer):
    bot_id = IntegerField(min_value=1, max_value=MAX_ID)
    role_ids = serializers.ListField(
        child=IntegerField(min_value=1, max_value=MAX_ID), max_length=250, required=False, help_text="Needs MANAGE_ROLES"
    )


class BotOutput(CamelSerializer):
    """`id` is that of its account."""

    id = IntegerField(source="pk")
    username = serializers.CharField(source="user.username")
    owner_id = IntegerField(source="user.owner_id")
    is_public = BooleanField()
    is_bot = BooleanField(source="user.is_bot")
    profile_picture = serializers.CharField(source="user.profile_picture", allow_null=True)
    bio = serializers.CharField(source="user.bio", allow_null=True)
    created_at = DateTimeField(source="user.created_at")


class BotItselfOutput(BotOutput):
    """`scopes` are those of the token that asks."""

    scopes = serializers.ListField(child=serializers.CharField())


class BotTokenOutput(CamelSerializer):
    """`expiresAt` null: it holds until it is revoked."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    created_at = DateTimeField()
    last_seen_at = DateTimeField()
    expires_at = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "format": "date-time", "nullable": True})
    def get_expires_at(self, session: Session) -> str | None:
        expires_at: datetime = session.expires_at
        return None if expires_at == NEVER else iso(expires_at)


class BotTokenMadeOutput(BotTokenOutput):
    """`token` is shown this once."""

    token = serializers.CharField()


class WebhookInput(CamelSerializer):
    name = TextField(max_length=NAME_LENGTH)
    avatar_url = LinkField(required=False, allow_null=True, allow_blank=True)


class WebhookMessageInput(CamelSerializer):
    """`username` and `avatarUrl` stand above this one message instead of the webhook's own."""

    content = TextField(max_length=CONTENT_LENGTH)
    username = TextField(required=False, allow_null=True, max_length=NAME_LENGTH)
    avatar_url = LinkField(required=False, allow_null=True, allow_blank=True)


class WebhookOutput(CamelSerializer):
    """`userId` is its account, whose messages it writes."""

    id = IntegerField()
    name = serializers.CharField(source="user.username")
    avatar_url = serializers.CharField(source="user.profile_picture", allow_null=True)
    channel_id = IntegerField()
    user_id = IntegerField()
    created_by = IntegerField(source="created_by_id", allow_null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()


class WebhookMadeOutput(WebhookOutput):
    """`token` and `url`, a path on this instance, are shown this once."""

    token = serializers.CharField()
    url = serializers.CharField()


class EventHookInput(CamelSerializer):
    url = LinkField()
    kinds = serializers.ListField(child=ChoiceField(choices=PUSHED), allow_empty=False, max_length=100)


class EventHookChangeInput(CamelSerializer):
    url = LinkField(required=False)
    kinds = serializers.ListField(child=ChoiceField(choices=PUSHED), allow_empty=False, max_length=100, required=False)
    is_enabled = BooleanField(required=False)


class EventHookOutput(CamelSerializer):
    """`disabledReason` says why it is off. `failures` since the last success."""

    id = IntegerField()
    server_id = IntegerField()
    created_by = IntegerField(source="created_by_id")
    url = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    is_enabled = serializers.SerializerMethodField()
    disabled_at = DateTimeField(allow_null=True)
    disabled_reason = serializers.CharField(allow_null=True)
    failures = IntegerField()
    failing_since = DateTimeField(allow_null=True)
    next_at = DateTimeField(allow_null=True, help_text="When what waits is tried again")
    created_at = DateTimeField()

    def get_is_enabled(self, hook: EventHook) -> bool:
        return hook.disabled_at is None


class EventHookMadeOutput(EventHookOutput):
    """`secret` signs what is pushed, and is shown this once."""

    secret = serializers.CharField()


class DeliveryOutput(CamelSerializer):
    """`status` null: there was no answer, and `error` says why. `firstSeq` null: a ping."""

    id = IntegerField()
    at = DateTimeField()
    status = IntegerField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    latency_ms = IntegerField()
    events = IntegerField()
    first_seq = IntegerField(allow_null=True)
    last_seq = IntegerField(allow_null=True)


class PingOutput(CamelSerializer):
    status = IntegerField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    latency_ms = IntegerField()
