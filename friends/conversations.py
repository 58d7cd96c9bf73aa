"""Writes of conversations, and the lock behind which messages are written into them.

Rows are always held in this order: people, by their ids, then channels, by theirs. Behind the channel's lock the door is
passed once more, so a block, a leaving or a removal that came first wins.
"""

from django.db import transaction

from accounts.models import User
from accounts.services import users_stay
from friends.access import access_conversation
from friends.announcing import tell_conversation_gone, tell_conversation_left, tell_conversations, tell_participants
from friends.errors import (
    AlreadyParticipant,
    DirectStays,
    NotAcquainted,
    NotYourFriend,
    ParticipantNotFound,
    UserBlocked,
    WithOneself,
)
from friends.models import PEOPLE_PER_GROUP, Conversation, ConversationKind, Participant
from friends.selectors import are_acquainted, are_blocked, direct_between, friends_among
from friends.services import channels_locked, people_locked
from projectvoice.kernel.limits import Limit
from servers.errors import ChannelNotFound, OwnerOnly, TooMany
from servers.models import Channel, ChannelType

CONVERSATIONS_PER_USER = Limit("conversation", most=60, window=600)  # new ones


@transaction.atomic
def direct_open(*, user: User, user_id: int) -> tuple[Conversation, bool]:
    """The conversation of the two, and whether it is new. One that is there already needs no acquaintance any more."""
    if user_id == user.pk:
        raise WithOneself
    people_locked(user, user_id)
    if are_blocked(user.pk, user_id):
        raise UserBlocked
    present = direct_between(user, user_id).first()
    if present is not None:
        return present, False
    if not are_acquainted(user, user_id):
        raise NotAcquainted
    channel = Channel.objects.create(type=ChannelType.TEXT)
    direct = Conversation.objects.create(channel=channel, kind=ConversationKind.DIRECT, one=user, other_id=user_id)
    _join(direct, user.pk, user_id)
    tell_conversations(direct.participants.all())
    return direct, True


@transaction.atomic
def group_create(*, user: User, user_ids: list[int], name: str = "") -> Conversation:
    """A group of its maker and friends of his. Ids that are named twice count once."""
    others = list(dict.fromkeys(user_ids))
    if user.pk in others:
        raise WithOneself
    people_locked(user, *others)
    friends = friends_among(user, set(others))
    for user_id in others:
        if user_id not in friends:
            raise NotYourFriend(user_id)
    channel = Channel.objects.create(type=ChannelType.TEXT, name=name)
    group = Conversation.objects.create(channel=channel, kind=ConversationKind.GROUP)
    _join(group, user.pk, *others)
    tell_conversations(group.participants.all())
    return group


@transaction.atomic
def group_rename(*, conversation: Conversation, user: User, name: str) -> None:
    group = conversation_locked(user, conversation.pk)
    _require_group(group)
    group.channel.name = name
    group.channel.save(update_fields=["name", "updated_at"])
    tell_conversations(group.participants.all())


@transaction.atomic
def participant_add(*, conversation: Conversation, user: User, user_id: int) -> None:
    """Everybody in a group brings his own friends."""
    if user_id == user.pk:
        raise AlreadyParticipant
    people_locked(user, user_id)
    group = conversation_locked(user, conversation.pk)
    if are_blocked(user.pk, user_id):
        raise UserBlocked
    if not friends_among(user, {user_id}):
        raise NotYourFriend(user_id)
    _require_group(group)
    present = list(group.participants.values_list("user_id", flat=True))
    if user_id in present:
        raise AlreadyParticipant
    if len(present) >= PEOPLE_PER_GROUP:
        raise TooMany(PEOPLE_PER_GROUP)
    _join(group, user_id)
    tell_conversations(group.participants.all())


@transaction.atomic
def participant_remove(*, conversation: Conversation, user: User, user_id: int) -> None:
    """Everybody leaves for himself; the owner removes others. The group goes with its last participant."""
    group = conversation_locked(user, conversation.pk)
    present = list(group.participants.values_list("user_id", flat=True))
    if user_id not in present:
        raise ParticipantNotFound
    _require_group(group)
    if user.pk not in (user_id, present[0]):
        raise OwnerOnly
    tell_conversation_left(group.pk, user_id)
    if present == [user_id]:
        tell_conversation_gone(group.pk)
        group.channel.delete()
    else:
        group.participants.filter(user=user_id).delete()
        tell_conversations(group.participants.all())


def conversation_locked(user: User, channel_id: int, *, writing: bool = False) -> Conversation:
    """The conversation held until the transaction ends, through its door as it is then. His account first, as one that goes."""
    users_stay(user.pk)
    if not channels_locked(Channel.objects.filter(pk=channel_id)):
        raise ChannelNotFound
    return access_conversation(user, channel_id, writing=writing)


def conversations_settle(user: User) -> None:
    """Before an account goes: conversations that nobody else is in go along, with their messages; others hear that he left."""
    held = {channel.pk for channel in channels_locked(Channel.objects.filter(conversation__participants__user=user))}
    others = list(Participant.objects.filter(conversation__in=held).exclude(user=user))
    tell_conversations(others)
    alone = held - {other.conversation_id for other in others}
    for channel_id in alone:
        tell_conversation_gone(channel_id)
    Channel.objects.filter(pk__in=alone).delete()


def _join(conversation: Conversation, *user_ids: int) -> None:
    Participant.objects.bulk_create(Participant(conversation=conversation, user_id=user_id) for user_id in user_ids)
    tell_participants(conversation.pk, user_ids)


def _require_group(conversation: Conversation) -> None:
    if conversation.kind != ConversationKind.GROUP:
        raise DirectStays
