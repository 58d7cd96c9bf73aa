from django.urls import path

from servers.api.audit import ServerAuditApi
from servers.api.channels import CategoryDetailApi, CategoryListApi, ChannelDetailApi, ChannelListApi, ChannelOrderApi
from servers.api.invites import InviteAcceptApi, InviteCreateApi, InviteDetailApi, InviteListApi, InvitePageApi
from servers.api.members import (
    BanDetailApi,
    BanListApi,
    MemberBanApi,
    MemberDetailApi,
    MemberListApi,
    MemberMoveApi,
    MemberRolesApi,
    MemberTimeoutApi,
    MemberVoiceApi,
    OwnerApi,
    OwnMembershipApi,
)
from servers.api.permissions import ExplainApi, MemberOverwriteApi, OverwriteListApi, RoleOverwriteApi
from servers.api.roles import MemberRoleApi, RoleDetailApi, RoleListApi
from servers.api.servers import ServerDetailApi, ServerListApi

OVERWRITES = "servers/<id:server_id>/channels/<id:channel_id>/permissions"
MEMBERS = "serverMembers/<id:server_id>/members"

urlpatterns = [
    path("servers", ServerListApi.as_view(), name="server-list"),
    path("servers/<id:server_id>", ServerDetailApi.as_view(), name="server"),
    path("servers/<id:server_id>/channels", ChannelListApi.as_view(), name="channel-list"),
    path("servers/<id:server_id>/channels/<id:channel_id>", ChannelDetailApi.as_view(), name="channel"),
    path("servers/<id:server_id>/channels/order", ChannelOrderApi.as_view(), name="channel-order"),
    path(OVERWRITES, OverwriteListApi.as_view(), name="overwrite-list"),
    path(f"{OVERWRITES}/roles/<id:role_id>", RoleOverwriteApi.as_view(), name="overwrite-role"),
    path(f"{OVERWRITES}/members/<id:member_id>", MemberOverwriteApi.as_view(), name="overwrite-member"),
    path("servers/<id:server_id>/categories", CategoryListApi.as_view(), name="category-list"),
    path("servers/<id:server_id>/categories/<id:category_id>", CategoryDetailApi.as_view(), name="category"),
    path("servers/<id:server_id>/permissions/explain", ExplainApi.as_view(), name="permissions-explain"),
    path("servers/<id:server_id>/audit", ServerAuditApi.as_view(), name="server-audit"),
    path("servers/<id:server_id>/bans", BanListApi.as_view(), name="ban-list"),
    path("servers/<id:server_id>/bans/<id:user_id>", BanDetailApi.as_view(), name="ban"),
    path("servers/<id:server_id>/roles", RoleListApi.as_view(), name="role-list"),
    path("servers/<id:server_id>/roles/<id:role_id>", RoleDetailApi.as_view(), name="role"),
    path(
        "servers/<id:server_id>/roles/members/<id:member_id>/roles/<id:role_id>", MemberRoleApi.as_view(), name="role-assigned"
    ),
    path("serverMembers/<id:server_id>/owner", OwnerApi.as_view(), name="server-owner"),
    path(MEMBERS, MemberListApi.as_view(), name="member-list"),
    path(f"{MEMBERS}/me", OwnMembershipApi.as_view(), name="member-own"),
    path(f"{MEMBERS}/<id:member_id>", MemberDetailApi.as_view(), name="member"),
    path(f"{MEMBERS}/<id:member_id>/roles", MemberRolesApi.as_view(), name="member-roles"),
    path(f"{MEMBERS}/<id:member_id>/voice", MemberVoiceApi.as_view(), name="member-voice"),
    path(f"{MEMBERS}/<id:member_id>/move", MemberMoveApi.as_view(), name="member-move"),
    path(f"{MEMBERS}/<id:member_id>/timeout", MemberTimeoutApi.as_view(), name="member-timeout"),
    path(f"{MEMBERS}/<id:member_id>/ban", MemberBanApi.as_view(), name="member-ban"),
    path("invite/invite/<uuid:token>", InvitePageApi.as_view(), name="invite-page"),
    path("invite/invite/<uuid:token>/accept", InviteAcceptApi.as_view(), name="invite-accept"),
    path("invite/<id:server_id>/invite", InviteCreateApi.as_view(), name="invite-create"),
    path("invite/<id:server_id>/invites", InviteListApi.as_view(), name="invite-list"),
    path("invite/<id:invite_id>", InviteDetailApi.as_view(), name="invite"),
]
