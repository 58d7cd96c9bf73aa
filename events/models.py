"""The outbox and the log.

A row of the outbox is written by the transaction whose event it is, so that nothing rolled back is announced and nothing
committed is lost. The sequencer takes what is committed, in the order of its ids, into the log; there the id is the sequence.

Ids are plain numbers: events outlive what they speak of.
"""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Happening(models.Model):
    kind = models.CharField(max_length=32)
    server_id = models.BigIntegerField(null=True)
    channel_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)  # the only one to hear of it
    subject_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)  # whose words or deeds these are: they go when he is erased
    at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Announcement(Happening):
    """The outbox. Empty but for the moment between a commit and the sequencer."""

    payload = models.JSONField(null=True)  # null: to be rendered


class Event(Happening):
    """The log."""

    payload = models.TextField()  # a JSON object as it goes over the wire

    class Meta:
        indexes = [
            models.Index(fields=["server_id", "id"], condition=Q(server_id__isnull=False), name="event_of_server"),
            models.Index(fields=["channel_id", "id"], condition=Q(channel_id__isnull=False), name="event_of_channel"),
            models.Index(fields=["user_id", "id"], condition=Q(user_id__isnull=False), name="event_of_user"),
            models.Index(fields=["subject_id"], condition=Q(subject_id__isnull=False), name="event_subject"),
            models.Index(fields=["actor_id"], condition=Q(actor_id__isnull=False), name="event_actor"),
            models.Index(fields=["at"], name="event_at"),
        ]


class Log(models.Model):
    """One row. Whoever read up to less than `floor` has missed events that are no longer kept."""

    name = models.UUIDField(primary_key=True, default=uuid4)
    floor = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"log {self.name} from {self.floor}"
