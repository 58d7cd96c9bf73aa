"""What a file is, what it may be called and which of its bytes are wanted; no database, no file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.attachments.content import KINDS, UNKNOWN, Content, content_of
from messaging.attachments.names import NAME_LENGTH, NAMELESS, clean_name
from messaging.attachments.ranges import byte_range


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x06\0\0\0"


def jpeg(width: int, height: int, before: bytes = b"\xff\xe0\x00\x04ab") -> bytes:
    return b"\xff\xd8" + before + b"\xff\xc2\x00\x11\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\x03"


def webp(form: bytes, data: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + form + b"\0\0\0\0" + data + bytes(10)


LOSSLESS = ((640 - 1) | (480 - 1) << 14).to_bytes(4, "little")
RECOGNISED = [
    (png(640, 480), "image/png", (640, 480)),
    (jpeg(640, 480), "image/jpeg", (640, 480)),
    (jpeg(640, 480, b"\xff\xc4\x00\x03a\xff\xff\xff\xfe\x00\x02"), "image/jpeg", (640, 480)),
    (b"GIF89a\x80\x02\xe0\x01", "image/gif", (640, 480)),
    (b"GIF87a\x80\x02\xe0\x01", "image/gif", (640, 480)),
    (webp(b"VP8X", b"\0\0\0\0\x7f\x02\0\xdf\x01\0"), "image/webp", (640, 480)),
    (webp(b"VP8L", b"\x2f" + LOSSLESS), "image/webp", (640, 480)),
    (webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a\x80\x42\xe0\x81"), "image/webp", (640, 480)),
    (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav", None),
    (b"OggS\0\x02", "audio/ogg", None),
    (b"ID3\x04\0\0", "audio/mpeg", None),
    (b"\xff\xfb\x90\x64", "audio/mpeg", None),
    (b"\0\0\0\x20ftypM4A \0\0\0\0", "audio/mp4", None),
    (b"\0\0\0\x20ftypisom\0\0\x02\0", "video/mp4", None),
    (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/webm", None),
]


@pytest.mark.parametrize(("head", "type", "size"), RECOGNISED)
def test_the_first_bytes_say_what_a_file_is_whatever_its_uploader_says(head, type, size):
    assert content_of(head, "text/html") == Content(type, *(size or (None, None)))


def test_every_kind_is_among_the_examples():
    assert {type for _, type, _ in RECOGNISED} == {kind.type for kind in KINDS}


@pytest.mark.parametrize(
    ("head", "claimed"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"<html>", "image/png"),
        (b"\0\0\0\x20ftypheic\0\0\0\0", "image/heic"),
        (b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska", "video/webm"),
        (b"RIFF\0\0\0\0AVI ", "video/avi"),
        (b"\xff\xfe<\0s\0", "audio/mpeg"),
        (b"\xff", "audio/mpeg"),
        (b"", "IMAGE/PNG; a=b"),
        (b"x", ""),
        (b"x", "text"),
        (b"x", "text/html\r\nX: y"),
        (b"x", "text/" + "a" * 64),
        (b"x", "тип/текст"),
    ],
)
def test_what_only_calls_itself_an_image_a_sound_or_a_film_is_just_bytes(head, claimed):
    assert content_of(head, claimed) == Content(UNKNOWN)


def test_other_types_are_as_their_uploader_calls_them():
    assert content_of(b"%PDF-1.7", "Application/PDF; version=2") == Content("application/pdf")


@pytest.mark.parametrize(
    "head",
    [
        png(0, 480),
        png(2**31, 1),
        png(640, 480)[:20],
        b"\x89PNG\r\n\x1a\n" + bytes(30),
        b"GIF89a\x01",
        jpeg(640, 0),
        jpeg(640, 480)[:14],
        b"\xff\xd8\xff\xe0\xff\xff" + bytes(100),
        b"\xff\xd8\xff\xe0\x00\x04ab" + bytes(100),
        webp(b"VP8X", b"")[:20],
        webp(b"ALPH", bytes(20)),
    ],
)
def test_an_image_that_tells_no_size_has_none(head):
    found = content_of(head)
    assert (found.type.partition("/")[0], found.width, found.height) == ("image", None, None)


@given(st.sampled_from([head for head, *_ in RECOGNISED]), st.binary(max_size=64), st.integers(0, 40), st.text(max_size=20))
def test_any_bytes_and_any_claim_are_read(head, noise, at, claimed):
    for data in (noise, head[:at] + noise, head[:at] + noise + head[at:]):
        found = content_of(data, claimed)
        assert (found.width is None) == (found.height is None)
        assert found.type.isascii()


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("отчёт 2026.pdf", "отчёт 2026.pdf"),
        ("e\u0301te\u0301.txt", "été.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\cmd.exe", "cmd.exe"),
        ("a\0b\r\nc\x7f.txt", "abc.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u2066\u200f\ud800b.png", "ab.png"),
        ("", NAMELESS),
        (".", NAMELESS),
        ("..", NAMELESS),
        (" . ", NAMELESS),
        ("folder/", NAMELESS),
        ("\u202e\0", NAMELESS),
        (".bashrc", ".bashrc"),
        ("a" * 300 + ".png", "a" * 251 + ".png"),
        ("a." + "b" * 300, "a." + "b" * 253),
        ("ж" * 300, "ж" * 255),
        ("👋" * 300 + ".tar.gz", "👋" * 252 + ".gz"),
    ],
)
def test_a_name_keeps_what_can_be_seen(name, clean):
    assert clean_name(name) == clean


@given(st.text(max_size=600))
def test_any_name_becomes_a_safe_one_and_stays_it(name):
    clean = clean_name(name)
    assert 1 <= len(clean) <= NAME_LENGTH
    assert clean.isprintable()
    assert not set(clean) & set("/\\\0")
    assert clean not in {".", ".."}


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-", range(100)),
        ("bytes=0-0", range(1)),
        (" Bytes=10-19 ", range(10, 20)),
        ("bytes=90-1000", range(90, 100)),
        ("bytes=-1", range(99, 100)),
        ("bytes=-1000", range(100)),
    ],
)
def test_a_range_is_cut_to_the_file(header, wanted):
    assert byte_range(header, 100) == wanted


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999999999999999-"])
def test_a_range_beyond_the_file_is_empty(header):
    assert byte_range(header, 100) == range(0)


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,3-4", "items=0-1", "bytes=a-b", "bytes=²-", "bytes=--1"],
)
def test_what_is_no_single_range_is_ignored(header):
    assert byte_range(header, 100) is None


@given(st.text(max_size=30), st.integers(1, 1000))
def test_any_header_is_read_or_ignored(header, size):
    wanted = byte_range(header, size)
    assert not wanted or (0 <= wanted.start < wanted.stop <= size)
