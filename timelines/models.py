"""Voice sessions: each is one stay of one connection of a user in one voice channel, and what happened meanwhile."""

import uuid

from django.db import models

from accounts.models import User


class Recorder(models.Model):
    """A process with sockets, which says now and then that it lives. Sessions of one that does not are over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class VoiceSession(models.Model):
    """Server and channel are what they were: they may be gone since."""

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="+", db_index=False
    )  # voice_session_user is its index
    server_id = models.BigIntegerField()
    channel_id = models.BigIntegerField()
    recorder_id = models.UUIDField()
    dialect = models.CharField(max_length=20)
    socket_id = models.CharField(max_length=255)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, null=True)  # noqa: DJ001 - null while it lasts
    omitted = models.IntegerField(default=0)  # moments beyond those that are kept of one session

    class Meta:
        indexes = [
            models.Index(fields=["user", "-started_at"], name="voice_session_user"),
            models.Index(fields=["channel_id", "-started_at"], name="voice_session_channel"),
            models.Index(fields=["started_at"], name="voice_session_started"),
            models.Index(fields=["recorder_id"], name="voice_session_open", condition=models.Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.channel_id} since {self.started_at}"


class VoiceMoment(models.Model):
    """`peer` is the socket that it was about, `peer_user_id` whose that was."""

    session = models.ForeignKey(VoiceSession, on_delete=models.CASCADE, related_name="moments")
    at = models.DateTimeField()
    kind = models.CharField(max_length=24)
    peer = models.CharField(max_length=255, blank=True)
    peer_user_id = models.BigIntegerField(null=True)
    details = models.JSONField()

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"
