"""Shapes of servers, channels, roles, members and invites on the wire."""

import re
from typing import Any

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projectvoice.kernel.serializers import (
    MAX_ID,
    BooleanField,
    CamelSerializer,
    ChoiceField,
    DateTimeField,
    IntegerField,
    LinkField,
    TextField,
    complaint,
)
from servers.models import ChannelType, MemberRole
from servers.permissions import Permission, Rule

MAX_SLOWMODE = 21_600  # six hours, as Discord
MAX_USER_LIMIT = 99  # Discord's
MAX_POSITION = 2**31 - 1
MAX_PERMISSIONS = 2**63 - 1
DEFAULT_COLOR = "#99AAB5"
APPOINTABLE = [choice for choice in MemberRole.choices if choice[0] != MemberRole.OWNER]


@extend_schema_field({"oneOf": [{"type": "string", "pattern": "^[0-9]{1,19}$"}, {"type": "integer", "minimum": 0}]})
class PermissionsField(serializers.Field[int, Any, str, Any]):
    """A bit mask of 63 bits: a JSON integer, or a decimal text where JavaScript's numbers end. Answered as text."""

    default_error_messages = {
        "invalid": complaint("An integer or its decimal text is needed.", "Нужно целое число или его десятичная запись."),
        "range": complaint("From 0 to 9223372036854775807.", "От 0 до 9223372036854775807."),
    }

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str) and re.fullmatch(r"[0-9]{1,19}", data):
            data = int(data)
        if type(data) is not int:
            self.fail("invalid")
        if not 0 <= data <= MAX_PERMISSIONS:
            self.fail("range")
        return int(data)

    def to_representation(self, value: int) -> str:
        return str(value)


class ServerInput(CamelSerializer):
    name = TextField(max_length=100)
    description = TextField(max_length=1000, required=False, allow_null=True, allow_blank=True)
    icon = LinkField(required=False, allow_null=True, allow_blank=True)


class ChannelInput(CamelSerializer):
    name = TextField(max_length=100)
    type = ChoiceField(choices=ChannelType.choices, default=ChannelType.TEXT)
    description = TextField(max_length=1000, required=False, allow_null=True, allow_blank=True)
    position = IntegerField(required=False, min_value=0, max_value=MAX_POSITION)
    category_id = IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_ID)
    slowmode = IntegerField(
        required=False, min_value=0, max_value=MAX_SLOWMODE, help_text="Seconds between two messages of one member"
    )
    user_limit = IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=MAX_USER_LIMIT,
        help_text="Seats in its call; 0 and null: no limit",
    )


class ChannelPlaceInput(CamelSerializer):
    id = IntegerField(min_value=1, max_value=MAX_ID)
    position = IntegerField(min_value=0, max_value=MAX_POSITION)
    category_id = IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_ID)


class ChannelOrderInput(CamelSerializer):
    channels = serializers.ListField(child=ChannelPlaceInput(), allow_empty=False, max_length=500)


class CategoryInput(CamelSerializer):
    name = TextField(max_length=100)
    position = IntegerField(required=False, min_value=0, max_value=MAX_POSITION)


class OverwriteInput(CamelSerializer):
    allow = PermissionsField(default=0)
    deny = PermissionsField(default=0)


class InviteInput(CamelSerializer):
    """Both absent or null: unlimited."""

    max_uses = IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_POSITION)
    expires_at = DateTimeField(required=False, allow_null=True)


class ReasonInput(CamelSerializer):
    """Why: kept in the server's audit log. Every act of moderation takes it, in its body or as `?reason=`."""

    reason = TextField(max_length=500, required=False, allow_null=True, allow_blank=True)


class BanInput(ReasonInput):
    expires_at = DateTimeField(required=False, allow_null=True)


class TimeoutInput(ReasonInput):
    """Null ends it."""

    muted_until = DateTimeField(allow_null=True)


class MemberInput(CamelSerializer):
    user_id = IntegerField(min_value=1, max_value=MAX_ID)
    role = ChoiceField(choices=APPOINTABLE, default=MemberRole.MEMBER)


class MemberRoleInput(CamelSerializer):
    role = ChoiceField(choices=APPOINTABLE)


class MemberRolesInput(CamelSerializer):
    role_ids = serializers.ListField(child=IntegerField(min_value=1, max_value=MAX_ID), max_length=250)


class VoiceFlagsInput(CamelSerializer):
    is_muted = BooleanField(required=False)
    is_deafened = BooleanField(required=False)


class MoveInput(CamelSerializer):
    """Null: out of the calls of this server."""

    channel_id = IntegerField(allow_null=True, min_value=1, max_value=MAX_ID)


class NicknameInput(CamelSerializer):
    """Null takes the nickname away."""

    nickname = TextField(max_length=32, required=False, allow_null=True)


class NewOwnerInput(CamelSerializer):
    user_id = IntegerField(min_value=1, max_value=MAX_ID)


class RoleInput(CamelSerializer):
    name = TextField(max_length=100)
    color = TextField(
        default=DEFAULT_COLOR,
        max_length=7,
        validators=[
            RegexValidator(r"\A#[0-9A-Fa-f]{6}\Z", complaint("A colour like #99AAB5 is needed.", "Нужен цвет вида #99AAB5."))
        ],
    )
    permissions = PermissionsField(default=0)
    position = IntegerField(required=False, min_value=0, max_value=MAX_POSITION)
    is_hoisted = BooleanField(default=False)
    is_mentionable = BooleanField(default=False)


