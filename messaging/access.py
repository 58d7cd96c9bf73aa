"""The doors to messages: through the channel they are in, be it a server's or a conversation."""

from itertools import islice
from typing import NamedTuple

from accounts.models import User
from friends.access import access_conversation
from messaging.conversations import conversation_ids
from messaging.errors import MessageNotFound, NobodyModerates, NotATextChannel
from messaging.models import Message
from projectvoice.kernel.errors import InvalidInput, Text
from servers.access import Access, access_channel, require
from servers.errors import ChannelNotFound
from servers.models import Channel, ChannelType
from servers.permissions import Permission, Rank
from servers.selectors import channels_of

MOST_CHANNELS = 500
READ = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
WRITE = Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES
# What everybody may do in a conversation he takes part in. Nobody moderates there.
IN_CONVERSATION = READ | WRITE | Permission.ADD_REACTIONS | Permission.ATTACH_FILES
NO_CHANNEL = Text("channelId must be the id of a channel", "channelId: нужен id канала")


class Entry(NamedTuple):
    """An opened door: a server's channel, or, without `access`, a conversation."""

    channel: Channel
    access: Access | None

    def require(self, need: Permission, or_rank: Rank | None = None) -> None:
        if self.access is not None:
            require(self.access, need, or_rank)
        elif need & ~IN_CONVERSATION:
            raise NobodyModerates


def enter(user: User, channel_id: int, *, need: Permission = READ, reading: bool = False, writing: bool = False) -> Entry:
    """`reading` is for global staff on blocked servers; `writing` is refused in a conversation that can only be read."""
    try:
        return Entry(*access_channel(user, channel_id, need=need, reading=reading))
    except ChannelNotFound:
        entry = Entry(access_conversation(user, channel_id, writing=writing).channel, None)
        entry.require(need)
        return entry


def access_channel_of(user: User, channel_id: str | None) -> Channel:
    """The channel that a query names, for reading."""
    if channel_id is None or not (channel_id.isascii() and channel_id.isdigit() and len(channel_id) < 19):
        raise InvalidInput(NO_CHANNEL)
    return enter(user, int(channel_id), reading=True).channel


def access_channel_for_writing(user: User, channel_id: int) -> Channel:
    channel = enter(user, channel_id, need=WRITE, writing=True).channel
    if channel.type != ChannelType.TEXT:
        raise NotATextChannel
    return channel


def access_channel_to_read(user: User, channel_id: int) -> Channel:
    """To say how far one has read in it."""
    return enter(user, channel_id).channel


def access_channel_to_moderate(user: User, channel_id: int) -> Channel:
    entry = enter(user, channel_id)
    entry.require(Permission.MANAGE_MESSAGES, Rank.MODERATOR)
    return entry.channel


def access_message(user: User, message_id: int, *, reading: bool = False, writing: bool = False) -> tuple[Message, Entry]:
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        raise MessageNotFound
    entry = enter(user, message.channel_id, reading=reading, writing=writing)
    message.channel = entry.channel
    return message, entry


def access_message_of_mine(user: User, message_id: int, *, writing: bool = False) -> Message:
    """To edit or delete it, or read its past: one's own, or anybody's with MANAGE_MESSAGES."""
    message, entry = access_message(user, message_id, writing=writing)
    if message.user_id != user.pk:
        entry.require(Permission.MANAGE_MESSAGES, Rank.MODERATOR)
    return message


def access_message_to_moderate(user: User, message_id: int) -> Message:
    """To take others' reactions from it."""
    message, entry = access_message(user, message_id)
    entry.require(Permission.MANAGE_MESSAGES, Rank.MODERATOR)
    return message


def access_message_to_pin(user: User, message_id: int) -> Message:
    """By moderators of its server; in a conversation by everybody."""
    message, entry = access_message(user, message_id, writing=True)
    if entry.access is not None:
        entry.require(Permission.MANAGE_MESSAGES, Rank.MODERATOR)
    return message


def access_message_to_react(user: User, message_id: int) -> Message:
    message, entry = access_message(user, message_id, writing=True)
    entry.require(Permission.ADD_REACTIONS)
    return message


def channels_readable(user: User) -> list[int]:
    """Ids of the text channels the user may read, of all his servers but the blocked ones, then of his conversations."""
    readable = (row["id"] for row in channels_of(user, READ) if row["type"] == ChannelType.TEXT)
    return [*islice(readable, MOST_CHANNELS), *conversation_ids(user)]
