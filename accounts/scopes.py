"""What a bot's token may be good for, and which operations of REST that opens. Whatever is not named here no bot may do.

Rooms above this one fill OPERATIONS; people's tokens have no scopes, and are not asked for any.
"""

from collections.abc import Mapping
from typing import Final

from rest_framework.request import Request

SERVERS_READ: Final = "servers.read"
SERVERS_MANAGE: Final = "servers.manage"
MEMBERS_READ: Final = "members.read"
MESSAGES_READ: Final = "messages.read"
MESSAGES_WRITE: Final = "messages.write"
VOICE: Final = "voice"
EVENTS: Final = "events"

SCOPES: Final[Mapping[str, str]] = {
    SERVERS_READ: "Servers with their channels, roles and first members",
    MEMBERS_READ: "Members of servers, and profiles",
    MESSAGES_READ: "Messages, and what is unread",
    MESSAGES_WRITE: "Write, edit, delete, pin; files; reactions",
    SERVERS_MANAGE: "Channels, roles and members, as far as the bot's own rights go",
    VOICE: "Calls",
    EVENTS: "Live events over sockets",
}

OPERATIONS: Final[dict[tuple[str, str], tuple[str, ...]]] = {}
"""By the name of the URL and the method: a token with any of these scopes may."""


def scopes_of(request: Request) -> tuple[str, ...]:
    """Those of which one is needed; none: no bot may."""
    match = request.resolver_match
    return OPERATIONS.get((match.url_name or "", request.method or ""), ()) if match else ()
