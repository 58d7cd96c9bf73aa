"""Shapes of the admin panel and of reports on the wire. No password hash is in any of them."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import GlobalRole, Status
from audit.serializers import AuditEntryOutput
from moderation.models import APPEAL_LENGTH, REASON_LENGTH, Category, Decision, ReportStatus, ReportTarget
from projectvoice.kernel.serializers import (
    MAX_ID,
    BooleanField,
    CamelSerializer,
    ChoiceField,
    DateTimeField,
    IntegerField,
    TextField,
)


class ReasonInput(CamelSerializer):
    reason = TextField(min_length=3, max_length=REASON_LENGTH)


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
    is_bot = BooleanField()
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


class RelayUsageOutput(CamelSerializer):
    """Of application data, headers not counted."""

    packets_up = IntegerField()
    bytes_up = IntegerField()
    packets_down = IntegerField()
    bytes_down = IntegerField()


class RelayUserOutput(RelayUsageOutput):
    """Wants a row of moderation.selectors.relay_usage."""

    id = IntegerField(source="user_id")
    username = serializers.CharField(source="user__username")


class RelayUsageListOutput(PagedOutput):
    days = IntegerField()
    since = serializers.DateField(help_text="The first of these days, UTC")
    totals = RelayUsageOutput()
    users = RelayUserOutput(many=True)


class ReportTargetInput(CamelSerializer):
    target_type = ChoiceField(choices=ReportTarget.choices)
    target_id = IntegerField(min_value=1, max_value=MAX_ID)


class ReportInput(CamelSerializer):
    category = ChoiceField(choices=Category.choices, default=Category.OTHER)
    reason = TextField(min_length=3, max_length=REASON_LENGTH)


class ReportCreateInput(ReportTargetInput, ReportInput):
    pass


class AppealInput(CamelSerializer):
    text = TextField(min_length=3, max_length=APPEAL_LENGTH)


class DecisionInput(ReasonInput):
    decision = ChoiceField(choices=Decision.choices)


class DecidedOutput(CamelSerializer):
    """What whoever is concerned may read of a report."""

    id = IntegerField()
    target_type = serializers.ChoiceField(choices=ReportTarget.choices)
    target_id = IntegerField()
    category = serializers.ChoiceField(choices=Category.choices)
    status = serializers.ChoiceField(choices=ReportStatus.choices)
    decision = serializers.ChoiceField(choices=Decision.choices, allow_null=True)
    decision_reason = serializers.CharField(allow_null=True)
    decided_at = DateTimeField(allow_null=True)


class ReportOutput(DecidedOutput):
    reason = serializers.CharField()
    created_at = DateTimeField()


@extend_schema_field(OpenApiTypes.DATETIME)
class KeptMomentField(serializers.CharField):
    """A moment as the evidence keeps it: text already."""


class KeptMessageOutput(CamelSerializer):
    id = IntegerField()
    content = serializers.CharField()
    channel_id = IntegerField()
    channel_name = serializers.CharField(allow_null=True)
    server_id = IntegerField(allow_null=True)
    server_name = serializers.CharField(allow_null=True)
    created_at = KeptMomentField()
    edited_at = KeptMomentField(allow_null=True)


class ReportAgainstMeOutput(DecidedOutput):
    """`message` is one's own, as it was when it was reported. Nothing tells who reported it."""

    appeal = serializers.CharField(allow_null=True)
    appealed_at = DateTimeField(allow_null=True)
    message = KeptMessageOutput(source="evidence.message", allow_null=True)


class KeptRevisionOutput(CamelSerializer):
    content = serializers.CharField()
    edited_by = IntegerField(allow_null=True)
    created_at = KeptMomentField()


class KeptContextOutput(CamelSerializer):
    id = IntegerField()
    content = serializers.CharField()
    author = NamedUserOutput(allow_null=True)
    created_at = KeptMomentField()


class ReportedMessageOutput(KeptMessageOutput):
    """`revisions`: what it said before, the newest first. `context`: what was said before it, the oldest first."""

    author = NamedUserOutput(allow_null=True)
    revisions = KeptRevisionOutput(many=True)
    context = KeptContextOutput(many=True)  # type: ignore[assignment]  # a field here too


class ReportedUserOutput(NamedUserOutput):
    tag = serializers.CharField()
    bio = serializers.CharField(allow_null=True)
    profile_picture = serializers.CharField(allow_null=True)


class EvidenceOutput(CamelSerializer):
    """As it was when it was reported."""

    message = ReportedMessageOutput(allow_null=True)
    user = ReportedUserOutput(allow_null=True)


class AdminReportOutput(ReportOutput):
    reporter = NamedUserOutput(allow_null=True)
    accused = NamedUserOutput(allow_null=True, help_text="The reported user, or the message's author")
    decided_by = NamedUserOutput(allow_null=True)
    appeal = serializers.CharField(allow_null=True)
    appealed_at = DateTimeField(allow_null=True)


class AdminReportDetailOutput(AdminReportOutput):
    evidence = EvidenceOutput()


class ReportListOutput(PagedOutput):
    reports = ReportOutput(many=True)


class ReportAgainstMeListOutput(PagedOutput):
    reports = ReportAgainstMeOutput(many=True)


class AdminReportListOutput(PagedOutput):
    reports = AdminReportOutput(many=True)
