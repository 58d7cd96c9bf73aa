"""Messages with what hangs on them, and the counts that make page 20 000 cost what page 1 costs.

Each message has a position in its channel, given out under the lock of the channel's row. Positions of deleted
messages stay empty, so a block of a thousand positions carries the number of those that are left: the block a page
begins in is found by summing a few hundred counts instead of stepping over a million rows.

Foreign keys are the database's own (ON DELETE CASCADE and SET NULL, see the first migration): Django would load a
million messages to delete a channel.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper
from django.utils import timezone

from accounts.models import User
from servers.models import Channel

CONTENT_LENGTH = 4000
BLOCK = 1000  # positions
EMOJI_LENGTH = 32
EMOJI_PER_MESSAGE = 20  # different ones
PINS_PER_CHANNEL = 50
MOST_UNREAD = 1000  # counted up to here
ATTACHMENTS_PER_MESSAGE = 10
MENTIONS_PER_MESSAGE = 50


class Message(models.Model):
    channel = models.ForeignKey(Channel, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    position = models.BigIntegerField()
    user = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, db_constraint=False)
    content = models.TextField(max_length=CONTENT_LENGTH)
    reply_to = models.ForeignKey("self", null=True, on_delete=models.DO_NOTHING, db_constraint=False)
    nonce = models.CharField(max_length=64, null=True)  # noqa: DJ001 - null: the client gave none
    is_edited = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    pinned_at = models.DateTimeField(null=True)
    has_attachments = models.BooleanField(db_default=False)  # so that pages without any need not look
    has_mentions = models.BooleanField(db_default=False)  # likewise
    mentions_everyone = models.BooleanField(db_default=False)
    # Under which name and picture a webhook said it, if not under its own.
    shown_name = models.CharField(max_length=25, null=True)  # noqa: DJ001 - null: its own
    shown_picture = models.CharField(max_length=2048, null=True)  # noqa: DJ001 - likewise

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "position"], name="message_position_once"),
            models.UniqueConstraint(
                fields=["channel", "user", "nonce"], condition=Q(nonce__isnull=False), name="message_nonce_once"
            ),
        ]
        indexes = [
            GinIndex("channel", OpClass(Upper("content"), name="gin_trgm_ops"), name="message_search"),
            models.Index(fields=["channel", "pinned_at"], condition=Q(pinned_at__isnull=False), name="message_pins"),
            models.Index(fields=["channel", "position"], condition=Q(mentions_everyone=True), name="message_for_everyone"),
        ]

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


class Reaction(models.Model):
    """`emoji` is in NFC, so that what looks alike counts together."""

    message = models.ForeignKey(
        Message, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="reactions"
    )
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    emoji = models.CharField(max_length=EMOJI_LENGTH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "emoji", "user"], name="message_reaction_once")]

    def __str__(self) -> str:
        return f"{self.emoji} of user {self.user_id} on message {self.message_id}"


class Mention(models.Model):
    """Somebody is named in a message that he could read when it was written. Channel and position are the message's."""

    message = models.ForeignKey(
        Message, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="mentions"
    )
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    position = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "user"], name="message_mention_once"),
            models.UniqueConstraint(
                fields=["user", "channel", "position"], include=["message"], name="message_mentions_of_user"
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in message {self.message_id}"


class Attachment(models.Model):
    """A file, described. Without a message it is an upload that waits for one; it joins one, once, and stays there."""

    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    message = models.ForeignKey(
        Message, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="attachments"
    )
    place = models.PositiveSmallIntegerField(default=0)  # within the message
    key = models.CharField(max_length=64)  # the storage's name for it
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    size = models.BigIntegerField()  # bytes
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "place"], name="attachment_place_once"),
            models.CheckConstraint(condition=Q(place__lt=ATTACHMENTS_PER_MESSAGE), name="attachment_place_possible"),
        ]
        indexes = [
            models.Index(fields=["user"], include=["size"], name="attachment_quota"),
            models.Index(fields=["created_at"], condition=Q(message__isnull=True), name="attachment_pending"),
        ]

    def __str__(self) -> str:
        return f"attachment {self.pk}"


class Orphan(models.Model):
    """A file that no row describes any more. A trigger writes these, however the attachment's row was deleted."""

    key = models.CharField(max_length=64, primary_key=True)
    due_at = models.DateTimeField(db_default=Now(), db_index=True)  # when to delete it

    def __str__(self) -> str:
        return f"file {self.key}"


class ReadState(models.Model):
    """How far somebody has read in a channel. The last read message itself may be gone; its position stays."""

    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    last_read_id = models.BigIntegerField()
    position = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "channel"], name="message_read_state_once")]

    def __str__(self) -> str:
        return f"user {self.user_id} in channel {self.channel_id} up to message {self.last_read_id}"


class LastWord(models.Model):
    """When somebody last wrote in a channel with slow mode. To delete the message does not take it back."""

    channel = models.ForeignKey(Channel, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "user"], name="message_last_word_once")]

    def __str__(self) -> str:
        return f"user {self.user_id} in channel {self.channel_id} at {self.at}"


class Tally(models.Model):
    """How many messages a channel has, and the last position given out."""

    channel = models.OneToOneField(Channel, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False)
    total = models.BigIntegerField(default=0)
    last_position = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)  # the last edit or deletion: what was counted before it is void

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
