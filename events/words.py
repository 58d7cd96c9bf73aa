"""The catalogue: every kind of event, who may hear of it, what it says. Pure; docs/protocols/events.md explains each."""

from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple


class Audience(Enum):
    SERVER = "server"
    """Its members."""
    CHANNEL = "channel"
    """Members who see that channel of the server; without a server the participants of that conversation."""
    USER = "user"
    """One user alone; if a channel is named, while he sees it."""
    NOBODY = "nobody"
    """Internal: read by whoever delivers, never delivered."""


class Kind(NamedTuple):
    audience: Audience
    payload: Mapping[str, str]
    """Its keys, with the name of what stands there: a component of the OpenAPI schema or a JSON type."""
    need: str | None = None
    """The permission one must hold, in the channel or on the server, beside seeing it."""
    about: str | None = None
    """What the subject's id names. What ends a subject takes earlier events about it out of the log: those for everybody, or,
    told to one user, those for him.
    """
    ends: bool = False
    latest: bool = False
    """It says all there is to say of its subject to that user: the log keeps the last one."""
    rendered: bool = True
    """Its payload is made when it is written to the log, by the room that knows; else it comes with the announcement."""


def _said(
    audience: Audience,
    need: str | None = None,
    about: str | None = None,
    *,
    ends: bool = False,
    latest: bool = False,
    **payload: str,
) -> Kind:
    return Kind(audience, payload, need, about, ends, latest, rendered=False)


READ: Final = "READ_MESSAGE_HISTORY"
S, C, U, NOBODY = Audience.SERVER, Audience.CHANNEL, Audience.USER, Audience.NOBODY

KINDS: Final[Mapping[str, Kind]] = {
    "message-created": Kind(C, {"message": "Message"}, READ, "message"),
    "message-updated": Kind(C, {"message": "Message"}, READ, "message"),
    "message-deleted": _said(C, READ, "message", ends=True, messageId="integer"),
    "messages-deleted": _said(C, READ, "message", ends=True, messageIds="integer[]"),
    "reaction-added": _said(C, READ, "message", messageId="integer", userId="integer", emoji="string", count="integer"),
    "reaction-removed": _said(C, READ, "message", messageId="integer", userId="integer", emoji="string", count="integer"),
    "channel-created": Kind(C, {"channel": "Channel"}),
    "channel-updated": Kind(C, {"channel": "Channel"}),
    "channel-deleted": _said(S, channelId="integer"),
    "category-created": Kind(S, {"category": "Category"}),
    "category-updated": Kind(S, {"category": "Category"}),
    "category-deleted": _said(S, categoryId="integer"),
    "role-created": Kind(S, {"role": "Role"}),
    "role-updated": Kind(S, {"role": "Role"}),
    "role-deleted": _said(S, roleId="integer"),
    "server-updated": Kind(S, {"server": "ServerHead"}),
    "member-joined": Kind(S, {"member": "Member"}),
    "member-updated": Kind(S, {"member": "Member"}),
    "member-left": _said(S, memberId="integer", userId="integer"),
    "member-banned": _said(S, "BAN_MEMBERS", userId="integer"),
    "member-unbanned": _said(S, "BAN_MEMBERS", userId="integer"),
    "invite-created": Kind(S, {"invite": "Invite"}, "MANAGE_GUILD"),
    "invite-deleted": _said(S, "MANAGE_GUILD", inviteId="integer"),
    "server-joined": Kind(U, {"server": "ServerHead"}),
    "server-left": _said(U, serverId="integer", reason="string"),
    "mention": Kind(U, {"message": "Message"}, READ, "message"),
    "read-state": _said(U, latest=True, channelId="integer", lastReadId="integer", unread="integer", mentions="integer"),
    "friend-updated": Kind(U, {"friend": "Friend"}, latest=True),
    "friend-removed": _said(U, userId="integer"),
    "friend-request": Kind(U, {"request": "IncomingRequest", "direction": "string"}, about="request"),
    "friend-request-removed": _said(U, about="request", ends=True, requestId="integer"),
    "user-blocked": Kind(U, {"user": "Person"}),
    "user-unblocked": _said(U, userId="integer"),
    "conversation-updated": Kind(U, {"conversation": "Conversation"}, about="conversation", latest=True),
    "conversation-left": _said(U, about="conversation", ends=True, channelId="integer"),
    "user-updated": Kind(U, {"user": "Me"}, latest=True),
    "access": _said(NOBODY),
    "gone": _said(NOBODY),
}
"""`access`: the rights of that user, on that server, in that channel may be other than before. `gone`: the channel, or the
server, is no more, and what was said in it leaves the log.
"""

ABOUT: Final[Mapping[str, frozenset[str]]] = {
    about: frozenset(name for name, kind in KINDS.items() if kind.about == about)
    for about in {kind.about for kind in KINDS.values() if kind.about}
}
"""By what they are about, the kinds whose subject that is."""
