"""Messages, and the counts that make page 20 000 cost what page 1 costs.

Each message has a position in its channel, given out under the lock of the channel's tally. Positions of deleted
messages stay empty, so a block of a thousand positions carries the number of those that are left: the block a page
begins in is found by summing a few hundred counts instead of stepping over a million rows.

Foreign keys are the database's own (ON DELETE CASCADE and SET NULL, see the first migration): Django would load a
million messages to delete a channel.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from accounts.models import User
from servers.models import Channel

CONTENT_LENGTH = 4000
BLOCK = 1000  # positions


class Message(models.Model):
    channel = models.ForeignKey(Channel, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    position = models.BigIntegerField()
    user = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, db_constraint=False)
    content = models.TextField(max_length=CONTENT_LENGTH)
    reply_to = models.ForeignKey("self", null=True, on_delete=models.DO_NOTHING, db_constraint=False)
    nonce = models.CharField(max_length=64, null=True)  # noqa: DJ001 - null: the client gave none
    is_edited = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "position"], name="message_position_once"),
            models.UniqueConstraint(
                fields=["channel", "user", "nonce"], condition=Q(nonce__isnull=False), name="message_nonce_once"
            ),
        ]
        indexes = [GinIndex("channel", OpClass(Upper("content"), name="gin_trgm_ops"), name="message_search")]

    def __str__(self) -> str:
        return f"message {self.pk}"


class MessageRevision(models.Model):
    """What a message said before an edit."""

    message = models.ForeignKey(Message, on_delete=models.DO_NOTHING, db_constraint=False, related_name="revisions")
    content = models.TextField()
    edited_by = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"revision {self.pk} of message {self.message_id}"


class Tally(models.Model):
    """How many messages a channel has, and the last position given out."""

    channel = models.OneToOneField(Channel, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False)
    total = models.BigIntegerField(default=0)
    last_position = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.total} in channel {self.channel_id}"


class Block(models.Model):
    """How many messages are left at positions from `number * BLOCK` up to the next block's."""

    channel = models.ForeignKey(Channel, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    number = models.BigIntegerField()
    left = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "number"], include=["left"], name="message_block_once"),
            models.CheckConstraint(condition=Q(left__gte=0, left__lte=BLOCK), name="message_block_left_possible"),
        ]

    def __str__(self) -> str:
        return f"block {self.number} of channel {self.channel_id}"
