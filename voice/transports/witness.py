"""Whoever stands above the calls and keeps what happens in them. voice/ knows nothing else of him."""

from typing import TYPE_CHECKING, Protocol

from voice.core.words import Command, Event, Room

if TYPE_CHECKING:
    from voice.transports.switchboard import Connection


class Witness(Protocol):
    """Nothing of it waits but `start` and `stop`, and all is called in the loop of the sockets."""

    async def start(self) -> None:
        """Twice is once."""
        ...

    async def stop(self) -> None: ...

    def sat_down(self, connection: "Connection", room: Room) -> None:
        """In another room than before, or in the same one again. What he is told of it follows."""
        ...

    def heard(self, connection: "Connection", command: Command) -> None:
        """He did that, seated or not, and it was taken."""
        ...

    def told(self, connection: "Connection", event: Event) -> None: ...

    def stood_up(self, connection: "Connection", why: str) -> None:
        """If he was seated. Twice is once."""
        ...
