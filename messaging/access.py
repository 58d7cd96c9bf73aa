"""The doors to messages: through the channel they are in, be it a server's or a conversation."""

from itertools import islice

from accounts.models import User
from friends.access import access_conversation
from messaging.conversations import conversation_ids
from messaging.entry import READ, WRITE, Entry
from messaging.errors import MessageNotFound, NotATextChannel
from messaging.models import Message
from projectvoice.kernel.errors import InvalidInput, Text
from servers.access import access_channel
from servers.errors import ChannelNotFound
from servers.models import Channel, ChannelType
from servers.permissions import NOTHING, Permission, Rank
from servers.selectors import channels_of

MOST_CHANNELS = 500
NO_CHANNEL = Text("channelId must be the id of a channel", "channelId: нужен id канала")


def enter(user: User, channel_id: int, *, need: Permission = READ, reading: bool = False, writing: bool = False) -> Entry:
    """`reading` is for global staff on blocked servers; `writing` is refused in a conversation that can only be read."""
    try:
        return Entry(user, *access_channel(user, channel_id, need=need, reading=reading))
    except ChannelNotFound:
        entry = Entry(user, access_conversation(user, channel_id, writing=writing).channel, None)
        entry.require(need)
        return entry


def access_channel_of(user: User, channel_id: str | None) -> Channel:
    """The channel that a query names, for reading."""
    if channel_id is None or not (channel_id.isascii() and channel_id.isdigit() and len(channel_id) < 19):
        raise InvalidInput(NO_CHANNEL)
    return enter(user, int(channel_id), reading=True).channel


def access_channel_for_writing(user: User, channel_id: int, *, also: Permission = NOTHING) -> Entry:
    entry = enter(user, channel_id, need=WRITE | also, writing=True)
    if entry.channel.type != ChannelType.TEXT:
        raise NotATextChannel
    return entry


def access_channel_to_read(user: User, channel_id: int) -> Channel:
    """To say how far one has read in it."""
    return enter(user, channel_id).channel


def access_channel_to_moderate(user: User, channel_id: int) -> Entry:
    entry = enter(user, channel_id)
    entry.require(Permission.MANAGE_MESSAGES, Rank.MODERATOR)
    return entry


def access_message(user: User, message_id: int, *, reading: bool = False, writing: bool = False) -> tuple[Message, Entry]:
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        raise MessageNotFound
    entry = enter(user, message.channel_id, reading=reading, writing=writing)
    message.channel = entry.channel
    return message, entry


def access_message_of_mine(user: User, message_id: int) -> tuple[Message, Entry]:
    """To delete it or to read its past: one's own, or anybody's with MANAGE_MESSAGES."""
    message, entry = access_message(user, message_id)
    if message.user_id != user.pk:
        entry.require(Permission.MANAGE_MESSAGES, Rank.MODERATOR)
    return message, entry


def access_message_to_edit(user: User, message_id: int) -> tuple[Message, Entry]:
    """New words need what words need: nobody speaks through an old message while he may not write."""
    message, entry = access_message(user, message_id, writing=True)
    if message.user_id == user.pk:
        entry.require(Permission.SEND_MESSAGES)
    else:
        entry.require(Permission.MANAGE_MESSAGES, Rank.MODERATOR)
    return message, entry


def access_message_to_moderate(user: User, message_id: int) -> tuple[Message, Entry]:
    """To take others' reactions from it."""
    message, entry = access_message(user, message_id)
    entry.require(Permission.MANAGE_MESSAGES, Rank.MODERATOR)
    return message, entry


def access_message_to_pin(user: User, message_id: int) -> tuple[Message, Entry]:
    """By moderators of its server; in a conversation by everybody."""
    message, entry = access_message(user, message_id, writing=True)
    if entry.access is not None:
        entry.require(Permission.MANAGE_MESSAGES, Rank.MODERATOR)
    return message, entry


def access_message_to_react(user: User, message_id: int) -> tuple[Message, Entry]:
    message, entry = access_message(user, message_id, writing=True)
    entry.require(Permission.ADD_REACTIONS)
    return message, entry


def channels_readable(user: User) -> list[int]:
    """Ids of the text channels the user may read, of all his servers but the blocked ones, then of his conversations."""
    readable = (row["id"] for row in channels_of(user, READ) if row["type"] == ChannelType.TEXT)
    return [*islice(readable, MOST_CHANNELS), *conversation_ids(user)]
