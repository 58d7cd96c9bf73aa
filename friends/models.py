"""Rows of friendships, blocks and conversations, with the constraints that settle their races."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least

from accounts.models import User
from servers.models import Channel

PEOPLE_PER_GROUP = 10


class FriendshipStatus(models.TextChoices):
    PENDING = "pending"
    ACCEPTED = "accepted"


class Friendship(models.Model):
    """All there is between two people: a request, then a friendship. One row, whoever of them asked.

    Ids start beyond all ids of users (migration 0001): `DELETE /api/friends/:id` takes both, and must not mistake one for
    the other.
    """

    sender = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    receiver = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    status = models.CharField(max_length=8, choices=FriendshipStatus, default=FriendshipStatus.PENDING)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Least("sender", "receiver"), Greatest("sender", "receiver"), name="friendship_once"),
            models.CheckConstraint(condition=~Q(sender=F("receiver")), name="friendship_of_two"),
            models.CheckConstraint(condition=Q(status__in=FriendshipStatus.values), name="friendship_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.sender_id} → {self.receiver_id}: {self.status}"


class Block(models.Model):
    """One-sided; two people may block each other."""

    blocker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)  # block_once is its index
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="block_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"


class ConversationKind(models.TextChoices):
    DIRECT = "direct"
    GROUP = "group"


class Conversation(models.Model):
    """A channel without server, of two people or of a group. Messages, pins and read states are those of the channel.

    A direct one is for ever between `one` and `other`, whoever opened it; an account that is gone leaves its place empty.
    A group belongs to whom it has had the longest: its first participant.
    """

    channel = models.OneToOneField(Channel, primary_key=True, on_delete=models.CASCADE, related_name="conversation")
    kind = models.CharField(max_length=6, choices=ConversationKind)
    one = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    other = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Least("one", "other"),
                Greatest("one", "other"),
                condition=Q(one__isnull=False, other__isnull=False),  # of one alone they would name him twice
                name="conversation_direct_once",
            ),
            models.CheckConstraint(condition=~Q(one=F("other")), name="conversation_of_two"),
            models.CheckConstraint(
                condition=Q(kind=ConversationKind.DIRECT) | Q(one__isnull=True, other__isnull=True),
                name="conversation_group_has_no_pair",
            ),
            models.CheckConstraint(condition=Q(kind__in=ConversationKind.values), name="conversation_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} conversation {self.channel_id}"


class Participant(models.Model):
    """Ids grow in the order of joining: they are given out behind the lock of the conversation's channel."""

    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        related_name="participants",
        db_index=False,  # participant_once is its index
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="participant_once")]

    def __str__(self) -> str:
        return f"user {self.user_id} in conversation {self.conversation_id}"
