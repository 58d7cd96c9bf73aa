"""Reads of friends, requests, blocks and pairs. Each list costs one query, whatever its length."""

from django.db.models import Q, QuerySet

from accounts.models import User
from friends.errors import NotTheReceiver, RequestNotFound
from friends.models import Block, Conversation, Friendship, FriendshipStatus
from servers.models import Member

MAX_LIST = 1000


def friend_list(user: User) -> list[User]:
    """In the order in which they were asked."""
    rows = Friendship.objects.filter(of(user), status=FriendshipStatus.ACCEPTED).select_related("sender", "receiver")
    return [row.receiver if row.sender_id == user.pk else row.sender for row in rows.order_by("id")[:MAX_LIST]]


def request_list_incoming(user: User) -> QuerySet[Friendship]:
    """Newest first: others decide how many there are."""
    rows = Friendship.objects.filter(receiver=user, status=FriendshipStatus.PENDING)
    return rows.select_related("sender").order_by("-id")[:MAX_LIST]


def request_list_outgoing(user: User) -> QuerySet[Friendship]:
    rows = Friendship.objects.filter(sender=user, status=FriendshipStatus.PENDING)
    return rows.select_related("receiver").order_by("-id")[:MAX_LIST]


def blocked_list(user: User) -> list[User]:
    rows = Block.objects.filter(blocker=user).select_related("blocked").order_by("id")[:MAX_LIST]
    return [row.blocked for row in rows]


def request_to(user: User, request_id: int) -> Friendship:
    """A request for this user to accept. Third persons do not learn that it exists."""
    row = Friendship.objects.filter(of(user), pk=request_id).first()
    if row is None:
        raise RequestNotFound
    if row.receiver_id != user.pk:
        raise NotTheReceiver
    return row


def of(user: User) -> Q:
    """Rows in which the user takes part."""
    return Q(sender=user) | Q(receiver=user)


def between(user: User, other_id: int) -> Q:
    return Q(sender=user, receiver=other_id) | Q(sender=other_id, receiver=user)


def friends_among(user: User, ids: set[int]) -> set[int]:
    """Those of the ids that are his friends'."""
    pairs = Friendship.objects.filter(of(user), Q(sender__in=ids) | Q(receiver__in=ids), status=FriendshipStatus.ACCEPTED)
    return {person for pair in pairs.values_list("sender", "receiver") for person in pair} & ids - {user.pk}


def are_blocked(one_id: int, other_id: int) -> bool:
    """Whether one of the two blocks the other, whichever."""
    return Block.objects.filter(Q(blocker=one_id, blocked=other_id) | Q(blocker=other_id, blocked=one_id)).exists()


def blocked_among(user_id: int, ids: set[int]) -> set[int]:
    """Those of the ids between whom and him there is a block, whoever's."""
    pairs = Block.objects.filter(Q(blocker=user_id, blocked__in=ids) | Q(blocker__in=ids, blocked=user_id))
    return {person for pair in pairs.values_list("blocker", "blocked") for person in pair} & ids


def are_acquainted(user: User, other_id: int) -> bool:
    """Friends, or members of one server that is not blocked."""
    if friends_among(user, {other_id}):
        return True
    return Member.objects.filter(user=user, server__is_blocked=False, server__members__user=other_id).exists()


def direct_between(user: User, other_id: int) -> QuerySet[Conversation]:
    """The conversation of the two, if there is one."""
    return Conversation.objects.filter(Q(one=user, other=other_id) | Q(one=other_id, other=user))
