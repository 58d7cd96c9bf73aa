"""Numbers and pieces out of the bytes of a fuzzer: the same bytes always mean the same, and none are left over."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


class Draw:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def more(self) -> bool:
        return self._at < len(self._data)

    def number(self, below: int) -> int:
        """`below` is at most 256. 0 when nothing is left."""
        piece = self.take(1)
        return piece[0] % below if piece else 0

    def take(self, size: int) -> bytes:
        """So many bytes, or what is left."""
        piece = self._data[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def piece(self) -> bytes:
        """With its length before it."""
        return self.take(self.number(256))

    def rest(self) -> bytes:
        return self.take(len(self._data))

    def one(self, things: Sequence[T]) -> T:
        return things[self.number(len(things))]


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """`size` 0: whole."""
    for at in range(0, len(data), size or len(data) or 1):
        yield data[at : at + (size or len(data))]
