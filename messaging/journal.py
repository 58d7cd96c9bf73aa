"""What moderators do to the messages of others, for the audit log of their server: never the words themselves."""

from typing import NamedTuple

from accounts.services import users_stay
from audit.services import State, Target
from messaging.models import Message
from servers.access import Access
from servers.journal import record, target_of
from servers.models import Channel


class Deleted(NamedTuple):
    """What is left to say of a deleted message."""

    position: int
    user_id: int | None
    length: int
    has_attachments: bool


def moderates(access: Access, user_id: int | None) -> bool:
    """Whether something of somebody else is touched. The caller's account is held, before any other row: the log names it."""
    users_stay(access.member.user_id)
    return user_id != access.member.user_id


def record_on(
    access: Access, action: str, message: Message, *, before: State | None = None, after: State | None = None
) -> None:
    """As the last step of the act's transaction."""
    about: State = {"channel_id": message.channel_id, "author_id": message.user_id}
    target = Target("message", message.pk, access.channel.name if access.channel else "")
    record(access, action, target, before={**about, **(before or {})}, after=after)


def record_bulk(access: Access, channel: Channel, deleted: list[Deleted]) -> None:
    """One entry for all; none if all were the caller's own."""
    others = [one for one in deleted if one.user_id != access.member.user_id]
    if others:
        authors = ", ".join(str(pk) for pk in sorted({one.user_id for one in others if one.user_id is not None}))
        before: State = {"messages": len(others), "author_ids": authors, "length": sum(one.length for one in others)}
        record(access, "message.bulk_delete", target_of(channel), before=before)
