"""The doors to messages: through the channel they are in."""

from accounts.models import User
from messaging.errors import MessageNotFound, NotATextChannel
from messaging.models import Message
from projectvoice.kernel.errors import InvalidInput, Text
from servers.access import Access, access_channel, require
from servers.models import Channel, ChannelType
from servers.permissions import Permission, Rank

READ = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
NO_CHANNEL = Text("channelId must be the id of a channel", "channelId: нужен id канала")


def access_channel_of(user: User, channel_id: str | None) -> Channel:
    """The channel that a query names, for reading."""
    if channel_id is None or not (channel_id.isascii() and channel_id.isdigit() and len(channel_id) < 19):
        raise InvalidInput(NO_CHANNEL)
    return access_channel(user, int(channel_id), need=READ, reading=True)[0]


def access_channel_for_writing(user: User, channel_id: int) -> Channel:
    channel, _ = access_channel(user, channel_id, need=Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES)
    if channel.type != ChannelType.TEXT:
        raise NotATextChannel
    return channel


def access_message(user: User, message_id: int, *, reading: bool = False) -> tuple[Message, Access]:
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        raise MessageNotFound
    _, access = access_channel(user, message.channel_id, need=READ, reading=reading)
    return message, access


def access_message_of_mine(user: User, message_id: int) -> Message:
    """To edit or delete it: one's own, or anybody's with MANAGE_MESSAGES."""
    message, access = access_message(user, message_id)
    if message.user_id != user.pk:
        require(access, Permission.MANAGE_MESSAGES, Rank.MODERATOR)
    return message
