"""Rows of friendships and blocks, with the constraints that settle their races."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least

from accounts.models import User


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
