"""The errors any layer may raise."""

import pytest
from django.utils.translation import override

from projectvoice.kernel import errors
from projectvoice.kernel.errors import DomainError, Forbidden, InvalidSession, NotFound, Text, TooManyRequests
from projectvoice.kernel.exception_handler import body_of, first_message, headers_of
from tests.phrases import SIGNS_OUT

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DomainError)]


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "yes"), ("en-gb", "yes"), ("ru", "да"), (None, "да"), ("", "да"), ("fr", "да")]
)
def test_a_text_is_english_for_english_and_russian_for_all_else(language, expected):
    assert Text("yes", "да").to(language) == expected


def test_an_error_carries_its_class_text_unless_given_another():
    assert Forbidden().text == Forbidden.message
    assert Forbidden(Text("No", "Нет")).text == Text("No", "Нет")


def test_what_an_error_brings_along_stands_beside_error_and_code():
    with override("ru"):
        body = body_of(NotFound(server={"id": 1}))
    assert body == {"error": NotFound.message.ru, "code": 404, "server": {"id": 1}}


def test_each_error_has_its_headers():
    assert headers_of(TooManyRequests(retry_after=7)) == {"Retry-After": "7"}
    assert headers_of(InvalidSession()) == {"WWW-Authenticate": "Bearer"}
    assert headers_of(errors.Unavailable()) == {"Retry-After": "5"}
    assert headers_of(NotFound()) == {}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.status != 401])
def test_only_401_uses_the_phrases_that_sign_the_web_client_out(kind):
    texts = " ".join(kind.message).lower()
    assert not [phrase for phrase in SIGNS_OUT if phrase in texts]


@pytest.mark.parametrize(
    ("detail", "message"),
    [
        ("plain", "plain"),
        (["first", "second"], "first"),
        ([{}, {"name": ["in a list"]}], "name: in a list"),
        ({"name": ["wrong"], "icon": ["also"]}, "name: wrong"),
        ({"detail": "no field"}, "no field"),
        ({"non_field_errors": ["whole"]}, "whole"),
        ({"user": {"name": ["deep"]}}, "user.name: deep"),
        ({"ids": {"0": ["deeper"]}}, "ids.0: deeper"),
        ({}, ""),
        ([], ""),
    ],
)
def test_the_first_complaint_speaks_for_all_and_names_its_field(detail, message):
    assert first_message(detail) == message
