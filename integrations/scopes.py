"""What each scope of a bot's token opens, by the name of the URL. What is not listed stays shut: accounts, friends, invites,
reports, the admin panel, bots and hooks themselves.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from accounts.scopes import MEMBERS_READ, MESSAGES_READ, MESSAGES_WRITE, SCOPES, SERVERS_MANAGE, SERVERS_READ, VOICE

BY_SCOPE: Final[Mapping[str, Mapping[str, str]]] = {
    SERVERS_READ: {
        "server-list": "GET",
        "server": "GET",
        "channel-list": "GET",
        "channel": "GET",
        "category-list": "GET",
        "role-list": "GET",
        "overwrite-list": "GET",
        "permissions-explain": "GET",
    },
    MEMBERS_READ: {"member-list": "GET", "member-own": "GET", "member": "GET", "profile": "GET"},
    MESSAGES_READ: {
        "message-list": "GET",
        "message-search": "GET",
        "message": "GET",
        "message-history": "GET",
        "pin-list": "GET",
        "read": "PUT",
        "unread-list": "GET",
        "mention-list": "GET",
        "attachment-file": "GET",
        "conversation-list": "GET",
        "conversation": "GET",
    },
    MESSAGES_WRITE: {
        "message-list": "POST",
        "message": "PUT DELETE",
        "message-bulk-delete": "POST",
        "pin": "PUT DELETE",
        "reaction": "PUT DELETE",
        "reaction-of-user": "DELETE",
        "attachment-list": "POST",
        "attachment": "DELETE",
    },
    SERVERS_MANAGE: {
        "server": "PUT",
        "server-audit": "GET",
        "channel-list": "POST",
        "channel": "PUT DELETE",
        "channel-order": "PUT",
        "overwrite-role": "PUT DELETE",
        "overwrite-member": "PUT DELETE",
        "category-list": "POST",
        "category": "PUT DELETE",
        "role-list": "POST",
        "role": "PATCH DELETE",
        "role-assigned": "POST DELETE",
        "member": "PUT PATCH DELETE",
        "member-own": "DELETE",
        "member-roles": "PUT",
        "member-voice": "PATCH",
        "member-move": "POST",
        "member-timeout": "PATCH",
        "member-ban": "POST",
        "ban-list": "GET",
        "ban": "DELETE",
    },
    VOICE: {
        "ice-servers": "GET",
        "zvonim-room-join": "POST",
        "zvonim-room-leave": "POST",
        "zvonim-room": "GET",
        "zvonim-meeting-join": "POST",
        "zvonim-meeting-leave": "POST",
        "zvonim-meeting": "GET",
        "hub-join": "POST",
        "hub-leave": "POST",
    },
}


def _operations() -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    for scope, names in BY_SCOPE.items():
        for name, methods in names.items():
            yield from (((name, method), (scope,)) for method in methods.split())
    yield ("bot-own", "GET"), tuple(SCOPES)


OPEN_TO_BOTS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = dict(_operations())
