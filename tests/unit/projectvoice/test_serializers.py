"""Fields as strict as the contract; camelCase outside, snake_case inside."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import SerializerMethodField

from projectvoice.kernel.serializers import (
    BooleanField,
    CamelSerializer,
    ChoiceField,
    DateTimeField,
    IntegerField,
    LinkField,
    TextField,
    camel,
    iso,
)

NOT_TEXT = [1, 1.5, True, [], ["a"], {}, {"a": 1}]


def refuses(field, value):
    with pytest.raises(ValidationError):
        field.run_validation(value)
    return True


def test_text_is_a_json_string_and_nothing_else():
    assert TextField().run_validation(" a ") == "a"
    assert all(refuses(TextField(), value) for value in [*NOT_TEXT, None, "", "  ", "a\0b", "\ud800"])


@pytest.mark.parametrize("text", ["🎙️", "שלום", "e\u0301", "<b>'\";--</b>", "a\u202eb", "𝔘"])
def test_text_of_any_script_passes_unchanged(text):
    assert TextField().run_validation(text) == text


def test_an_integer_is_a_json_integer_and_nothing_else():
    assert IntegerField().run_validation(5) == 5
    assert all(refuses(IntegerField(), value) for value in ["5", 5.0, True, None, [], {}, float("inf")])
    bounded = IntegerField(min_value=1, max_value=9)
    assert bounded.run_validation(9) == 9
    assert all(refuses(bounded, value) for value in [0, -1, 10, 2**63, 10**30])


def test_a_boolean_is_a_json_boolean_and_nothing_else():
    assert BooleanField().run_validation(False) is False
    assert all(refuses(BooleanField(), value) for value in ["yes", "true", 1, 0, None, [], {}])


def test_a_choice_is_one_of_its_texts_and_is_not_repeated_in_the_refusal():
    field = ChoiceField(choices=[("text", "Text"), ("voice", "Voice")])
    assert field.run_validation("voice") == "voice"
    assert all(refuses(field, value) for value in [*NOT_TEXT, None, "", "Text", "video", "text\0"])
    with pytest.raises(ValidationError) as refusal:
        field.run_validation("invalid token")
    assert "invalid token" not in str(refusal.value)


@pytest.mark.parametrize("link", ["https://example.com/a.png?b=c#d", "http://a", "HTTPS://пример.рф/я", "http://[::1]:80/x"])
def test_an_http_address_is_a_link(link):
    assert LinkField().run_validation(link) == link


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "java\tscript:alert(1)",
        "data:image/png;base64,AAAA",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://example.com/1",
        "//example.com/a",
        "example.com",
        "http://",
        "http:///a",
        "http:\\\\example.com",
        "https://user@example.com/",
        "https://example.com/a b",
        "https://example.com/\na",
        "https://example.com/<script>",
        "https://example.com/" + "a" * 2048,
    ],
)
def test_everything_else_is_no_link(link):
    assert refuses(LinkField(), link)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-12-31T23:59:59.000Z", datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2024-12-31T23:59:59+03:00", datetime(2024, 12, 31, 20, 59, 59, tzinfo=UTC)),
        ("2024-12-31T23:59:59.123456Z", datetime(2024, 12, 31, 23, 59, 59, 123456, tzinfo=UTC)),
        ("2024-12-31T23:59:59", datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_date_is_iso_8601(text, moment):
    assert DateTimeField().run_validation(text) == moment


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "2024-13-01T00:00:00Z",
        "2024-02-30T00:00:00Z",
        "2024-12-31T25:00:00Z",
        "31.12.2024",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "10000-01-01T00:00:00Z",
        "２０２４-12-31T00:00:00Z",
        "2024-12-31T00:00:00Z\0",
        1735689599,
        1e400,
        True,
        [],
        {},
        None,
    ],
)
def test_everything_else_is_no_date(value):
    assert refuses(DateTimeField(), value)


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(timezone(timedelta(hours=5)))))
def test_a_date_goes_out_as_javascript_writes_it_and_comes_back_the_same(moment):
    text = iso(moment)
    assert len(text) == 24
    assert text.endswith("Z")
    assert abs(DateTimeField().run_validation(text) - moment) < timedelta(milliseconds=1)


class Shape(CamelSerializer):
    owner_id = IntegerField()
    is_on_fire = BooleanField(required=False)


def test_camel_case_outside_is_snake_case_inside():
    shape = Shape(data={"ownerId": 1, "isOnFire": True, "owner_id": 2, "other": 3})
    assert shape.is_valid()
    assert shape.validated_data == {"owner_id": 1, "is_on_fire": True}
    assert Shape({"owner_id": 1, "is_on_fire": False}).data == {"ownerId": 1, "isOnFire": False}
    assert camel("created_by_id") == "createdById"


class Computed(CamelSerializer):
    twice_as_much = SerializerMethodField()

    def get_twice_as_much(self, row):
        return 2 * row["owner_id"]


def test_a_computed_field_is_there_under_its_camel_case_name():
    assert Computed({"owner_id": 4}).data == {"twiceAsMuch": 8}
