"""What every dialect can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from projectvoice.kernel.errors import DomainError
from voice.core.words import Command, Event, Join

Frame = Any
"""What a frame's JSON says. Of Socket.IO: the name of an event and its one argument."""


class Dialect(Protocol):
    def decode(self, name: Any, args: Sequence[Any]) -> Command:
        """What a Socket.IO event says; of a bare JSON object, its `type` and itself. Raises MalformedFrame and nothing else."""
        ...

    def encode(self, event: Event) -> Frame | None:
        """None: this dialect has no words for it."""
        ...

    def encode_error(self, error: DomainError, language: str) -> Frame | None:
        """None: this dialect passes over it in silence."""
        ...


@dataclass(frozen=True, slots=True)
class Opening:
    """What a WebSocket wants that is bound to one room: to join it under this id, or under one that is given to it (empty)."""

    dialect: Dialect
    join: Join
    peer_id: str = ""
    linger: float = 0.0  # seconds for which it is remembered once the socket has died
    naming: float = 0.0  # seconds that it has to say how it is called before it is announced, where nobody knows


class BoundDialect(Dialect, Protocol):
    """One whose connections are WebSockets, each bound to the room it asks for when it opens; an object for each of them."""

    @classmethod
    def open(cls, query: Mapping[str, str], first: Mapping[str, Any] | None) -> Opening | None:
        """From the address and the first frame; None while there is no frame yet (None) and one is needed.

        Without a frame in time it is asked with an empty one. Raises MalformedFrame, and nothing else.
        """
        ...

    @staticmethod
    def encode_error(error: DomainError, language: str) -> Frame | None: ...
