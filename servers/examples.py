"""Examples of servers for the OpenAPI document; seed 002's where it has them."""

from rest_framework import serializers

from accounts.examples import CREATED, PICTURE, TIMES
from audit.serializers import AuditPageOutput, EntryOutput
from projectvoice.kernel.catalog import ANSWERS, CHAPTERS, DOORS, REFUSALS, SHAPES, ErrorOutput
from projectvoice.kernel.serializers import BooleanField, CamelSerializer, DateTimeField, IntegerField
from servers.errors import (
    CategoryNotFound,
    ChannelNotFound,
    InviteExpired,
    InviteNotFound,
    InviteUsedUp,
    MayNotEnter,
    MemberNotFound,
    MissingPermission,
    NotAMember,
    RoleNotFound,
    ServerBlocked,
    ServerNotFound,
    TooHigh,
)
from servers.permissions import Permission
from servers.serializers import (
    AcceptedOutput,
    BanInput,
    BanOutput,
    CategoryInput,
    CategoryOutput,
    ChannelInput,
    ChannelOrderInput,
    ChannelOutput,
    ExplanationOutput,
    InviteInput,
    InviteMadeOutput,
    InviteOutput,
    InvitePageOutput,
    MemberInput,
    MemberOutput,
    MemberRoleInput,
    MemberRolesInput,
    MovedOutput,
    MoveInput,
    NewOwnerInput,
    NicknameInput,
    OverwriteInput,
    OverwriteOutput,
    RoleInput,
    RoleOutput,
    ServerInput,
    ServerOutput,
    StepOutput,
    TimeoutInput,
    TransferredOutput,
    VoiceFlagsInput,
)

TOKEN = "9b2f4c1e-3d5a-4f6b-8c7d-0e1f2a3b4c5d"  # noqa: S105 - of no invite
EXPIRES = "2024-12-31T23:59:59.000Z"
BRIEF = {"id": 1, "name": "My Server", "description": "Server description", "icon": "https://example.com/icon.png"}
CHANNEL = {
    "id": 1,
    "name": "general",
    "type": "text",
    "serverId": 1,
    "description": None,
    "position": 0,
    "categoryId": None,
    "slowmode": 0,
    "userLimit": 0,
} | TIMES
CATEGORY = {"id": 1, "name": "Lounge", "position": 0, "serverId": 1}
CARRIED_ROLE = {"id": 6, "name": "DJ", "color": "#FF0000", "permissions": "0", "position": 1}
ROLE = CARRIED_ROLE | {"isHoisted": False, "isMentionable": True, "serverId": 1}
USER = {"id": 1, "username": "testuser", "profilePicture": PICTURE, "status": "online", "tag": "#1234", "isBot": False}
MEMBER = {
    "id": 1,
    "userId": 1,
    "serverId": 1,
    "role": "member",
    "user": USER,
    "roles": [CARRIED_ROLE],
    "nickname": None,
    "isMuted": False,
    "isDeafened": False,
    "mutedUntil": None,
    "highestRole": CARRIED_ROLE,
    "totalPermissions": "70323264",
} | TIMES
SERVER = (
    BRIEF
    | {"ownerId": 1, "isBlocked": False, "memberCount": 1}
    | {"categories": [CATEGORY], "channels": [CHANNEL], "roles": [ROLE], "members": [MEMBER]}
    | TIMES
)
PUBLIC_INVITE = {"id": 1, "token": TOKEN, "serverId": 1, "maxUses": 10, "uses": 0, "expiresAt": EXPIRES}
INVITE = PUBLIC_INVITE | {"createdBy": 1}
STEP = {"rule": "role", "effect": "deny", "role": {"id": 1, "name": "@everyone"}}
ENTRY = {
    "id": 12,
    "at": CREATED,
    "actorId": 1,
    "actorName": "testuser",
    "action": "channel.update",
    "targetType": "channel",
    "targetId": 1,
    "targetName": "general",
    "before": {"name": "main"},
    "after": {"name": "general"},
    "reason": None,
    "hash": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
}


class DetailsOutput(CamelSerializer):
    """The permission that is lacking, and the last of the rules that decided so."""

    permission = serializers.ChoiceField(choices=[permission.name for permission in Permission])
    chain = StepOutput(many=True)


class MissingPermissionOutput(ErrorOutput):
    details = DetailsOutput()


class BlockerOutput(CamelSerializer):
    id = IntegerField()
    username = serializers.CharField()


