"""Writes of messages. All that count or place them wait for their channel's row, so counts and positions are always true."""

from collections import Counter
from contextlib import nullcontext, suppress
from functools import partial
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import DateTimeField, F, Func
from django.utils import timezone

from accounts.models import User
from accounts.services import users_stay
from events.doorbell import ring
from friends.conversations import conversation_locked
from messaging.announcing import tell, tell_deleted, tell_reaction, tell_read
from messaging.attachments.services import attachments_join, sweep_after_commit
from messaging.entry import Entry
from messaging.errors import EmptyMessage, MessageNotFound, NoSuchMessage, NoSuchReply, TooManyPins, TooManyReactions
from messaging.journal import Deleted, moderates, record_bulk, record_on
from messaging.mentions import NOBODY, Named, mentions_write, named_in
from messaging.models import BLOCK, EMOJI_PER_MESSAGE, PINS_PER_CHANNEL, Block, Message, MessageRevision, Reaction, Tally
from messaging.slowmode import is_slowed, turn_take
from projectvoice.kernel.limits import Limit
from projectvoice.kernel.sql import fetch_row
from servers.errors import ChannelNotFound
from servers.models import Channel

# The account is held first, as an account that goes does it, then the channel's row, as by all that count or place messages;
# the time is taken behind these locks.
POST = f"""
    WITH author AS (
        SELECT id FROM accounts_user WHERE id = %(user)s FOR KEY SHARE
    ), held AS (
        SELECT id FROM servers_channel WHERE id = %(channel)s AND EXISTS (SELECT FROM author)
            AND (%(reply)s::bigint IS NULL
                OR EXISTS (SELECT FROM messaging_message WHERE id = %(reply)s AND channel_id = %(channel)s))
            AND NOT EXISTS (
                SELECT FROM messaging_message WHERE channel_id = %(channel)s AND user_id = %(user)s AND nonce = %(nonce)s
            )
        FOR NO KEY UPDATE
    ), placed AS (
        INSERT INTO messaging_tally AS tally (channel_id, total, last_position) SELECT id, 1, 1 FROM held
        ON CONFLICT (channel_id) DO UPDATE SET total = tally.total + 1, last_position = tally.last_position + 1
        RETURNING last_position AS position, clock_timestamp() AS at
    ), counted AS (
        INSERT INTO messaging_block AS block (channel_id, number, "left")
        SELECT %(channel)s, position / {BLOCK}, 1 FROM placed
        ON CONFLICT (channel_id, number) DO UPDATE SET "left" = block."left" + 1
    ), written AS (
        INSERT INTO messaging_message
            (channel_id, position, user_id, content, reply_to_id, nonce, is_edited, created_at, updated_at, has_attachments,
            has_mentions, mentions_everyone)
        SELECT %(channel)s, position, %(user)s, %(content)s, %(reply)s, %(nonce)s, false, at, at, %(attached)s,
            %(named)s, %(everyone)s FROM placed
        RETURNING id, position, created_at
    ), seen AS (
        INSERT INTO messaging_readstate AS state (user_id, channel_id, last_read_id, position)
        SELECT %(user)s, %(channel)s, id, position FROM written
        ON CONFLICT (user_id, channel_id) DO UPDATE
        SET last_read_id = EXCLUDED.last_read_id, position = EXCLUDED.position WHERE state.position < EXCLUDED.position
    ), announced AS (
        INSERT INTO events_announcement (kind, server_id, channel_id, subject_id, actor_id)
        SELECT 'message-created', %(server)s::bigint, %(channel)s, id, %(user)s FROM written
    )
    SELECT * FROM written
"""
ERASED_AT_ONCE = 1000
MESSAGES_PER_USER = Limit("message", most=120, window=60)
SEARCHES_PER_USER = Limit("search", most=120, window=60)


def message_post(*, entry: Entry, nonce: str | None = None, **fields: Any) -> tuple[Message, bool]:
    """As `message_create`, where the conversation is still open to the caller and slow mode lets him."""
    named = named_in(fields["content"], entry, entry.user.pk)
    post = partial(message_create, channel=entry.channel, user=entry.user, nonce=nonce, named=named, **fields)
    if entry.access is not None and not is_slowed(entry) and not named.user_ids:
        return post()
    with transaction.atomic():
        if named.user_ids:
            users_stay(entry.user.pk, *named.user_ids)
        _still_open(entry)
        if is_slowed(entry):
            turn_take(channel=entry.channel, user=entry.user, nonce=nonce)
        return post()


