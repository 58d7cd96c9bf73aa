"""What servers announce, each within the transaction of the act. What changes rights says so first: nobody is told by older ones."""

from collections.abc import Iterable

from accounts.models import User
from events.models import Announcement
from events.services import access_changed, announce, announce_all, announce_to
from servers.models import Category, Channel, Invite, Member, Role, Server
from servers.permissions import EVERYONE, Permission

MOST_MEMBERSHIPS = 1000  # in which a new name is told


def tell_server(server: Server) -> None:
    announce("server-updated", server_id=server.pk, subject_id=server.pk)


def tell_joined(user_id: int, server_id: int) -> None:
    """To him that the server is his now. What it means for calls they ask when he enters one."""
    announce_all(
        [
            Announcement(kind="access", user_id=user_id, server_id=server_id, payload={}),
            Announcement(kind="server-joined", user_id=user_id, server_id=server_id, subject_id=server_id),
        ]
    )


def tell_left(user_ids: Iterable[int], server_id: int, reason: str) -> None:
    """To these people that it is theirs no more."""
    announce_to(user_ids, "server-left", payload={"serverId": server_id, "reason": reason})


def tell_channel_made(channel: Channel) -> None:
    announce("access", server_id=channel.server_id, channel_id=channel.pk, payload={})
    tell_channels("channel-created", [channel])


def tell_channels(kind: str, channels: Iterable[Channel]) -> None:
    """To those who see them."""
    announce_all(
        Announcement(kind=kind, server_id=channel.server_id, channel_id=channel.pk, subject_id=channel.pk)
        for channel in channels
    )


def tell_channel_gone(channel: Channel) -> None:
    """Before it is deleted. Of a channel that somebody could not see nobody is told: whoever loses it hears of his rights."""
    hidden = not _seen_by_all(channel)
    announce("gone", server_id=channel.server_id, channel_id=channel.pk, payload={})
    access_changed(channel_id=channel.pk)
    channel_id = channel.pk if hidden else None
    announce("channel-deleted", server_id=channel.server_id, channel_id=channel_id, payload={"channelId": channel.pk})


def tell_category(kind: str, category: Category) -> None:
    announce(kind, server_id=category.server_id, subject_id=category.pk)


def tell_role(kind: str, role: Role) -> None:
    announce(kind, server_id=role.server_id, subject_id=role.pk)


def tell_member(kind: str, *members: Member) -> None:
    """His name is in it, so it goes when he is erased."""
    announce_all(
        Announcement(kind=kind, server_id=member.server_id, subject_id=member.pk, actor_id=member.user_id) for member in members
    )


def tell_members_gone(*members: Member) -> None:
    announce_all(
        Announcement(kind="member-left", server_id=member.server_id, payload={"memberId": member.pk, "userId": member.user_id})
        for member in members
    )


def tell_ban(kind: str, server_id: int, user_id: int) -> None:
    announce(kind, server_id=server_id, payload={"userId": user_id})


def tell_invite_made(invite: Invite) -> None:
    announce("invite-created", server_id=invite.server_id, subject_id=invite.pk, actor_id=invite.created_by_id)


def tell_invite_gone(invite: Invite) -> None:
    announce("invite-deleted", server_id=invite.server_id, payload={"inviteId": invite.pk})


def tell_profile(user: User) -> None:
    """A new name or picture, to everybody he shares a server with."""
    tell_member("member-updated", *Member.objects.filter(user=user).order_by("pk")[:MOST_MEMBERSHIPS])


def _seen_by_all(channel: Channel) -> bool:
    everyone = Role.objects.get(server=channel.server_id, preset=EVERYONE)
    seen = everyone.permissions
    for written in channel.overwrites.all():
        if written.role_id == everyone.pk:
            seen = seen & ~written.deny | written.allow
        elif written.deny & Permission.VIEW_CHANNEL:
            return False
    return bool(seen & Permission.VIEW_CHANNEL)
