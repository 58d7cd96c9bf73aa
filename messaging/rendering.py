"""Payloads of events about messages: the objects of REST, for nobody in particular."""

from collections.abc import Mapping, Sequence

from events.models import Announcement
from events.rendering import Payload
from messaging.selectors import messages_shown


def messages_rendered(announcements: Sequence[Announcement]) -> Mapping[int, Payload]:
    """`me` of a reaction is false: whose it is `reaction-added` tells."""
    rows = messages_shown({one.subject_id for one in announcements if one.subject_id is not None})
    return {one.pk: {"message": rows[one.subject_id]} for one in announcements if one.subject_id in rows}
