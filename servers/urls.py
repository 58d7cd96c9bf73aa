from django.urls import path

from servers.api.channels import ChannelDetailApi, ChannelListApi
from servers.api.invites import InviteAcceptApi, InviteCreateApi, InviteDetailApi, InviteListApi, InvitePageApi
from servers.api.members import (
    BanDetailApi,
    BanListApi,
    MemberBanApi,
    MemberDetailApi,
    MemberListApi,
    MemberRolesApi,
    MemberVoiceApi,
    OwnerApi,
    OwnMembershipApi,
)
from servers.api.roles import MemberRoleApi, RoleDetailApi, RoleListApi
from servers.api.servers import ServerDetailApi, ServerListApi

MEMBERS = "serverMembers/<id:server_id>/members"

urlpatterns = [
    path("servers", ServerListApi.as_view(), name="server-list"),
    path("servers/<id:server_id>", ServerDetailApi.as_view(), name="server"),
    path("servers/<id:server_id>/channels", ChannelListApi.as_view(), name="channel-list"),
    path("servers/<id:server_id>/channels/<id:channel_id>", ChannelDetailApi.as_view(), name="channel"),
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
    path(f"{MEMBERS}/<id:member_id>/ban", MemberBanApi.as_view(), name="member-ban"),
    path("invite/invite/<uuid:token>", InvitePageApi.as_view(), name="invite-page"),
    path("invite/invite/<uuid:token>/accept", InviteAcceptApi.as_view(), name="invite-accept"),
    path("invite/<id:server_id>/invite", InviteCreateApi.as_view(), name="invite-create"),
    path("invite/<id:server_id>/invites", InviteListApi.as_view(), name="invite-list"),
    path("invite/<id:invite_id>", InviteDetailApi.as_view(), name="invite"),
]
