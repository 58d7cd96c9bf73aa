"""Shapes of audit entries on the wire. The address an act came from is for those who run the instance."""

from rest_framework import serializers

from projectvoice.kernel.serializers import CamelSerializer, DateTimeField, IntegerField


class EntryOutput(CamelSerializer):
    id = IntegerField(source="sequence")
    at = DateTimeField()
    actor_id = IntegerField(source="actor_number", allow_null=True)
    actor_name = serializers.CharField()
    action = serializers.CharField()
    target_type = serializers.CharField()
    target_id = IntegerField()
    target_name = serializers.CharField()
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    hash = serializers.CharField()


class AuditEntryOutput(EntryOutput):
    address = serializers.CharField(allow_null=True)


class AuditPageOutput(CamelSerializer):
    entries = EntryOutput(many=True)
    total = IntegerField()
    page = IntegerField()
    limit = IntegerField()
    total_pages = IntegerField()
