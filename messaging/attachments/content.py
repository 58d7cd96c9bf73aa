"""What a file is, by its first bytes, and how large an image says it is. No pixel is ever decoded.

Only what is recognised here is shown inside a page; all else is downloaded. So a client's word about the type of a
picture, a sound or a film counts for nothing, and its word about other types is no more than a label.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

HEAD = 1 << 18  # bytes worth looking at: a JPEG tells its size behind its thumbnail and colour profile
UNKNOWN = "application/octet-stream"
RECOGNISED_ONLY = {"image", "audio", "video"}
MOST_PIXELS = 2**31 - 1  # per side, as PNG has it

Size = tuple[int, int] | None


class Content(NamedTuple):
    type: str
    width: int | None = None
    height: int | None = None


def content_of(head: bytes, claimed: str = "") -> Content:
    """`head` is the beginning of the file; `claimed` is what its uploader calls it."""
    for kind in KINDS:
        if kind.looks_like(head):
            width, height = _possible(kind.size(head)) or (None, None)
            return Content(kind.type, width, height)
    label = claimed.partition(";")[0].strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}", label):
        return Content(UNKNOWN)
    return Content(UNKNOWN if label.partition("/")[0] in RECOGNISED_ONLY else label)


def _possible(size: Size) -> Size:
    return size if size and all(1 <= side <= MOST_PIXELS for side in size) else None


def _no_size(head: bytes) -> Size:
    return None


def _png_size(head: bytes) -> Size:
    if head[12:16] != b"IHDR" or len(head) < 24:
        return None
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def _gif_size(head: bytes) -> Size:
    if len(head) < 10:
        return None
    return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")


def _jpeg_size(head: bytes) -> Size:
    """Steps from segment to segment up to the frame header. ITU T.81, B.1 and B.2."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            return int.from_bytes(head[at + 7 : at + 9], "big"), int.from_bytes(head[at + 5 : at + 7], "big")
        else:
            at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


def _webp_size(head: bytes) -> Size:
    """Three forms: extended, lossless, lossy. RFC 9649, 2.5 to 2.7."""
    if len(head) < 30:
        return None
    match head[12:16]:
        case b"VP8X":
            return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    return None


def _is_mp3(head: bytes) -> bool:
    """A tag, or the sync word of an MPEG layer III frame."""
    return head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2)


def _is_mp4(brands: set[bytes]) -> Callable[[bytes], bool]:
    return lambda head: head[4:8] == b"ftyp" and head[8:12] in brands


class Kind(NamedTuple):
    type: str
    looks_like: Callable[[bytes], bool]
    size: Callable[[bytes], Size] = _no_size


KINDS = (
    Kind("image/png", lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), _png_size),
    Kind("image/jpeg", lambda head: head.startswith(b"\xff\xd8\xff"), _jpeg_size),
    Kind("image/gif", lambda head: head.startswith((b"GIF87a", b"GIF89a")), _gif_size),
    Kind("image/webp", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", _webp_size),
    Kind("audio/wav", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE"),
    Kind("audio/ogg", lambda head: head.startswith(b"OggS")),
    Kind("audio/mpeg", _is_mp3),
    Kind("audio/mp4", _is_mp4({b"M4A ", b"M4B "})),
    Kind("video/mp4", _is_mp4({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash"})),
    Kind("video/webm", lambda head: head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head[:64]),
)
SHOWN = frozenset(kind.type for kind in KINDS)
