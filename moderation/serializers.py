"""Shapes of the admin panel on the wire. No password hash is in any of them."""

from rest_framework import serializers

from accounts.models import GlobalRole, Status
from projectvoice.kernel.serializers import BooleanField, CamelSerializer, ChoiceField, DateTimeField, IntegerField, TextField


class ReasonInput(CamelSerializer):
    reason = TextField(min_length=3, max_length=500)


class UserChangeInput(CamelSerializer):
    role = ChoiceField(choices=GlobalRole.choices, required=False)
    is_active = BooleanField(required=False)


class NamedUserOutput(CamelSerializer):
    id = IntegerField()
    username = serializers.CharField()


class BlockOutput(CamelSerializer):
    blocked_at = DateTimeField(allow_null=True)
    blocked_by = IntegerField(source="blocked_by_id", allow_null=True)
    block_reason = serializers.CharField(allow_null=True)
    blocked_by_user = NamedUserOutput(source="blocked_by", allow_null=True)


class AdminUserOutput(BlockOutput):
    """Wants a user of moderation.selectors.user_rows."""

    id = IntegerField()
    username = serializers.CharField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=GlobalRole.choices)
    is_active = BooleanField()
    profile_picture = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=Status.choices)
    tag = serializers.CharField()
    server_count = IntegerField(help_text="Servers the user is a member of")
    created_at = DateTimeField()
    updated_at = DateTimeField()


class AdminUserChangedOutput(AdminUserOutput):
    message = serializers.CharField()
    user = AdminUserOutput(source="*")


class AdminServerOutput(BlockOutput):
    """Wants a server of moderation.selectors.server_rows."""

    id = IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_null=True)
    icon = serializers.CharField(allow_null=True)
    owner_id = IntegerField()
    owner = NamedUserOutput()
    member_count = IntegerField()
    channel_count = IntegerField()
    is_blocked = BooleanField()
    created_at = DateTimeField()
    updated_at = DateTimeField()


class AdminServerChangedOutput(AdminServerOutput):
    message = serializers.CharField()
    server = AdminServerOutput(source="*")


class PagedOutput(CamelSerializer):
    total = IntegerField()
    page = IntegerField()
    limit = IntegerField()
    total_pages = IntegerField()


class AdminUserListOutput(PagedOutput):
    users = AdminUserOutput(many=True)


class AdminServerListOutput(PagedOutput):
    servers = AdminServerOutput(many=True)


class AuditEntryOutput(CamelSerializer):
    id = IntegerField(source="sequence")
    at = DateTimeField()
    actor_id = IntegerField(source="actor_number", allow_null=True)
    actor_name = serializers.CharField()
    action = serializers.CharField()
    target_type = serializers.CharField()
    target_id = IntegerField()
    target_name = serializers.CharField()
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    address = serializers.CharField(allow_null=True)
    hash = serializers.CharField()


class CheckpointOutput(CamelSerializer):
    """The instance's signature under the log: entry `sequence` had this hash, and with it all before it."""

    sequence = IntegerField()
    hash = serializers.CharField()
    at = DateTimeField()
    key_id = serializers.CharField()
    signature = serializers.CharField()


class LogsOutput(PagedOutput):
    """`system`, `errors` and `access` are what the web client shows; the instance keeps only the first of them."""

    system = serializers.CharField(help_text="The same entries as lines of text")
    errors = serializers.CharField()  # type: ignore[assignment]  # a field here, not what the base class means by it
    access = serializers.CharField()
    logs = AuditEntryOutput(many=True)
    checkpoint = CheckpointOutput(allow_null=True, help_text="The newest one")


class UserRoleStatsOutput(serializers.Serializer[dict[str, int]]):
    admin = IntegerField()
    moderator = IntegerField()
    user = IntegerField()


class UserStatsOutput(CamelSerializer):
    total = IntegerField()
    active = IntegerField()
    blocked = IntegerField()
    by_role = UserRoleStatsOutput()


class ServerStatsOutput(CamelSerializer):
    total = IntegerField()
    active = IntegerField()
    blocked = IntegerField()
    with_channels = IntegerField()


class ChannelStatsOutput(CamelSerializer):
    total = IntegerField()
    text = IntegerField()
    voice = IntegerField()


class MessageStatsOutput(CamelSerializer):
    total = IntegerField()
    today = IntegerField()


class StatsOutput(CamelSerializer):
    users = UserStatsOutput()
    servers = ServerStatsOutput()
    channels = ChannelStatsOutput()
    messages = MessageStatsOutput()
