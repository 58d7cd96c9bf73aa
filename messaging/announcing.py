"""What messages announce, each within the transaction of the act. A new message is announced by the statement that writes it."""

from accounts.models import User
from events.services import announce
from messaging.models import Message
from messaging.selectors import unread_list
from servers.models import Channel


def tell(kind: str, channel: Channel, message: Message) -> None:
    """It is shown as it is when the event is written."""
    announce(kind, server_id=channel.server_id, channel_id=channel.pk, subject_id=message.pk, actor_id=message.user_id)


def tell_deleted(server_id: int | None, channel_id: int, message_ids: list[int]) -> None:
    if len(message_ids) == 1:
        [message_id] = message_ids
        kind, payload = "message-deleted", {"messageId": message_id}
        announce(kind, server_id=server_id, channel_id=channel_id, subject_id=message_id, payload=payload)
    elif message_ids:
        announce("messages-deleted", server_id=server_id, channel_id=channel_id, payload={"messageIds": message_ids})


def tell_reaction(kind: str, channel: Channel, message: Message, user_id: int, emoji: str) -> None:
    """Behind the message's lock, so that the last count told is the true one."""
    announce(
        kind,
        server_id=channel.server_id,
        channel_id=channel.pk,
        subject_id=message.pk,
        actor_id=user_id,
        payload={
            "messageId": message.pk,
            "userId": user_id,
            "emoji": emoji,
            "count": message.reactions.filter(emoji=emoji).count(),
        },
    )


def tell_read(channel: Channel, user: User) -> None:
    """To his other devices."""
    announce(
        "read-state",
        server_id=channel.server_id,
        channel_id=channel.pk,
        user_id=user.pk,
        subject_id=channel.pk,
        actor_id=user.pk,
        payload=unread_list(user, [channel.pk])[0],
    )
