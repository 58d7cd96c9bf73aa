"""What is kept with a report: values only, so that nothing that happens later takes any of it away."""

from typing import Any

from django.db.models import Q

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


def evidence_with(user_id: int) -> Q:
    """Reports whose evidence names an account."""
    return (
        Q(evidence__user__id=user_id)
        | Q(evidence__message__author__id=user_id)
        | Q(evidence__message__context__contains=[{"author": {"id": user_id}}])
        | Q(evidence__message__revisions__contains=[{"edited_by": user_id}])
    )


def evidence_without(evidence: dict[str, Any], user_id: int) -> dict[str, Any]:
    """The same without what this account said and showed of itself; that there was something stays."""
    user, message = evidence["user"], evidence["message"]
    if user is not None and user["id"] == user_id:
        user = {"id": user_id, "username": "", "tag": "", "bio": None, "profile_picture": None}
    if message is not None:
        silenced = _without(message, user_id)
        message = {
            **silenced,
            "revisions": [
                {
                    **revision,
                    "content": revision["content"] if silenced["author"] == message["author"] else "",
                    "edited_by": None if revision["edited_by"] == user_id else revision["edited_by"],
                }
                for revision in message["revisions"]
            ],
            "context": [_without(earlier, user_id) for earlier in message["context"]],
        }
    return {"user": user, "message": message}


def _without(said: dict[str, Any], user_id: int) -> dict[str, Any]:
    his = said["author"] is not None and said["author"]["id"] == user_id
    return {**said, "author": None, "content": ""} if his else said


def _said(message: Message) -> dict[str, Any]:
    return {
        "id": message.pk,
        "content": message.content,
        "author": message.user and {"id": message.user.pk, "username": message.user.username},
        "created_at": iso(message.created_at),
    }
