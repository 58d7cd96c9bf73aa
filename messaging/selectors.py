"""Reads of messages. A page is the hottest answer of REST: one statement reads it, as the wire has it."""

import re
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import QuerySet

from accounts.models import User
from messaging.attachments.selectors import attachments_of
from messaging.counts import MATCHES, matches
from messaging.errors import MessageNotFound
from messaging.models import BLOCK, MOST_UNREAD, PINS_PER_CHANNEL, Message, MessageRevision
from projectvoice.kernel.pagination import Page
from projectvoice.kernel.serializers import MAX_ID, iso
from projectvoice.kernel.sql import fetch, fetch_planned, fetch_row, fetch_wire

# `found` picks messages; whether a message has reactions is told, so that a page without any need not look for them.
MESSAGES = """
    SELECT found.id, found.content, found.user_id, found.channel_id, found.reply_to_id, found.is_edited,
        found.created_at, found.updated_at, found.pinned_at IS NOT NULL, found.has_attachments,
        found.has_mentions, found.mentions_everyone,
        COALESCE(found.shown_name, author.username), COALESCE(found.shown_picture, author.profile_picture),
        author.kind <> 'person',
        EXISTS (SELECT FROM messaging_reaction reaction WHERE reaction.message_id = found.id)
    FROM ({found}) found LEFT JOIN accounts_user author ON author.id = found.user_id ORDER BY found.{order}
"""
NEWEST = MESSAGES.format(
    found="""
        SELECT * FROM messaging_message WHERE channel_id = %s AND position < %s ORDER BY position DESC LIMIT {limit}
    """,
    order="position",
)
PAGE = NEWEST.replace("SELECT", "SELECT (SELECT total FROM messaging_tally WHERE channel_id = %s),", 1)
AFTER = MESSAGES.format(
    found="SELECT * FROM messaging_message WHERE channel_id = %s AND position >= %s ORDER BY position LIMIT {limit}",
    order="position",
)
ONE = MESSAGES.format(found="SELECT * FROM messaging_message WHERE id = %s", order="id")
PINNED = MESSAGES.format(
    found=f"""
        SELECT * FROM messaging_message WHERE channel_id = %s AND pinned_at IS NOT NULL
        ORDER BY pinned_at DESC, id DESC LIMIT {PINS_PER_CHANNEL}
    """,
    order="pinned_at DESC, found.id DESC",
)
CHOSEN = MESSAGES.format(found="SELECT * FROM messaging_message WHERE id = ANY(%s)", order="position DESC")
# Who called everyone is asked for his blocks only now: nobody was named then.
CALLED = """
    messaging_message loud WHERE loud.channel_id = {channel} AND loud.mentions_everyone AND loud.user_id IS DISTINCT FROM {user}
        AND NOT EXISTS (
            SELECT FROM friends_block WHERE (blocker_id, blocked_id) IN (({user}, loud.user_id), (loud.user_id, {user}))
        )
"""
MENTIONING = f"""
    SELECT found.id FROM unnest(%(channels)s::bigint[]) AS channel (id), LATERAL (
        (SELECT message_id AS id FROM messaging_mention
        WHERE user_id = %(user)s AND channel_id = channel.id AND message_id < %(before)s ORDER BY position DESC LIMIT {{limit}})
        UNION
        (SELECT loud.id FROM {CALLED.format(channel="channel.id", user="%(user)s::bigint")}
            AND loud.id < %(before)s ORDER BY loud.position DESC LIMIT {{limit}})
    ) found ORDER BY found.id DESC LIMIT {{limit}}
"""
UNREAD = f"""
    SELECT asked.channel_id, state.last_read_id, (
        SELECT COUNT(*) FROM (
            SELECT FROM messaging_message
            WHERE channel_id = asked.channel_id AND position > COALESCE(state.position, 0) LIMIT %(most)s
        ) newer
    ), (
        SELECT COUNT(*) FROM (
            (SELECT message_id FROM messaging_mention WHERE user_id = asked.user_id AND channel_id = asked.channel_id
                AND position > COALESCE(state.position, 0) LIMIT %(most)s)
            UNION
            (SELECT loud.id FROM {CALLED.format(channel="asked.channel_id", user="asked.user_id")}
                AND loud.position > COALESCE(state.position, 0) LIMIT %(most)s)
        ) named
    ) FROM unnest(%(users)s::bigint[], %(channels)s::bigint[]) WITH ORDINALITY AS asked (user_id, channel_id, place)
    LEFT JOIN messaging_readstate state ON state.channel_id = asked.channel_id AND state.user_id = asked.user_id
    ORDER BY asked.place
"""
END = 2**62  # behind every position


