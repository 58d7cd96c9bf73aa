"""What every dialect can do."""

from collections.abc import Sequence
from typing import Any, Protocol

from projectvoice.kernel.errors import DomainError
from voice.core.words import Command, Event

Frame = tuple[str, Any]  # the name of a Socket.IO event and its one argument


class Dialect(Protocol):
    def decode(self, name: str, args: Sequence[Any]) -> Command:
        """Raises MalformedFrame and nothing else."""
        ...

    def encode(self, event: Event) -> Frame: ...

    def encode_error(self, error: DomainError, language: str) -> Frame: ...