class BlockedServerOutput(CamelSerializer):
    id = IntegerField()
    name = serializers.CharField()
    is_blocked = BooleanField()
    block_reason = serializers.CharField(allow_null=True)
    blocked_at = DateTimeField(allow_null=True)
    blocked_by = BlockerOutput(allow_null=True)


class ServerBlockedOutput(ErrorOutput):
    server = BlockedServerOutput(required=False, help_text="Strangers with an invite do not get it")


SHAPES |= {
    ServerInput: {name: BRIEF[name] for name in ("name", "description", "icon")},
    ChannelInput: {"name": "general", "type": "text"},
    ChannelOrderInput: {"channels": [{"id": 1, "position": 1, "categoryId": 1}, {"id": 2, "position": 0}]},
    CategoryInput: {"name": "Lounge"},
    OverwriteInput: {"allow": "1024", "deny": "2048"},
    InviteInput: {"expiresAt": EXPIRES, "maxUses": 10},
    BanInput: {"reason": "Спам", "expiresAt": None},
    TimeoutInput: {"mutedUntil": EXPIRES, "reason": "Остыньте"},
    MemberInput: {"userId": 1, "role": "member"},
    MemberRoleInput: {"role": "moderator"},
    MemberRolesInput: {"roleIds": [6]},
    VoiceFlagsInput: {"isMuted": True, "isDeafened": False},
    MoveInput: {"channelId": 2},
    NicknameInput: {"nickname": "Тестер"},
    NewOwnerInput: {"userId": 1},
    RoleInput: {
        "name": "DJ",
        "color": "#FF0000",
        "permissions": 0,
        "position": 1,
        "isHoisted": False,
        "isMentionable": True,
    },
    CategoryOutput: CATEGORY,
    OverwriteOutput: {"roleId": 1, "memberId": None, "allow": "1024", "deny": "2048"},
    ChannelOutput: CHANNEL,
    RoleOutput: ROLE,
    MemberOutput: MEMBER,
    MovedOutput: {"message": "Участник перемещён", "userId": 1, "channelId": 2},
    ServerOutput: SERVER,
    TransferredOutput: SERVER | {"message": "Владелец сервера изменён"},
    BanOutput: {
        "id": 1,
        "userId": 1,
        "serverId": 1,
        "reason": "Спам",
        "bannedBy": 2,
        "bannedAt": CREATED,
        "expiresAt": None,
        "user": USER,
    },
    InviteOutput: INVITE,
    InviteMadeOutput: {"invite": INVITE},
    InvitePageOutput: PUBLIC_INVITE | {"invite": PUBLIC_INVITE, "server": BRIEF},
    AcceptedOutput: {"message": "User added to server", "member": MEMBER, "server": SERVER},
    ExplanationOutput: {
        "permission": "SEND_MESSAGES",
        "granted": False,
        "memberId": 1,
        "channelId": 1,
        "chain": [{"rule": "role", "effect": "allow", "role": {"id": 1, "name": "@everyone"}}, STEP | {"rule": "channel-role"}],
    },
    EntryOutput: ENTRY,
    AuditPageOutput: {"entries": [ENTRY], "total": 1, "page": 1, "limit": 20, "totalPages": 1},
    MissingPermissionOutput: {"details": {"permission": "MANAGE_CHANNELS", "chain": [STEP]}},
    ServerBlockedOutput: {
        "server": {
            "id": 1,
            "name": "My Server",
            "isBlocked": True,
            "blockReason": "Спам",
            "blockedAt": CREATED,
            "blockedBy": {"id": 2, "username": "admin"},
        }
    },
}
ANSWERS |= {
    "serverMembers_members_ban_create": {"message": "Участник забанен"},
    "servers_roles_members_roles_create": {"message": "Роль успешно назначена."},
}
REFUSALS |= {
    MissingPermission: MissingPermissionOutput,
    MayNotEnter: MissingPermissionOutput,
    ServerBlocked: ServerBlockedOutput,
}
INSIDE = (NotAMember, ServerBlocked, MissingPermission)
DOORS |= {
    "server_id": (ServerNotFound, *INSIDE),
    "channel_id": (ChannelNotFound, *INSIDE),
    "category_id": (CategoryNotFound,),
    "member_id": (MemberNotFound, TooHigh),
    "role_id": (RoleNotFound, TooHigh),
    "role_ids": (RoleNotFound, TooHigh),
    "invite_id": (InviteNotFound, *INSIDE),
    "token": (InviteNotFound, InviteExpired, InviteUsedUp, ServerBlocked),
}
CHAPTERS["servers.api.audit"] = "servers"
