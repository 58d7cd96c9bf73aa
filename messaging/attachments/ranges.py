"""The `Range` header. RFC 9110, 14.1.2 and 14.2."""

import re


def byte_range(header: str, size: int) -> range | None:
    """Which bytes of `size` are wanted: an empty range if there are none of these, None if the header is to be ignored.

    Several ranges at once are ignored, as the RFC allows: the whole file is an answer to them too.
    """
    asked = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", header.strip(), re.IGNORECASE)
    if asked is None or asked[0].endswith("=-"):
        return None
    first, last = asked.groups()
    if not first:
        return range(max(size - int(last), 0), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)
