"""Writes of friends, requests and blocks.

What could contradict each other about one pair (asking, accepting, blocking) waits for both users' rows, taken in the order
of their ids; taking back is one conditional DELETE. So each outcome is a serial one. A block waits for the pair's direct
conversation as well: whatever was written there before it is committed, and nothing is written after it.
"""

from django.db import transaction
from django.db.models import QuerySet

from accounts.errors import NotAPerson, UserNotFound
from accounts.models import User
from friends.announcing import (
    tell_block,
    tell_block_lifted,
    tell_friends,
    tell_request,
    tell_request_gone,
    tell_strangers,
)
from friends.errors import (
    AlreadyFriends,
    BefriendsOneself,
    BlockNotFound,
    BlocksOneself,
    FriendNotFound,
    RequestNotFound,
    RequestPending,
    UserBlocked,
)
from friends.models import Block, Friendship, FriendshipStatus
from friends.selectors import MAX_LIST, are_blocked, between, direct_between, of
from projectvoice.kernel.errors import InvalidSession
from projectvoice.kernel.limits import Limit
from servers.errors import TooMany
from servers.models import Channel

REQUESTS_PER_USER = Limit("friend-request", most=60, window=600)


@transaction.atomic
def request_send(*, user: User, friend_id: int) -> Friendship:
    if friend_id == user.pk:
        raise BefriendsOneself
    if any(one.is_bot for one in people_locked(user, friend_id)):
        raise NotAPerson
    if are_blocked(user.pk, friend_id):
        raise UserBlocked
    present = Friendship.objects.filter(between(user, friend_id)).first()
    if present is not None:
        raise AlreadyFriends if present.status == FriendshipStatus.ACCEPTED else RequestPending
    if Friendship.objects.filter(sender=user, status=FriendshipStatus.PENDING).count() >= MAX_LIST:
        raise TooMany(MAX_LIST)
    request = Friendship.objects.create(sender=user, receiver_id=friend_id)
    tell_request(request)
    return request


@transaction.atomic
def request_accept(*, user: User, request: Friendship) -> None:
    """A request that was taken back or swept away by a block in the meantime stays so."""
    for one in people_locked(user, request.sender_id):
        if Friendship.objects.filter(of(one), status=FriendshipStatus.ACCEPTED).count() >= MAX_LIST:
            raise TooMany(MAX_LIST)
    accepted = Friendship.objects.filter(pk=request.pk, status=FriendshipStatus.PENDING).update(
        status=FriendshipStatus.ACCEPTED
    )
    if not accepted:
        raise AlreadyFriends if Friendship.objects.filter(pk=request.pk).exists() else RequestNotFound
    tell_request_gone(request)
    tell_friends(request)


@transaction.atomic
def friend_remove(*, user: User, id: int) -> None:
    """`id` is a pending request of the user's, else a friend of his, else somebody he blocks (READINGS 23)."""
    for relations in (
        Friendship.objects.filter(of(user), pk=id, status=FriendshipStatus.PENDING),
        Friendship.objects.filter(between(user, id), status=FriendshipStatus.ACCEPTED),
    ):
        if _ended(relations):
            return
    gone, _ = Block.objects.filter(blocker=user, blocked=id).delete()
    if not gone:
        raise FriendNotFound
    tell_block_lifted(user, id)


@transaction.atomic
def block_create(*, user: User, target_id: int) -> None:
    """Ends whatever was between the two. Blocking twice is blocking once."""
    if target_id == user.pk:
        raise BlocksOneself
    people_locked(user, target_id)
    channels_locked(Channel.objects.filter(conversation__in=direct_between(user, target_id)))
    _ended(Friendship.objects.filter(between(user, target_id)))
    blocks = Block.objects.filter(blocker=user)
    if blocks.filter(blocked=target_id).exists():
        return
    if blocks.count() >= MAX_LIST:
        raise TooMany(MAX_LIST)
    Block.objects.create(blocker=user, blocked_id=target_id)
    tell_block(user, target_id)


@transaction.atomic
def block_lift(*, user: User, target_id: int) -> None:
    gone, _ = Block.objects.filter(blocker=user, blocked=target_id).delete()
    if not gone:
        raise BlockNotFound
    tell_block_lifted(user, target_id)


def friendships_settle(user: User) -> None:
    """Before an account goes: whoever it was friends with, asked or was asked by hears that this is over."""
    for relation in Friendship.objects.filter(of(user)).order_by("pk"):
        _tell_of_end(relation)


def _ended(relations: QuerySet[Friendship]) -> bool:
    """Deletes what there is between two people, and tells them. False: nothing, or somebody else just did."""
    relation = relations.first()
    if relation is None or not relations.filter(pk=relation.pk).delete()[0]:
        return False
    _tell_of_end(relation)
    return True


def _tell_of_end(relation: Friendship) -> None:
    if relation.status == FriendshipStatus.ACCEPTED:
        tell_strangers(relation)
    else:
        tell_request_gone(relation)


def people_locked(user: User, *other_ids: int) -> list[User]:
    """Their rows, held until the transaction ends. `no_key`: rows that merely refer to them need not wait."""
    wanted = {user.pk, *other_ids}
    people = list(User.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))
    present = {row.pk for row in people}
    if user.pk not in present:
        raise InvalidSession
    if present != wanted:
        raise UserNotFound
    return people


def channels_locked(channels: QuerySet[Channel]) -> list[Channel]:
    """Conversations' rows, held until the transaction ends, as writers of messages hold them. Always after people's rows."""
    return list(channels.select_for_update(of=("self",), no_key=True).order_by("pk"))
