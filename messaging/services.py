"""Writes of messages. All of one channel wait for its tally's row, so counts and positions are always true."""

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from messaging.errors import MessageNotFound, NoSuchReply
from messaging.models import BLOCK, Message, MessageRevision, Tally
from projectvoice.kernel.limits import Limit
from servers.errors import ChannelNotFound
from servers.models import Channel

MESSAGES_PER_USER = Limit("message", most=120, window=60)


@transaction.atomic
def message_create(
    *, channel: Channel, user: User, content: str, nonce: str | None = None, reply_to_id: int | None = None
) -> tuple[Message, bool]:
    """The message, and whether it is new: the same nonce again gets the message it got before."""
    if not Channel.objects.select_for_update(of=("self",), no_key=True).filter(pk=channel.pk).exists():
        raise ChannelNotFound
    if nonce is not None:
        before = Message.objects.filter(channel=channel, user=user, nonce=nonce).first()
        if before is not None:
            return before, False
    if reply_to_id is not None and not Message.objects.filter(pk=reply_to_id, channel=channel).exists():
        raise NoSuchReply
    position = _tally(channel.pk, +1)
    _count_block(channel.pk, position, +1)
    now = timezone.now()
    message = Message(channel=channel, position=position, user=user, content=content, nonce=nonce, reply_to_id=reply_to_id)
    message.created_at = message.updated_at = now
    message.save(force_insert=True)
    return message, True


@transaction.atomic
def message_update(*, message: Message, by: User, content: str) -> Message:
    """Keeps what it said before. The author stays the author."""
    message = _locked(message)
    if content != message.content:
        MessageRevision.objects.create(message=message, content=message.content, edited_by=by)
    message.content, message.is_edited, message.updated_at = content, True, timezone.now()
    message.save(update_fields=["content", "is_edited", "updated_at"])
    return message


@transaction.atomic
def message_delete(*, message: Message) -> None:
    Tally.objects.select_for_update().filter(channel_id=message.channel_id).first()
    gone, _ = Message.objects.filter(pk=message.pk).delete()
    if not gone:
        raise MessageNotFound
    _tally(message.channel_id, -1)
    _count_block(message.channel_id, message.position, -1)


def _locked(message: Message) -> Message:
    locked = Message.objects.select_for_update().filter(pk=message.pk).first()
    if locked is None:
        raise MessageNotFound
    return locked


def _tally(channel_id: int, step: int) -> int:
    """Counts a message in or out; the last position given out, a new one if counted in. Locks the tally."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO messaging_tally AS tally (channel_id, total, last_position) VALUES (%s, 1, 1)
            ON CONFLICT (channel_id) DO UPDATE
            SET total = tally.total + %s, last_position = tally.last_position + GREATEST(%s, 0)
            RETURNING last_position
            """,
            [channel_id, step, step],
        )
        return int(cursor.fetchone()[0])


def _count_block(channel_id: int, position: int, step: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO messaging_block AS block (channel_id, number, "left") VALUES (%s, %s, 1)
            ON CONFLICT (channel_id, number) DO UPDATE SET "left" = block."left" + %s
            """,
            [channel_id, position // BLOCK, step],
        )
