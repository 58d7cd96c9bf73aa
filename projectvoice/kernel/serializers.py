"""Fields as strict as the contract, and camelCase outside for snake_case inside."""

import re
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projectvoice.kernel.errors import Text

MAX_ID = 2**63 - 1


def camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def complaint(en: str, ru: str) -> Any:
    """A field's message of our own, in the language of the request that meets it; DRF brings translations of its own ones."""
    return lazy(lambda: Text(en, ru).to(get_language()), str)()


class CamelSerializer(serializers.Serializer[Any]):
    """`owner_id` in Python is `ownerId` on the wire; `validated_data` is snake_case again."""

    def get_fields(self) -> dict[str, Any]:
        fields = {}
        for name, field in super().get_fields().items():
            if camel(name) != name and field.source is None:
                field.source = name
            if isinstance(field, serializers.SerializerMethodField):
                field.method_name = f"get_{name}"
            fields[camel(name)] = field
        return fields


class TextField(serializers.CharField):
    """A JSON string; DRF would also take numbers. Blank, NUL and lone surrogates are refused by the base class."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class IntegerField(serializers.IntegerField):
    """A JSON integer; DRF would also take "5" and 5.0."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class BooleanField(serializers.BooleanField):
    """A JSON boolean; DRF would also take "yes" and 1."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class ChoiceField(serializers.ChoiceField):
    """One of the listed texts. DRF would look up the text of anything, and repeat it in its refusal."""

    default_error_messages = {"invalid_choice": complaint("One of these is needed: {choices}", "Нужно одно из: {choices}")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", choices=", ".join(map(str, self.choices)))
        return data


@extend_schema_field(
    {"type": "string", "maxLength": 2048, "pattern": r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s<>\"\\/?#@]+([/?#][^\s<>\"\\]*)?$"}
)
class LinkField(TextField):
    """An http(s) address, nothing that a browser would run."""

    default_error_messages = {"not_http": complaint("Enter an http or https address.", "Нужен адрес http или https.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2048, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        link = super().to_internal_value(data)
        if link and not re.fullmatch(r"https?://[^\s<>\"\\/?#@]+([/?#][^\s<>\"\\]*)?", link, re.IGNORECASE):
            self.fail("not_http")
        return link


@extend_schema_field(OpenApiTypes.DATETIME)
class DateTimeField(serializers.DateTimeField):
    """ISO 8601; answers are UTC with exactly three digits of a second and `Z`, as JavaScript writes them."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ -~]{0,25}", value):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss.sssZ")
        try:
            return super().to_internal_value(value)
        except OverflowError:  # year 1 in a zone east of Greenwich
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss.sssZ")

    def to_representation(self, value: datetime) -> str:
        return iso(value)


def iso(moment: datetime) -> str:
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


class NoticeOutput(serializers.Serializer[Any]):
    message = serializers.CharField()
