"""Writes of messages. All that count or place them wait for their channel's row, so counts and positions are always true."""

from collections import Counter

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from friends.conversations import conversation_locked
from messaging.errors import MessageNotFound, NoSuchMessage, NoSuchReply, TooManyPins, TooManyReactions
from messaging.models import BLOCK, EMOJI_PER_MESSAGE, PINS_PER_CHANNEL, Message, MessageRevision, Reaction
from projectvoice.kernel.limits import Limit
from servers.errors import ChannelNotFound
from servers.models import Channel

MESSAGES_PER_USER = Limit("message", most=120, window=60)


@transaction.atomic
def message_create(
    *, channel: Channel, user: User, content: str, nonce: str | None = None, reply_to_id: int | None = None
) -> tuple[Message, bool]:
    """The message, and whether it is new: the same nonce again gets the message it got before."""
    _still_open(channel, user)
    _wait_for(channel.pk)
    if nonce is not None:
        before = Message.objects.filter(channel=channel, user=user, nonce=nonce).first()
        if before is not None:
            return before, False
    if reply_to_id is not None and not Message.objects.filter(pk=reply_to_id, channel=channel).exists():
        raise NoSuchReply
    position = _tally(channel.pk, +1)
    _count_block(channel.pk, position // BLOCK, +1)
    now = timezone.now()
    message = Message(channel=channel, position=position, user=user, content=content, nonce=nonce, reply_to_id=reply_to_id)
    message.created_at = message.updated_at = now
    message.save(force_insert=True)
    _read_up_to(user, message)
    return message, True


@transaction.atomic
def message_update(*, message: Message, by: User, content: str) -> Message:
    """Keeps what it said before. The author stays the author."""
    _still_open(message.channel, by)
    message = _locked(message)
    if content != message.content:
        MessageRevision.objects.create(message=message, content=message.content, edited_by=by)
    message.content, message.is_edited, message.updated_at = content, True, timezone.now()
    message.save(update_fields=["content", "is_edited", "updated_at"])
    return message


@transaction.atomic
def message_delete(*, message: Message) -> None:
    if not _delete(message.channel_id, [message.pk]):
        raise MessageNotFound


@transaction.atomic
def message_bulk_delete(*, channel: Channel, message_ids: list[int]) -> int:
    """How many there were to delete. Ids that name nothing in this channel are passed over."""
    return _delete(channel.pk, message_ids)


@transaction.atomic
def message_pin(*, message: Message, by: User) -> None:
    _still_open(message.channel, by)
    _wait_for(message.channel_id)
    pinned = Message.objects.filter(channel_id=message.channel_id, pinned_at__isnull=False)
    if pinned.filter(pk=message.pk).exists():
        return
    if pinned.count() >= PINS_PER_CHANNEL:
        raise TooManyPins
    if not Message.objects.filter(pk=message.pk).update(pinned_at=timezone.now()):
        raise MessageNotFound


def message_unpin(*, message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(pinned_at=None)


@transaction.atomic
def reaction_add(*, message: Message, user: User, emoji: str) -> None:
    _still_open(message.channel, user)
    message = _locked(message)
    given = message.reactions.values_list("emoji", flat=True).distinct()
    if emoji not in given and len(given) >= EMOJI_PER_MESSAGE:
        raise TooManyReactions
    Reaction.objects.get_or_create(message=message, user=user, emoji=emoji)


def reaction_remove(*, message: Message, user_id: int, emoji: str) -> None:
    Reaction.objects.filter(message=message, user_id=user_id, emoji=emoji).delete()


def channel_read(*, channel: Channel, user: User, message_id: int) -> None:
    """Never moves backwards."""
    message = Message.objects.filter(pk=message_id, channel=channel).first()
    if message is None:
        raise NoSuchMessage
    _read_up_to(user, message)


def _read_up_to(user: User, message: Message) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO messaging_readstate AS state (user_id, channel_id, last_read_id, position) VALUES (%s, %s, %s, %s)
            ON CONFLICT (user_id, channel_id) DO UPDATE
            SET last_read_id = EXCLUDED.last_read_id, position = EXCLUDED.position
            WHERE state.position < EXCLUDED.position
            """,
            [user.pk, message.channel_id, message.pk, message.position],
        )


def _still_open(channel: Channel, user: User) -> None:
    """What is written into a conversation is written behind its lock: a block or a leaving that came first wins."""
    if channel.server_id is None:
        conversation_locked(user, channel.pk, writing=True)


def _wait_for(channel_id: int) -> None:
    if not Channel.objects.select_for_update(of=("self",), no_key=True).filter(pk=channel_id).exists():
        raise ChannelNotFound


def _delete(channel_id: int, message_ids: list[int]) -> int:
    _wait_for(channel_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM messaging_message WHERE channel_id = %s AND id = ANY(%s) RETURNING position", [channel_id, message_ids]
        )
        positions = [position for (position,) in cursor.fetchall()]
    if positions:
        _tally(channel_id, -len(positions))
    for number, gone in Counter(position // BLOCK for position in positions).items():
        _count_block(channel_id, number, -gone)
    return len(positions)


def _locked(message: Message) -> Message:
    locked = Message.objects.select_for_update().filter(pk=message.pk).first()
    if locked is None:
        raise MessageNotFound
    return locked


def _tally(channel_id: int, step: int) -> int:
    """Counts a message in, or several out; the last position given out, a new one if counted in."""
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


def _count_block(channel_id: int, number: int, step: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO messaging_block AS block (channel_id, number, "left") VALUES (%s, %s, 1)
            ON CONFLICT (channel_id, number) DO UPDATE SET "left" = block."left" + %s
            """,
            [channel_id, number, step],
        )
