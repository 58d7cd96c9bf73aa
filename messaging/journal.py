"""What moderators do to the messages of others, for the audit log of their server: never the words themselves."""

from typing import NamedTuple

from accounts.services import users_stay
from audit.services import State, Target
from messaging.entry import Entry
from messaging.errors import NobodyModerates
from messaging.models import Message
from servers.journal import record, target_of


class Deleted(NamedTuple):
    """What is left to say of a deleted message."""

    id: int
    position: int
    user_id: int | None
    length: int
    has_attachments: bool


def moderates(entry: Entry, user_id: int | None) -> bool:
    """Whether something of somebody else is touched on a server. The caller's account is held, before any other row: the log
    names it.
    """
    users_stay(entry.user.pk)
    return entry.access is not None and user_id != entry.user.pk


def record_on(entry: Entry, action: str, message: Message, *, before: State | None = None, after: State | None = None) -> None:
    """As the last step of the act's transaction."""
    if entry.access is None:
        raise NobodyModerates
    about: State = {"channel_id": message.channel_id, "author_id": message.user_id}
    target = Target("message", message.pk, entry.channel.name)
    record(entry.access, action, target, before={**about, **(before or {})}, after=after)


def record_bulk(entry: Entry, deleted: list[Deleted]) -> None:
    """One entry for all; none if all were the caller's own."""
    others = [one for one in deleted if one.user_id != entry.user.pk]
    if others and entry.access is not None:
        authors = ", ".join(str(pk) for pk in sorted({one.user_id for one in others if one.user_id is not None}))
        before: State = {"messages": len(others), "author_ids": authors, "length": sum(one.length for one in others)}
        record(entry.access, "message.bulk_delete", target_of(entry.channel), before=before)
