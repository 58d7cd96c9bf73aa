"""Ids in paths: decimal, ASCII, within 64 bits; all else is an unknown path (404)."""

from projectvoice.kernel.serializers import MAX_ID


class IdConverter:
    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > MAX_ID:
            raise ValueError
        return number

    def to_url(self, value: int) -> str:
        return str(value)
