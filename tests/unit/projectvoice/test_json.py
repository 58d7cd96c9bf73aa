"""JSON in: strict; out: plain."""

from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID

import pytest

from projectvoice.kernel.errors import InvalidInput
from projectvoice.kernel.json import JsonParser, JsonRenderer


def parse(data: bytes, media_type: str = "application/json"):
    return JsonParser().parse(BytesIO(data), media_type)


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", '; charset="UTF-8"', ";charset=UTF8; x=1", "; charset"])
def test_json_is_read_in_utf_8(charset):
    assert parse('{"имя": "🎙️"}'.encode(), f"application/json{charset}") == {"имя": "🎙️"}


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "koi8-r", "hex", "zlib", "rot13", "bogus", ""])
def test_any_other_charset_is_refused(charset):
    with pytest.raises(InvalidInput):
        parse(b"{}", f"application/json; charset={charset}")


@pytest.mark.parametrize("data", [b"", b"  ", b"\n"])
def test_an_absent_body_is_an_empty_object(data):
    assert parse(data) == {}


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"{'a': 1}",
        b'{"a": 1}x',
        b'{"a": 1,}',
        b"NaN",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1e400}',
        b'{"a": ' + b"1" * 5000 + b"}",
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b'"\x00"',
        b"[" * 100_000,
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
    ],
)
def test_what_is_not_strictly_json_is_refused(data):
    with pytest.raises(InvalidInput):
        parse(data)


def test_answers_are_compact_utf_8():
    render = JsonRenderer().render
    assert render({"имя": "🎙️", "n": 2**53}) == '{"имя":"🎙️","n":9007199254740992}'.encode()
    assert render(UUID(int=1)) == b'"00000000-0000-0000-0000-000000000001"'
    assert render(datetime(2024, 1, 1, tzinfo=UTC)).startswith(b'"2024-01-01T00:00:00')
    assert render(None) == b""
