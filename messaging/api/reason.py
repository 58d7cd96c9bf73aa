"""Why somebody does it, for the audit log of the server it happens on; a conversation has none."""

from accounts.request import SignedInRequest
from messaging.entry import Entry
from servers.api.reason import because


def told(entry: Entry, request: SignedInRequest) -> Entry:
    return entry if entry.access is None else entry._replace(access=because(entry.access, request))
