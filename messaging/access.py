"""The doors to messages: through the channel they are in."""

from itertools import islice

from accounts.models import User
from messaging.errors import MessageNotFound, NotATextChannel
from messaging.models import Message
from projectvoice.kernel.errors import InvalidInput, Text
from servers.access import Access, access_channel, require
from servers.models import Channel, ChannelType
from servers.permissions import NOTHING, Permission, Rank
from servers.selectors import channels_of

MOST_CHANNELS = 500
READ = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
NO_CHANNEL = Text("channelId must be the id of a channel", "channelId: нужен id канала")


def access_channel_of(user: User, channel_id: str | None) -> Channel:
    """The channel that a query names, for reading."""
    if channel_id is None or not (channel_id.isascii() and channel_id.isdigit() and len(channel_id) < 19):
        raise InvalidInput(NO_CHANNEL)
    return access_channel(user, int(channel_id), need=READ, reading=True)[0]


def access_channel_for_writing(user: User, channel_id: int, *, also: Permission = NOTHING) -> tuple[Channel, Access]:
    channel, access = access_channel(user, channel_id, need=Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES | also)
    if channel.type != ChannelType.TEXT:
        raise NotATextChannel
    return channel, access


def access_channel_to_read(user: User, channel_id: int) -> Channel:
    """To say how far one has read in it."""
    return access_channel(user, channel_id, need=READ)[0]


def access_channel_to_moderate(user: User, channel_id: int) -> tuple[Channel, Access]:
    channel, access = access_channel(user, channel_id, need=READ)
    return channel, require(access, Permission.MANAGE_MESSAGES, Rank.MODERATOR)


def access_message(user: User, message_id: int, *, reading: bool = False) -> tuple[Message, Access]:
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        raise MessageNotFound
    _, access = access_channel(user, message.channel_id, need=READ, reading=reading)
    return message, access


def access_message_of_mine(user: User, message_id: int) -> tuple[Message, Access]:
    """To delete it or to read its past: one's own, or anybody's with MANAGE_MESSAGES."""
    message, access = access_message(user, message_id)
    if message.user_id != user.pk:
        require(access, Permission.MANAGE_MESSAGES, Rank.MODERATOR)
    return message, access


def access_message_to_edit(user: User, message_id: int) -> tuple[Message, Access]:
    """New words need what words need: nobody speaks through an old message while he may not write."""
    message, access = access_message_of_mine(user, message_id)
    if message.user_id == user.pk:
        require(access, Permission.SEND_MESSAGES)
    return message, access


def access_message_to_moderate(user: User, message_id: int) -> tuple[Message, Access]:
    """To pin it, or to take others' reactions from it."""
    message, access = access_message(user, message_id)
    return message, require(access, Permission.MANAGE_MESSAGES, Rank.MODERATOR)


def access_message_to_react(user: User, message_id: int) -> tuple[Message, Access]:
    message, access = access_message(user, message_id)
    return message, require(access, Permission.ADD_REACTIONS)


def channels_readable(user: User) -> list[int]:
    """Ids of the text channels the user may read, of all his servers but the blocked ones."""
    readable = (row["id"] for row in channels_of(user, READ) if row["type"] == ChannelType.TEXT)
    return list(islice(readable, MOST_CHANNELS))