class MessagePage(NamedTuple):
    messages: list[dict[str, Any]]
    total: int


def message_page(channel_id: int, page: Page, reader: User) -> MessagePage:
    """Page 1 holds the newest; inside a page the oldest comes first. Costs the same wherever the page lies."""
    skipped = (page.number - 1) * page.limit
    end = _end_of(channel_id, skipped) if skipped else END
    found = fetch_wire(PAGE.format(limit=page.limit), channel_id, channel_id, end)
    total = found[0][0] if found else message_total(channel_id)
    return MessagePage(_rows((row[1:] for row in found), reader), total)


def message_total(channel_id: int) -> int:
    row = fetch_row("SELECT total FROM messaging_tally WHERE channel_id = %s", channel_id)
    return row[0] if row else 0


def _end_of(channel_id: int, skipped: int) -> int:
    """The position of the oldest of the `skipped` newest messages; 0 if there are not so many."""
    block = fetch_row(
        """
        SELECT number, (upto - "left")::bigint FROM (
            SELECT number, "left", SUM("left") OVER (ORDER BY number DESC) AS upto
            FROM messaging_block WHERE channel_id = %s
        ) blocks WHERE upto >= %s ORDER BY number DESC LIMIT 1
        """,
        channel_id,
        skipped,
    )
    if block is None:
        return 0
    number, newer = block
    [(position,)] = fetch_planned(
        "SELECT position FROM messaging_message WHERE channel_id = %s AND position < %s ORDER BY position DESC OFFSET %s LIMIT 1",
        channel_id,
        (number + 1) * BLOCK,
        skipped - newer - 1,
    )
    return int(position)


def messages_before(channel_id: int, message_id: int, limit: int, reader: User) -> list[dict[str, Any]]:
    """The `limit` messages that came before this one, the oldest first. The id need not exist any more."""
    return _rows(fetch_wire(NEWEST.format(limit=limit), channel_id, _position(channel_id, message_id)), reader)


def messages_after(channel_id: int, message_id: int, limit: int, reader: User) -> list[dict[str, Any]]:
    """The `limit` messages that came after this one, the oldest first."""
    position = _position(channel_id, min(message_id, MAX_ID - 1) + 1)
    return _rows(fetch_wire(AFTER.format(limit=limit), channel_id, position), reader)


def _position(channel_id: int, message_id: int) -> int:
    """Where this id stands or would stand: ids and positions of one channel grow together."""
    row = fetch_row(
        "SELECT position FROM messaging_message WHERE channel_id = %s AND id >= %s ORDER BY id LIMIT 1", channel_id, message_id
    )
    return row[0] if row else END


def message_search(channel_id: int, query: str, page: Page, reader: User) -> MessagePage:
    """Literal text anywhere in the message, without regard to case; the newest first."""
    literal = "%" + re.sub(r"([%_\\])", r"\\\1", query) + "%"
    known = matches(channel_id, literal)
    ids = _found(channel_id, literal, page) if known.ids is None else known.ids[page.rows]
    return MessagePage(_rows(fetch_wire(CHOSEN, ids), reader) if ids else [], known.total)


def _found(channel_id: int, literal: str, page: Page) -> list[int]:
    rows = fetch_planned(
        f"SELECT id FROM messaging_message WHERE {MATCHES} ORDER BY position DESC LIMIT %s OFFSET %s",
        channel_id,
        literal,
        page.limit,
        page.rows.start,
    )
    return [pk for (pk,) in rows]


def message_row(message_id: int, reader: User) -> dict[str, Any]:
    rows = _rows(fetch_wire(ONE, message_id), reader)
    if not rows:
        raise MessageNotFound  # deleted since the doors were passed
    return rows[0]


def messages_shown(message_ids: list[int]) -> dict[int, dict[str, Any]]:
    """By their ids, as nobody in particular sees them: no reaction is the reader's."""
    return {row["id"]: row for row in _rows(fetch_wire(CHOSEN, message_ids), None)}