class CategoryOutput(CamelSerializer):
    id = IntegerField()
    name = serializers.CharField()
    position = IntegerField()
    server_id = IntegerField()


class OverwriteOutput(CamelSerializer):
    """One of `roleId` and `memberId` is null."""

    role_id = IntegerField(allow_null=True)
    member_id = IntegerField(allow_null=True)
    allow = serializers.CharField()
    deny = serializers.CharField()


class ChannelOutput(CamelSerializer):
    id = IntegerField()
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=ChannelType.choices)
    server_id = IntegerField()
    description = serializers.CharField(allow_null=True)
    position = IntegerField()
    category_id = IntegerField(allow_null=True)
    slowmode = IntegerField()
    user_limit = IntegerField()
    created_at = DateTimeField()
    updated_at = DateTimeField()


class MemberRoleOutput(CamelSerializer):
    """A role as a member carries it. Permissions are decimal text: they outgrow a JavaScript number."""

    id = IntegerField()
    name = serializers.CharField()
    color = serializers.CharField()
    permissions = serializers.CharField()
    position = IntegerField()


class RoleOutput(MemberRoleOutput):
    is_hoisted = BooleanField()
    is_mentionable = BooleanField()
    server_id = IntegerField()


class MemberUserOutput(CamelSerializer):
    id = IntegerField()
    username = serializers.CharField()
    profile_picture = serializers.CharField(allow_null=True)
    status = serializers.CharField()
    tag = serializers.CharField()
    is_bot = BooleanField()


class MemberOutput(CamelSerializer):
    """Built by servers.rows, as the whole server is."""

    id = IntegerField()
    user_id = IntegerField()
    server_id = IntegerField()
    role = serializers.ChoiceField(choices=MemberRole.choices)
    user = MemberUserOutput()
    roles = MemberRoleOutput(many=True)
    nickname = serializers.CharField(allow_null=True)
    is_muted = BooleanField()
    is_deafened = BooleanField()
    muted_until = DateTimeField(allow_null=True)
    highest_role = MemberRoleOutput(allow_null=True, help_text="The top one of the custom roles")
    total_permissions = serializers.CharField()
    created_at = DateTimeField()
    updated_at = DateTimeField()


class MovedOutput(CamelSerializer):
    message = serializers.CharField()
    user_id = IntegerField()
    channel_id = IntegerField(allow_null=True)


class ServerHeadOutput(CamelSerializer):
    """A server without what is in it, as events tell of it."""

    id = IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_null=True)
    icon = serializers.CharField(allow_null=True)
    owner_id = IntegerField()
    is_blocked = BooleanField()
    member_count = IntegerField()
    created_at = DateTimeField()
    updated_at = DateTimeField()


class ServerOutput(ServerHeadOutput):
    categories = CategoryOutput(many=True)
    channels = ChannelOutput(many=True)
    roles = RoleOutput(many=True)
    members = MemberOutput(many=True)


class TransferredOutput(ServerOutput):
    message = serializers.CharField()


class BanOutput(CamelSerializer):
    id = IntegerField()
    user_id = IntegerField()
    server_id = IntegerField()
    reason = serializers.CharField(allow_null=True)
    banned_by = IntegerField(source="banned_by_id", allow_null=True)
    banned_at = DateTimeField()
    expires_at = DateTimeField(allow_null=True)
    user = MemberUserOutput()


class InviteOutput(CamelSerializer):
    id = IntegerField()
    token = serializers.UUIDField()
    server_id = IntegerField()
    created_by = IntegerField(source="created_by_id", allow_null=True)
    max_uses = IntegerField(allow_null=True)
    uses = IntegerField()
    expires_at = DateTimeField(allow_null=True)


class InviteMadeOutput(CamelSerializer):
    invite = InviteOutput()


class PublicInviteOutput(CamelSerializer):
    """What a stranger with the link may know; nothing of who made it."""

    id = IntegerField()
    token = serializers.UUIDField()
    server_id = IntegerField()
    max_uses = IntegerField(allow_null=True)
    uses = IntegerField()
    expires_at = DateTimeField(allow_null=True)


class PublicServerOutput(CamelSerializer):
    id = IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_null=True)
    icon = serializers.CharField(allow_null=True)


class InvitePageOutput(PublicInviteOutput):
    """Flat for the web client, nested as seed 002 has it."""

    invite = PublicInviteOutput(source="*")
    server = PublicServerOutput()


class AcceptedOutput(CamelSerializer):
    message = serializers.CharField()
    member = MemberOutput()
    server = ServerOutput()


class StepRoleOutput(CamelSerializer):
    id = IntegerField()
    name = serializers.CharField()


class StepOutput(CamelSerializer):
    rule = serializers.ChoiceField(choices=[rule.value for rule in Rule])
    effect = serializers.ChoiceField(choices=["allow", "deny"])
    role = StepRoleOutput(allow_null=True)


class ExplanationOutput(CamelSerializer):
    """The rules that have a say, in the order in which they apply; the last one decides. None: it was never granted."""

    permission = serializers.ChoiceField(choices=[permission.name for permission in Permission])
    granted = BooleanField()
    member_id = IntegerField()
    channel_id = IntegerField(allow_null=True)
    chain = StepOutput(many=True)
