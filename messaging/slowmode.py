"""Slow mode: who has just written in such a channel waits before he writes there again."""

from django.db import connection

from accounts.models import User
from messaging.errors import SlowDown
from messaging.models import Message
from servers.access import Access
from servers.models import Channel
from servers.permissions import Permission, Rank, may


def is_slowed(access: Access, channel: Channel) -> bool:
    """Those who keep order in the channel do not wait."""
    keeps_order = may(access.standing, Permission.MANAGE_MESSAGES, Rank.MODERATOR)
    return channel.slowmode > 0 and not (keeps_order or may(access.standing, Permission.MANAGE_CHANNELS))


def turn_take(*, channel: Channel, user: User, nonce: str | None) -> None:
    """Within the transaction that then writes the message: a message that fails gives the turn back.

    Who repeats a nonce asks for what he wrote before, and does not wait. Of several at once the row lets one through; the
    others see afterwards whether it was theirs.
    """
    said = Message.objects.none() if nonce is None else Message.objects.filter(channel=channel, user=user, nonce=nonce)
    who = {"channel": channel.pk, "user": user.pk, "slowmode": channel.slowmode}
    if not (said.exists() or _take(who) or said.all().exists()):
        raise SlowDown(_seconds_left(who))


def _take(who: dict[str, int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO messaging_lastword AS last (channel_id, user_id, at) VALUES (%(channel)s, %(user)s, now())
            ON CONFLICT (channel_id, user_id) DO UPDATE SET at = EXCLUDED.at
            WHERE last.at <= EXCLUDED.at - make_interval(secs => %(slowmode)s)
            """,
            who,
        )
        return cursor.rowcount == 1


def _seconds_left(who: dict[str, int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT ceil(extract(epoch FROM at + make_interval(secs => %(slowmode)s) - clock_timestamp()))
            FROM messaging_lastword WHERE channel_id = %(channel)s AND user_id = %(user)s
            """,
            who,
        )
        return max(1, int(cursor.fetchone()[0]))
