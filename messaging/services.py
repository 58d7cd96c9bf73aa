"""Writes of messages. All that count or place them wait for their channel's row, so counts and positions are always true."""

from collections import Counter
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import users_stay
from messaging.errors import MessageNotFound, NoSuchMessage, NoSuchReply, TooManyPins, TooManyReactions
from messaging.journal import Deleted, moderates, record_bulk, record_on
from messaging.models import BLOCK, EMOJI_PER_MESSAGE, PINS_PER_CHANNEL, Message, MessageRevision, Reaction
from messaging.slowmode import is_slowed, turn_take
from projectvoice.kernel.limits import Limit
from servers.access import Access
from servers.errors import ChannelNotFound
from servers.models import Channel

MESSAGES_PER_USER = Limit("message", most=120, window=60)


def message_post(*, access: Access, channel: Channel, nonce: str | None = None, **fields: Any) -> tuple[Message, bool]:
    """As `message_create`, where slow mode lets the caller."""
    user = access.member.user
    if not is_slowed(access, channel):
        return message_create(channel=channel, user=user, nonce=nonce, **fields)
    with transaction.atomic():
        turn_take(channel=channel, user=user, nonce=nonce)
        return message_create(channel=channel, user=user, nonce=nonce, **fields)


@transaction.atomic
def message_create(
    *, channel: Channel, user: User, content: str, nonce: str | None = None, reply_to_id: int | None = None
) -> tuple[Message, bool]:
    """The message, and whether it is new: the same nonce again gets the message it got before."""
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
def message_update(*, access: Access, message: Message, content: str) -> Message:
    """Keeps what it said before. The author stays the author."""
    moderated = moderates(access, message.user_id)
    message = _locked(message)
    before = message.content
    if content != before:
        MessageRevision.objects.create(message=message, content=before, edited_by=access.member.user)
    message.content, message.is_edited, message.updated_at = content, True, timezone.now()
    message.save(update_fields=["content", "is_edited", "updated_at"])
    if moderated and content != before:
        record_on(access, "message.edit", message, before={"length": len(before)}, after={"length": len(content)})
    return message


@transaction.atomic
def message_delete(*, access: Access, message: Message) -> None:
    moderated = moderates(access, message.user_id)
    for deleted in _delete(message.channel_id, [message.pk]):
        if moderated:
            record_on(access, "message.delete", message, before={"length": deleted.length})
        return
    raise MessageNotFound


@transaction.atomic
def message_bulk_delete(*, access: Access, channel: Channel, message_ids: list[int]) -> int:
    """How many there were to delete. Ids that name nothing in this channel are passed over."""
    users_stay(access.member.user_id)
    deleted = _delete(channel.pk, message_ids)
    record_bulk(access, channel, deleted)
    return len(deleted)


@transaction.atomic
def message_pin(*, access: Access, message: Message) -> None:
    moderated = moderates(access, message.user_id)
    _wait_for(message.channel_id)
    pinned = Message.objects.filter(channel_id=message.channel_id, pinned_at__isnull=False)
    if pinned.filter(pk=message.pk).exists():
        return
    if pinned.count() >= PINS_PER_CHANNEL:
        raise TooManyPins
    if not Message.objects.filter(pk=message.pk).update(pinned_at=timezone.now()):
        raise MessageNotFound
    if moderated:
        record_on(access, "message.pin", message)


@transaction.atomic
def message_unpin(*, access: Access, message: Message) -> None:
    moderated = moderates(access, message.user_id)
    unpinned = Message.objects.filter(pk=message.pk, pinned_at__isnull=False).update(pinned_at=None)
    if moderated and unpinned:
        record_on(access, "message.unpin", message)


@transaction.atomic
def reaction_add(*, message: Message, user: User, emoji: str) -> None:
    users_stay(user.pk)
    message = _locked(message)
    given = message.reactions.values_list("emoji", flat=True).distinct()
    if emoji not in given and len(given) >= EMOJI_PER_MESSAGE:
        raise TooManyReactions
    Reaction.objects.get_or_create(message=message, user=user, emoji=emoji)


@transaction.atomic
def reaction_remove(*, access: Access, message: Message, user_id: int, emoji: str) -> None:
    moderated = moderates(access, user_id)
    removed, _ = Reaction.objects.filter(message=message, user_id=user_id, emoji=emoji).delete()
    if moderated and removed:
        record_on(access, "reaction.remove", message, before={"emoji": emoji, "user_id": user_id})


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


def _wait_for(channel_id: int) -> None:
    if not Channel.objects.select_for_update(of=("self",), no_key=True).filter(pk=channel_id).exists():
        raise ChannelNotFound


def _delete(channel_id: int, message_ids: list[int]) -> list[Deleted]:
    _wait_for(channel_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM messaging_message WHERE channel_id = %s AND id = ANY(%s) "
            "RETURNING position, user_id, char_length(content)",
            [channel_id, message_ids],
        )
        deleted = [Deleted(*row) for row in cursor.fetchall()]
    if deleted:
        _tally(channel_id, -len(deleted))
    for number, gone in Counter(one.position // BLOCK for one in deleted).items():
        _count_block(channel_id, number, -gone)
    return deleted


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
