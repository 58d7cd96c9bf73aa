"""Shapes of voice sessions on the wire."""

from rest_framework import serializers

from projectvoice.kernel.serializers import CamelSerializer, DateTimeField, IntegerField


class CallerOutput(CamelSerializer):
    id = IntegerField()
    username = serializers.CharField()


class VoiceSessionOutput(CamelSerializer):
    id = serializers.UUIDField()
    user = CallerOutput()
    server_id = IntegerField()
    channel_id = IntegerField()
    dialect = serializers.CharField(help_text="Whose words the client speaks")
    socket_id = serializers.CharField(help_text="What the others in the room knew it by")
    started_at = DateTimeField()
    ended_at = DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_null=True, help_text="Why it ended; null while it lasts")


class VoiceSessionPageOutput(CamelSerializer):
    sessions = VoiceSessionOutput(many=True)
    total = IntegerField()
    page = IntegerField()
    limit = IntegerField()
    total_pages = IntegerField()


class PeerOutput(CamelSerializer):
    socket_id = serializers.CharField()
    user = CallerOutput(allow_null=True, help_text="null: a guest, or an account that is gone")


class MomentOutput(CamelSerializer):
    at = DateTimeField()
    kind = serializers.CharField()
    peer = PeerOutput(allow_null=True, help_text="Whom it was about, if not oneself")
    details = serializers.DictField()


class TimelineOutput(CamelSerializer):
    session = VoiceSessionOutput()
    moments = MomentOutput(many=True)
    omitted = IntegerField(source="session.omitted", help_text="Moments that came after those that are kept of one session")