def message_create(
    *,
    channel: Channel,
    user: User,
    content: str,
    nonce: str | None = None,
    reply_to_id: int | None = None,
    attachment_ids: list[int] | None = None,
    named: Named = NOBODY,
) -> tuple[Message, bool]:
    """The message, and whether it is new: the same nonce again gets the message it got before."""
    message = Message(channel=channel, user=user, content=content, nonce=nonce, reply_to_id=reply_to_id)
    message.has_attachments = bool(attachment_ids)
    message.has_mentions, message.mentions_everyone = bool(named.user_ids), named.everyone
    try:
        with transaction.atomic() if attachment_ids else nullcontext():  # one statement needs no other transaction
            if _post(message):
                if attachment_ids:
                    attachments_join(message, attachment_ids)
                if named.user_ids:  # their accounts are held, so there is a transaction
                    mentions_write(message, named)
                return message, True
    except IntegrityError as error:
        if "nonce" not in str(error):
            raise
    before = nonce and Message.objects.filter(channel=channel, user=user, nonce=nonce).first()
    if before:
        return before, False
    if reply_to_id is not None and Channel.objects.filter(pk=channel.pk).exists():
        raise NoSuchReply
    raise ChannelNotFound  # or the account went with it


def _post(message: Message) -> bool:
    """Places, counts and writes a message, and its author has read it. False: no channel, no such reply, or a known nonce."""
    row = fetch_row(
        POST,
        channel=message.channel_id,
        server=message.channel.server_id,
        user=message.user_id,
        content=message.content,
        reply=message.reply_to_id,
        nonce=message.nonce,
        attached=message.has_attachments,
        named=message.has_mentions,
        everyone=message.mentions_everyone,
    )
    if row is None:
        return False
    transaction.on_commit(ring)
    message.pk, message.position, message.created_at = row
    message.updated_at = message.created_at
    message._state.adding = False
    return True


@transaction.atomic
def message_update(*, entry: Entry, message: Message, content: str) -> Message:
    """Keeps what it said before. The author stays the author. Whoever is named from now on is told."""
    named = named_in(content, entry, message.user_id, everyone=message.mentions_everyone)
    if named.user_ids:
        users_stay(entry.user.pk, *named.user_ids)
    moderated = moderates(entry, message.user_id)
    _still_open(entry)
    message = _locked(message)
    message.channel = entry.channel
    before = message.content
    if not content and not message.has_attachments:
        raise EmptyMessage
    if content != before:
        MessageRevision.objects.create(message=message, content=before, edited_by=entry.user)
    message.content, message.is_edited, message.updated_at = content, True, timezone.now()
    was_named = message.has_mentions
    message.has_mentions, message.mentions_everyone = bool(named.user_ids), named.everyone
    message.save(update_fields=["content", "is_edited", "updated_at", "has_mentions", "mentions_everyone"])
    _changed(message.channel_id)
    tell("message-updated", entry.channel, message)
    if named.user_ids or was_named:
        mentions_write(message, named)
    if moderated and content != before:
        record_on(entry, "message.edit", message, before={"length": len(before)}, after={"length": len(content)})
    return message


@transaction.atomic
def message_delete(*, entry: Entry, message: Message) -> None:
    moderated = moderates(entry, message.user_id)
    deleted = message_remove(message=message)
    if moderated:
        record_on(entry, "message.delete", message, before={"length": deleted.length})


@transaction.atomic
def message_remove(*, message: Message) -> Deleted:
    """By whom it may concern: no server's log hears of it."""
    deleted = _delete(message.channel_id, [message.pk])
    if not deleted:
        raise MessageNotFound
    return deleted[0]


@transaction.atomic
def message_bulk_delete(*, entry: Entry, message_ids: list[int]) -> int:
    """How many there were to delete. Ids that name nothing in this channel are passed over."""
    users_stay(entry.user.pk)
    deleted = _delete(entry.channel.pk, message_ids)
    record_bulk(entry, deleted)
    return len(deleted)


@transaction.atomic
def message_pin(*, entry: Entry, message: Message) -> None:
    moderated = moderates(entry, message.user_id)
    _still_open(entry)
    _wait_for(message.channel_id)
    pinned = Message.objects.filter(channel_id=message.channel_id, pinned_at__isnull=False)
    if pinned.filter(pk=message.pk).exists():
        return
    if pinned.count() >= PINS_PER_CHANNEL:
        raise TooManyPins
    if not Message.objects.filter(pk=message.pk).update(pinned_at=timezone.now()):
        raise MessageNotFound
    tell("message-updated", entry.channel, message)
    if moderated:
        record_on(entry, "message.pin", message)


