"""Reads of messages. Rows are read as values, not as models: a page is the hottest answer of REST."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import BoolOr
from django.db import connection
from django.db.models import Count, Min, Q, QuerySet

from accounts.models import User
from messaging.attachments.selectors import attachments_of
from messaging.errors import MessageNotFound
from messaging.models import BLOCK, MOST_UNREAD, PINS_PER_CHANNEL, Message, MessageRevision, Reaction, Tally
from projectvoice.kernel.pagination import Page
from projectvoice.kernel.serializers import MAX_ID, iso

FIELDS = (
    "id",
    "content",
    "user_id",
    "channel_id",
    "reply_to_id",
    "is_edited",
    "created_at",
    "updated_at",
    "pinned_at",
    "has_attachments",
    "user__username",
    "user__profile_picture",
)


class MessagePage(NamedTuple):
    messages: list[dict[str, Any]]
    total: int


def message_page(channel_id: int, page: Page, reader: User) -> MessagePage:
    """Page 1 holds the newest; inside a page the oldest comes first. Costs the same wherever the page lies."""
    total = message_total(channel_id)
    skipped = (page.number - 1) * page.limit
    if skipped >= total:
        return MessagePage([], total)
    messages = _of(channel_id).order_by("-position")
    if skipped:
        block, newer = _block_of(channel_id, skipped)
        messages = messages.filter(position__lt=(block + 1) * BLOCK)
        skipped -= newer
    return MessagePage(_chronological(messages[skipped : skipped + page.limit], reader), total)


def message_total(channel_id: int) -> int:
    return Tally.objects.filter(channel_id=channel_id).values_list("total", flat=True).first() or 0


def _block_of(channel_id: int, skipped: int) -> tuple[int, int]:
    """The block in which the message after the `skipped` newest lies, and how many newer ones lie in later blocks."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT number, upto - "left" FROM (
                SELECT number, "left", SUM("left") OVER (ORDER BY number DESC) AS upto
                FROM messaging_block WHERE channel_id = %s
            ) blocks WHERE upto > %s ORDER BY number DESC LIMIT 1
            """,
            [channel_id, skipped],
        )
        number, newer = cursor.fetchone()
    return int(number), int(newer)


def messages_before(channel_id: int, message_id: int, limit: int, reader: User) -> list[dict[str, Any]]:
    """The `limit` messages that came before this one, the oldest first. The id need not exist any more."""
    before = _of(channel_id).filter(position__lt=_position(channel_id, message_id))
    return _chronological(before.order_by("-position")[:limit], reader)


def messages_after(channel_id: int, message_id: int, limit: int, reader: User) -> list[dict[str, Any]]:
    """The `limit` messages that came after this one, the oldest first."""
    position = _position(channel_id, min(message_id, MAX_ID - 1) + 1)
    after = _of(channel_id).filter(position__gte=position).order_by("position")[:limit]
    return _rows(after.values_list(*FIELDS), reader)


def _position(channel_id: int, message_id: int) -> int:
    """Where this id stands or would stand: ids and positions of one channel grow together."""
    later = Message.objects.filter(channel_id=channel_id, pk__gte=message_id).order_by("pk")
    found = later.values_list("position", flat=True).first()
    return 2**62 if found is None else found


def message_search(channel_id: int, query: str, page: Page, reader: User) -> MessagePage:
    """Literal text anywhere in the message, without regard to case; the newest first."""
    found = _of(channel_id).filter(content__icontains=query)
    rows = found.order_by("-position")[page.rows].values_list(*FIELDS)
    return MessagePage(_rows(rows, reader), found.count())


def message_row(message_id: int, reader: User) -> dict[str, Any]:
    rows = _rows(Message.objects.filter(pk=message_id).values_list(*FIELDS), reader)
    if not rows:
        raise MessageNotFound  # deleted since the doors were passed
    return rows[0]


def message_pins(channel_id: int, reader: User) -> list[dict[str, Any]]:
    """The pinned messages, the newest pin first."""
    pinned = _of(channel_id).filter(pinned_at__isnull=False).order_by("-pinned_at", "-pk")
    return _rows(pinned[:PINS_PER_CHANNEL].values_list(*FIELDS), reader)


def revision_list(message: Message) -> QuerySet[MessageRevision]:
    return message.revisions.order_by("-id")[:100]


def _of(channel_id: int) -> QuerySet[Message]:
    return Message.objects.filter(channel_id=channel_id)


def _chronological(newest_first: QuerySet[Message], reader: User) -> list[dict[str, Any]]:
    return _rows(reversed(newest_first.values_list(*FIELDS)), reader)


def _rows(found: Iterable[Sequence[Any]], reader: User) -> list[dict[str, Any]]:
    """`reader` is whose own reactions are marked."""
    rows = [_row(values) for values in found]
    _attach([row for row in rows if row["attachments"] is None])
    by_id = {row["id"]: row["reactions"] for row in rows}
    given = Reaction.objects.filter(message_id__in=by_id).values("message_id", "emoji")
    for row in given.annotate(count=Count("pk"), me=BoolOr(Q(user=reader)), first=Min("pk")).order_by("first"):
        by_id[row["message_id"]].append({key: row[key] for key in ("emoji", "count", "me")})
    return rows


def _attach(rows: list[dict[str, Any]]) -> None:
    """A page without attachments costs no query for them."""
    if rows:
        attachments = attachments_of([row["id"] for row in rows])
        for row in rows:
            row["attachments"] = attachments[row["id"]]


def unread_list(user: User, channel_ids: list[int]) -> list[dict[str, Any]]:
    """How far the user has read, and how many messages came since, in the order of these channels."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT channel.id, state.last_read_id, (
                SELECT COUNT(*) FROM (
                    SELECT FROM messaging_message
                    WHERE channel_id = channel.id AND position > COALESCE(state.position, 0) LIMIT %s
                ) newer
            ) FROM unnest(%s::bigint[]) WITH ORDINALITY AS channel (id, place)
            LEFT JOIN messaging_readstate state ON state.channel_id = channel.id AND state.user_id = %s
            ORDER BY channel.place
            """,
            [MOST_UNREAD, channel_ids, user.pk],
        )
        return [
            {"channelId": channel_id, "lastReadId": last_read_id, "unread": unread}
            for channel_id, last_read_id, unread in cursor.fetchall()
        ]


def _row(values: Sequence[Any]) -> dict[str, Any]:
    """The shape of seed 002. A deleted account leaves its messages without a user."""
    pk, content, user_id, channel_id, reply_to_id, is_edited, created_at, updated_at, pinned_at, attached, *author = values
    username, picture = author
    return {
        "id": pk,
        "content": content,
        "userId": user_id,
        "channelId": channel_id,
        "replyToId": reply_to_id,
        "createdAt": iso(created_at),
        "updatedAt": iso(updated_at),
        "user": user_id and {"id": user_id, "username": username, "avatar": picture},
        "isEdited": is_edited,
        "isPinned": pinned_at is not None,
        "reactions": [],
        "attachments": None if attached else [],  # None: still to be read
    }
