"""An opened door to messages: whoever acts on them got it from messaging.access, and hands it to the service."""

from typing import NamedTuple

from accounts.models import User
from messaging.errors import NobodyModerates
from servers.access import Access, require
from servers.models import Channel
from servers.permissions import Permission, Rank

READ = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
WRITE = Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES
# What everybody may do in a conversation he takes part in. Nobody moderates there.
IN_CONVERSATION = READ | WRITE | Permission.ADD_REACTIONS | Permission.ATTACH_FILES


class Entry(NamedTuple):
    """Into a server's channel, or, without `access`, into a conversation."""

    user: User
    channel: Channel
    access: Access | None

    def require(self, need: Permission, or_rank: Rank | None = None) -> None:
        if self.access is not None:
            require(self.access, need, or_rank)
        elif need & ~IN_CONVERSATION:
            raise NobodyModerates
