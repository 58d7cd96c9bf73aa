"""Shapes of the voice doctor on the wire."""

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projectvoice.kernel.errors import Text
from projectvoice.kernel.serializers import BooleanField, CamelSerializer
from selfhost.doctor.words import Verdict

VERDICTS = [(verdict.value, verdict.value) for verdict in Verdict]


@extend_schema_field({"type": "string"})
class TextField(serializers.Field[Any, Any, Any, Any]):
    """A sentence in the reader's language."""

    def to_representation(self, value: Text) -> str:
        return value.to(get_language())


class CheckOutput(CamelSerializer):
    """`setting` is the one to change, `proxy` for the configuration of the web server in front."""

    name = serializers.CharField()
    status = serializers.ChoiceField(choices=VERDICTS)
    finding = TextField()
    setting = serializers.CharField(allow_null=True)
    detail = serializers.CharField(help_text="What was seen: addresses, answers")


class DoctorOutput(CamelSerializer):
    """`healthy`: no check is an error."""

    checks = CheckOutput(many=True)
    healthy = BooleanField()
