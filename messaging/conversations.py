"""Conversations as the wire has them: those of friends/, with their last message and what is unread.

`friends.serializers.ConversationOutput` describes the shape.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import DateTimeField, F, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from events.models import Announcement
from events.rendering import Payload
from friends.models import Conversation, ConversationKind, Participant
from messaging.models import Message
from messaging.selectors import read_states, unread_list
from projectvoice.kernel.serializers import iso
from servers.errors import ChannelNotFound

MOST_CONVERSATIONS = 200


def conversation_list(user: User) -> list[dict[str, Any]]:
    """The one with the newest message first; one without messages is as old as itself. Three queries."""
    return _rows(user, _of(user)[:MOST_CONVERSATIONS])


def conversation_document(user: User, channel_id: int) -> dict[str, Any]:
    rows = _rows(user, _of(user).filter(pk=channel_id))
    if not rows:
        raise ChannelNotFound  # left, or deleted, since the door was passed
    return rows[0]


def conversations_rendered(announcements: Sequence[Announcement]) -> Mapping[int, Payload]:
    """For events: each as its hearer sees it. To whoever has left it nothing is told."""
    asked = [(one.pk, one.user_id or 0, one.subject_id or 0) for one in announcements]
    found = _with_people(Conversation.objects.filter(pk__in={channel_id for _, _, channel_id in asked}))
    present = {(person.user_id, one.pk): one for one in found for person in one.participants.all()}
    told = [(pk, user_id, channel_id) for pk, user_id, channel_id in asked if (user_id, channel_id) in present]
    states = read_states([(user_id, channel_id) for _, user_id, channel_id in told])
    return {
        pk: {"conversation": _row(present[user_id, channel_id], state["unread"])}
        for (pk, user_id, channel_id), state in zip(told, states, strict=True)
    }


def conversation_ids(user: User) -> list[int]:
    """In the order of the list."""
    return list(_of(user).values_list("pk", flat=True)[:MOST_CONVERSATIONS])


def _of(user: User) -> QuerySet[Conversation]:
    newest = Message.objects.filter(channel=OuterRef("pk")).order_by("-position")
    active_at = Coalesce(Subquery(newest.values("created_at")[:1]), F("channel__created_at"), output_field=DateTimeField())
    return Conversation.objects.filter(participants__user=user).order_by(active_at.desc(), "-pk")


def _rows(user: User, found: QuerySet[Conversation]) -> list[dict[str, Any]]:
    conversations = _with_people(found)
    unread = unread_list(user, [conversation.pk for conversation in conversations])
    return [_row(conversation, state["unread"]) for conversation, state in zip(conversations, unread, strict=True)]


def _with_people(found: QuerySet[Conversation]) -> list[Conversation]:
    """And with the last message of each."""
    newest = Message.objects.filter(channel=OuterRef("pk")).order_by("-position")
    people = Prefetch("participants", Participant.objects.select_related("user"))
    annotated = found.select_related("channel").annotate(last_message_id=Subquery(newest.values("pk")[:1]))
    return list(annotated.prefetch_related(people))


def _row(conversation: Any, unread: int) -> dict[str, Any]:
    people = [participant.user for participant in conversation.participants.all()]
    is_group = conversation.kind == ConversationKind.GROUP
    return {
        "id": conversation.pk,
        "type": conversation.kind,
        "name": conversation.channel.name,
        "ownerId": people[0].pk if is_group and people else None,
        "participants": [_person(user) for user in people],
        "lastMessageId": conversation.last_message_id,
        "unread": unread,
        "createdAt": iso(conversation.channel.created_at),
    }


def _person(user: User) -> dict[str, Any]:
    return {
        "id": user.pk,
        "username": user.username,
        "profilePicture": user.profile_picture,
        "status": user.status,
        "tag": user.tag,
        "isBot": user.is_bot,
    }
