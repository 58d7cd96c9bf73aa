"""What is kept with a report: values only, so that nothing that happens later takes any of it away."""

from typing import Any

from accounts.models import User
from messaging.models import Message
from projectvoice.kernel.serializers import iso
from servers.models import Channel

CONTEXT = 5  # messages before the reported one
REVISIONS = 10


def evidence_of_message(message: Message) -> dict[str, Any]:
    """Four queries. Whoever holds the message's row gets a content and revisions that belong together."""
    before = Message.objects.filter(channel_id=message.channel_id, position__lt=message.position)
    context = list(before.select_related("user").order_by("-position")[:CONTEXT])[::-1]
    place = Channel.objects.filter(pk=message.channel_id).values("id", "name", "server_id", "server__name").get()
    return {
        "user": None,
        "message": {
            **_said(message),
            "edited_at": iso(message.updated_at) if message.is_edited else None,
            "channel_id": place["id"],
            "channel_name": place["name"],
            "server_id": place["server_id"],
            "server_name": place["server__name"],
            "revisions": [
                {"content": revision.content, "edited_by": revision.edited_by_id, "created_at": iso(revision.created_at)}
                for revision in message.revisions.order_by("-pk")[:REVISIONS]
            ],
            "context": [_said(earlier) for earlier in context],
        },
    }


def evidence_of_user(user: User) -> dict[str, Any]:
    shown = {name: getattr(user, name) for name in ("id", "username", "tag", "bio", "profile_picture")}
    return {"user": shown, "message": None}


def _said(message: Message) -> dict[str, Any]:
    return {
        "id": message.pk,
        "content": message.content,
        "author": message.user and {"id": message.user.pk, "username": message.user.username},
        "created_at": iso(message.created_at),
    }