@transaction.atomic
def message_unpin(*, entry: Entry, message: Message) -> None:
    moderated = moderates(entry, message.user_id)
    unpinned = Message.objects.filter(pk=message.pk, pinned_at__isnull=False).update(pinned_at=None)
    if unpinned:
        tell("message-updated", entry.channel, message)
    if moderated and unpinned:
        record_on(entry, "message.unpin", message)


@transaction.atomic
def reaction_add(*, entry: Entry, message: Message, emoji: str) -> None:
    users_stay(entry.user.pk)
    _still_open(entry)
    message = _locked(message)
    given = message.reactions.values_list("emoji", flat=True).distinct()
    if emoji not in given and len(given) >= EMOJI_PER_MESSAGE:
        raise TooManyReactions
    _, is_new = Reaction.objects.get_or_create(message=message, user=entry.user, emoji=emoji)
    if is_new:
        tell_reaction("reaction-added", entry.channel, message, entry.user.pk, emoji)


@transaction.atomic
def reaction_remove(*, entry: Entry, message: Message, user_id: int, emoji: str) -> None:
    users_stay(entry.user.pk, user_id)
    moderated = moderates(entry, user_id)
    message = _locked(message)
    removed, _ = Reaction.objects.filter(message=message, user_id=user_id, emoji=emoji).delete()
    if removed:
        tell_reaction("reaction-removed", entry.channel, message, user_id, emoji)
    if moderated and removed:
        record_on(entry, "reaction.remove", message, before={"emoji": emoji, "user_id": user_id})


def messages_erase(*, user: User) -> int:
    """Deletes a bounded number of the messages somebody wrote, those of each channel in a transaction; 0: none is left."""
    found: dict[int, list[int]] = {}
    for pk, channel_id in Message.objects.filter(user=user).values_list("pk", "channel_id")[:ERASED_AT_ONCE]:
        found.setdefault(channel_id, []).append(pk)
    for channel_id, message_ids in found.items():
        with suppress(ChannelNotFound), transaction.atomic():  # deleted meanwhile, and its messages with it
            _delete(channel_id, message_ids)
    return sum(map(len, found.values()))


@transaction.atomic
def channel_read(*, channel: Channel, user: User, message_id: int) -> None:
    """Never moves backwards."""
    message = Message.objects.filter(pk=message_id, channel=channel).first()
    if message is None:
        raise NoSuchMessage
    if _read_up_to(user, message):
        tell_read(channel, user)


def _read_up_to(user: User, message: Message) -> bool:
    """Whether that is further than before."""
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
        return cursor.rowcount == 1


def _still_open(entry: Entry) -> None:
    """What is written into a conversation is written behind its lock: a block or a leaving that came first wins."""
    if entry.access is None:
        conversation_locked(entry.user, entry.channel.pk, writing=True)


def _wait_for(channel_id: int) -> int | None:
    """The server it is of."""
    held = Channel.objects.select_for_update(of=("self",), no_key=True).filter(pk=channel_id).values_list("server_id")
    for (server_id,) in held:
        return server_id
    raise ChannelNotFound


def _delete(channel_id: int, message_ids: list[int]) -> list[Deleted]:
    server_id = _wait_for(channel_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM messaging_message WHERE channel_id = %s AND id = ANY(%s) "
            "RETURNING id, position, user_id, char_length(content), has_attachments",
            [channel_id, message_ids],
        )
        deleted = [Deleted(*row) for row in cursor.fetchall()]
    if any(one.has_attachments for one in deleted):
        sweep_after_commit()
    if deleted:
        _changed(channel_id, gone=len(deleted))
        tell_deleted(server_id, channel_id, [one.id for one in deleted])
    for number, gone in Counter(one.position // BLOCK for one in deleted).items():
        _uncount_block(channel_id, number, gone)
    return deleted


def _locked(message: Message) -> Message:
    """Replies may refer to it meanwhile: whoever writes one holds the tally that an edit waits for."""
    locked = Message.objects.select_for_update(no_key=True).filter(pk=message.pk).first()
    if locked is None:
        raise MessageNotFound
    return locked


def _clock() -> Func:
    """The moment itself, not that of the transaction's begin: behind the row's lock no two are the same."""
    return Func(function="clock_timestamp", output_field=DateTimeField())


def _changed(channel_id: int, gone: int = 0) -> None:
    """Messages were edited, or that many are gone: what was counted before (counts.py) is void."""
    Tally.objects.filter(channel_id=channel_id).update(total=F("total") - gone, changed_at=_clock())


def _uncount_block(channel_id: int, number: int, gone: int) -> None:
    Block.objects.filter(channel_id=channel_id, number=number).update(left=F("left") - gone)
