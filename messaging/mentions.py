"""Whom a message names: `@username`, and `@everyone` or `@here` by those who may.

Only who can read the channel is named, and nobody whom a block parts from the author.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from accounts.models import User, username_key
from events.services import announce_to
from friends.models import Participant
from friends.selectors import blocked_among
from messaging.entry import READ, Entry
from messaging.models import MENTIONS_PER_MESSAGE, Message
from servers.access import Access, access_channels
from servers.permissions import Permission, may

# What stands behind a word's letter is an e-mail address.
NAME = re.compile(r"(?<![\w.-])@([\w.-]{3,50})(?![\w.-])")
EVERYONE = {"everyone", "here"}  # nobody is meant who is called so


class Named(NamedTuple):
    user_ids: list[int]
    everyone: bool


NOBODY = Named([], False)


def named_in(content: str, entry: Entry, author_id: int | None, *, everyone: bool = False) -> Named:
    """`everyone`: he has called all before, and may do so again. A text without an `@` costs nothing."""
    if "@" not in content:
        return NOBODY
    names = list(dict.fromkeys(NAME.findall(content)))[:MENTIONS_PER_MESSAGE]
    loud = any(EVERYONE & set(_spellings(name)) for name in names)
    people = _people([name for name in names if not EVERYONE & set(_spellings(name))])
    people.pop(author_id or 0, None)
    readers = _readers(people, entry) if people else set()
    if author_id is not None and readers:
        readers -= blocked_among(author_id, readers)
    return Named(sorted(readers), loud and (everyone or _may_call_all(entry)))


def mentions_write(message: Message, named: Named) -> None:
    """The message names just these afterwards; whoever is new among them is told. Their accounts are held already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM messaging_mention WHERE message_id = %s AND user_id <> ALL(%s)", [message.pk, named.user_ids]
        )
        cursor.execute(
            """
            INSERT INTO messaging_mention (message_id, user_id, channel_id, position)
            SELECT %s, id, %s, %s FROM accounts_user WHERE id = ANY(%s) ORDER BY id ON CONFLICT DO NOTHING RETURNING user_id
            """,
            [message.pk, message.channel_id, message.position, named.user_ids],
        )
        new = [user_id for (user_id,) in cursor.fetchall()]
    announce_to(
        new,
        "mention",
        server_id=message.channel.server_id,
        channel_id=message.channel_id,
        subject_id=message.pk,
        actor_id=message.user_id,
    )


def _people(names: list[str]) -> dict[int, User]:
    keys = {key for name in names for key in _spellings(name)}
    known = {user.username_key: user for user in User.objects.filter(username_key__in=keys)} if keys else {}
    found = (next((known[key] for key in _spellings(name) if key in known), None) for name in names)
    return {user.pk: user for user in found if user}


def _spellings(name: str) -> Iterator[str]:
    """The whole, then without what may end a sentence: names may hold dots and hyphens too."""
    while name:
        yield username_key(name)
        if name[-1] not in ".-":
            return
        name = name[:-1]


def _readers(people: dict[int, User], entry: Entry) -> set[int]:
    if entry.access is None:
        present = Participant.objects.filter(conversation=entry.channel.pk, user__in=people)
        return set(present.values_list("user_id", flat=True))
    doors = access_channels([(user, entry.channel.pk) for user in people.values()], need=READ)
    return {user_id for (user_id, _), door in doors.items() if isinstance(door, Access)}


def _may_call_all(entry: Entry) -> bool:
    """In a conversation everybody hears everything anyway."""
    return entry.access is not None and may(entry.access.standing, Permission.MENTION_EVERYONE)
