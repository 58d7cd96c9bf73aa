"""Friends, requests and blocked people for events: as REST lists them to the one who hears of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from accounts.models import User
from events.models import Announcement
from events.rendering import Payload, of_subject, renders
from friends.models import Friendship, FriendshipStatus
from friends.serializers import FriendOutput, IncomingRequestOutput, OutgoingRequestOutput, PersonOutput


def register() -> None:
    renders(friends_rendered, "friend-updated")
    renders(requests_rendered, "friend-request")
    renders(of_subject("user", people_shown), "user-blocked")


def friends_rendered(announcements: Sequence[Announcement]) -> Mapping[int, Payload]:
    """Of those who are friends no more nothing is told."""
    hearers, others = {one.user_id for one in announcements}, {one.subject_id for one in announcements}
    between = Q(sender__in=hearers, receiver__in=others) | Q(sender__in=others, receiver__in=hearers)
    friends: dict[tuple[int, int], User] = {}
    for row in Friendship.objects.filter(between, status=FriendshipStatus.ACCEPTED).select_related("sender", "receiver"):
        friends[row.sender_id, row.receiver_id] = row.receiver
        friends[row.receiver_id, row.sender_id] = row.sender
    known = {one.pk: friends.get((one.user_id or 0, one.subject_id or 0)) for one in announcements}
    return {pk: {"friend": FriendOutput(friend).data} for pk, friend in known.items() if friend}


def requests_rendered(announcements: Sequence[Announcement]) -> Mapping[int, Payload]:
    pending = Friendship.objects.filter(pk__in=[one.subject_id for one in announcements], status=FriendshipStatus.PENDING)
    requests = {request.pk: request for request in pending.select_related("sender", "receiver")}
    known = {one.pk: (requests.get(one.subject_id or 0), one.user_id) for one in announcements}
    return {pk: _request(request, user_id) for pk, (request, user_id) in known.items() if request}


def people_shown(ids: list[int]) -> Mapping[int, Any]:
    return {person["id"]: person for person in PersonOutput(User.objects.filter(pk__in=ids), many=True).data}


def _request(request: Friendship, user_id: int | None) -> Payload:
    if user_id == request.receiver_id:
        return {"request": IncomingRequestOutput(request).data, "direction": "incoming"}
    return {"request": OutgoingRequestOutput(request).data, "direction": "outgoing"}
