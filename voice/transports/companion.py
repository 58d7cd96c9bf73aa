"""Whoever stands above the calls and shares their sockets. voice/ knows nothing else of him."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from voice.transports.switchboard import Connection


class Companion(Protocol):
    """Nothing of it waits but `start` and `stop`, and all is called in the loop of the sockets."""

    @property
    def words(self) -> Collection[str]:
        """The events that are for him, and not for the calls."""
        ...

    async def start(self) -> None:
        """Before the first connection. Twice is once."""
        ...

    async def stop(self) -> None: ...

    def hear(self, connection: "Connection", name: str, args: Sequence[Any]) -> None:
        """An event of his. A DomainError is told to its sender, and hurts nobody."""
        ...

    def lose(self, connection: "Connection") -> None:
        """The socket is gone, or somebody else goes on with it. Twice is once."""
        ...
