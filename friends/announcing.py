"""What friends and conversations announce, each within the transaction of the act, and to each person concerned alone."""

from collections.abc import Iterable

from accounts.models import User
from events.models import Announcement
from events.services import announce, announce_all, announce_to
from friends.models import Friendship, FriendshipStatus, Participant
from friends.selectors import MAX_LIST, of

MOST_CONVERSATIONS = 200  # in which a new name is told


def tell_request(request: Friendship) -> None:
    announce_all(_to_both(request, "friend-request", request.pk))


def tell_request_gone(request: Friendship) -> None:
    """It was accepted, declined, withdrawn or swept away."""
    people, payload = (request.sender_id, request.receiver_id), {"requestId": request.pk}
    announce_to(people, "friend-request-removed", subject_id=request.pk, payload=payload)


def tell_friends(friendship: Friendship) -> None:
    """To each of the two, who the other is."""
    announce_all(_to_both(friendship, "friend-updated"))


def tell_strangers(friendship: Friendship) -> None:
    announce_all(
        Announcement(kind="friend-removed", user_id=user_id, payload={"userId": other_id})
        for user_id, other_id in _both(friendship)
    )


def tell_block(user: User, target_id: int) -> None:
    """To his other devices. The blocked one is not told."""
    announce("user-blocked", user_id=user.pk, subject_id=target_id, actor_id=target_id)


def tell_block_lifted(user: User, target_id: int) -> None:
    announce("user-unblocked", user_id=user.pk, payload={"userId": target_id})


def tell_participants(channel_id: int, user_ids: Iterable[int]) -> None:
    """What they may see is other than before."""
    announce_to(user_ids, "access", channel_id=channel_id, payload={})


def tell_conversations(participants: Iterable[Participant]) -> None:
    """To each of them his conversation as it is now."""
    announce_all(
        Announcement(
            kind="conversation-updated",
            user_id=participant.user_id,
            channel_id=participant.conversation_id,
            subject_id=participant.conversation_id,
        )
        for participant in participants
    )


def tell_conversation_left(channel_id: int, user_id: int) -> None:
    tell_participants(channel_id, [user_id])
    announce("conversation-left", user_id=user_id, subject_id=channel_id, payload={"channelId": channel_id})


def tell_conversation_gone(channel_id: int) -> None:
    announce("gone", channel_id=channel_id, payload={})


def tell_profile(user: User) -> None:
    """A new name or picture, to his friends and to whom he talks with."""
    friendships = Friendship.objects.filter(of(user), status=FriendshipStatus.ACCEPTED).order_by("pk")[:MAX_LIST]
    friends = [one.receiver_id if one.sender_id == user.pk else one.sender_id for one in friendships]
    announce_to(friends, "friend-updated", subject_id=user.pk, actor_id=user.pk)
    his = Participant.objects.filter(user=user).order_by("-pk").values("conversation")[:MOST_CONVERSATIONS]
    tell_conversations(Participant.objects.filter(conversation__in=his))


def _to_both(between: Friendship, kind: str, subject_id: int | None = None) -> list[Announcement]:
    """About the other: his name is in it, so it goes when he is erased."""
    return [
        Announcement(kind=kind, user_id=user_id, subject_id=subject_id or other_id, actor_id=other_id)
        for user_id, other_id in _both(between)
    ]


def _both(between: Friendship) -> tuple[tuple[int, int], tuple[int, int]]:
    return (between.sender_id, between.receiver_id), (between.receiver_id, between.sender_id)