def message_posted(message: Message, author: User) -> dict[str, Any]:
    """The row of a message that was written this moment: nobody has reacted to it, pinned or edited it."""
    moments = (iso(message.created_at), iso(message.updated_at))
    values = (message.pk, message.content, author.pk, message.channel_id, message.reply_to_id, False, *moments, False)
    flags = (message.has_attachments, message.has_mentions, message.mentions_everyone)
    return _rows([(*values, *flags, author.username, author.profile_picture, author.is_bot, False)], author)[0]


def message_pins(channel_id: int, reader: User) -> list[dict[str, Any]]:
    """The pinned messages, the newest pin first."""
    return _rows(fetch_wire(PINNED, channel_id), reader)


def revision_list(message: Message) -> QuerySet[MessageRevision]:
    return message.revisions.order_by("-id")[:100]


def _rows(found: Iterable[Sequence[Any]], reader: User | None) -> list[dict[str, Any]]:
    """`reader` is whose own reactions are marked."""
    rows, reacted = [], {}
    for *values, has_reactions in found:
        row = _row(values)
        rows.append(row)
        if has_reactions:
            reacted[row["id"]] = row["reactions"]
    if reacted:
        for message_id, emoji, count, me in fetch(
            """
            SELECT message_id, emoji, COUNT(*), COALESCE(bool_or(user_id = %s::bigint), false) FROM messaging_reaction
            WHERE message_id = ANY(%s) GROUP BY message_id, emoji ORDER BY MIN(id)
            """,
            reader and reader.pk,
            list(reacted),
        ):
            reacted[message_id].append({"emoji": emoji, "count": count, "me": me})
    _attach([row for row in rows if row["attachments"] is None])
    _name({row["id"]: row for row in rows if row["mentions"] is None})
    return rows


def _attach(rows: list[dict[str, Any]]) -> None:
    """A page without attachments costs no query for them."""
    if rows:
        attachments = attachments_of([row["id"] for row in rows])
        for row in rows:
            row["attachments"] = attachments[row["id"]]


def _name(rows: dict[int, dict[str, Any]]) -> None:
    """Nor does one that names nobody."""
    if rows:
        for row in rows.values():
            row["mentions"] = []
        for message_id, user_id in fetch(
            "SELECT message_id, user_id FROM messaging_mention WHERE message_id = ANY(%s) ORDER BY message_id, user_id",
            list(rows),
        ):
            rows[message_id]["mentions"].append(user_id)


def mention_list(user: User, channel_ids: list[int], before: int, limit: int) -> list[dict[str, Any]]:
    """Messages of these channels, with ids below `before`, that name the user or call everyone; the newest first."""
    ids = [pk for (pk,) in fetch(MENTIONING.format(limit=int(limit)), channels=channel_ids, user=user.pk, before=before)]
    rows = _rows(fetch_wire(CHOSEN, ids), user) if ids else []
    return sorted(rows, key=itemgetter("id"), reverse=True)


def unread_list(user: User, channel_ids: list[int]) -> list[dict[str, Any]]:
    """How far the user has read, and how many messages came since, in the order of these channels."""
    return read_states([(user.pk, channel_id) for channel_id in channel_ids])


def read_states(asked: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """The same of many: by the ids of user and channel, in this order."""
    return [
        {"channelId": channel_id, "lastReadId": last_read_id, "unread": unread, "mentions": mentions}
        for channel_id, last_read_id, unread, mentions in fetch(
            UNREAD,
            most=MOST_UNREAD,
            users=[user_id for user_id, _ in asked],
            channels=[channel_id for _, channel_id in asked],
        )
    ]


def _row(values: Sequence[Any]) -> dict[str, Any]:
    """The shape of seed 002. A deleted account leaves its messages without a user."""
    pk, content, user_id, channel_id, reply_to_id, is_edited, created_at, updated_at, *flags, username, picture, is_bot = values
    is_pinned, attached, named, everyone = flags
    return {
        "id": pk,
        "content": content,
        "userId": user_id,
        "channelId": channel_id,
        "replyToId": reply_to_id,
        "createdAt": created_at,
        "updatedAt": updated_at,
        "user": user_id and {"id": user_id, "username": username, "avatar": picture, "isBot": is_bot},
        "isEdited": is_edited,
        "isPinned": is_pinned,
        "reactions": [],
        "attachments": None if attached else [],  # None: still to be read
        "mentions": None if named else [],  # likewise
        "mentionsEveryone": everyone,
    }
