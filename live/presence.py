"""How present everybody is, put together from what each node says of its own devices. Pure."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from live.words import Status

MOST_TOLD: Final = 1000


class Here(NamedTuple):
    """A user on one node: the most present of his devices, and the servers on which he is seen."""

    status: Status
    servers: frozenset[int]


NOWHERE: Final = Here(Status.OFFLINE, frozenset())


class Change(NamedTuple):
    """`servers` are those to be told; friends and himself hear of it only if it is a new `status`."""

    user_id: int
    status: Status
    servers: frozenset[int]
    is_new: bool


class Presence:
    def __init__(self) -> None:
        self._nodes: dict[str, dict[int, Here]] = {}
        self._users: dict[int, Here] = {}  # the sum of all nodes; none is offline
        self._servers: dict[int, set[int]] = {}  # who is seen there

    def of(self, user_id: int) -> Status:
        return self._users.get(user_id, NOWHERE).status

    def on(self, node: str) -> dict[int, Here]:
        return dict(self._nodes.get(node, {}))

    def here(self, node: str, user_id: int) -> Here:
        return self._nodes.get(node, {}).get(user_id, NOWHERE)

    @property
    def users(self) -> Iterable[int]:
        return self._users

    def tell(self, node: str, user_id: int, here: Here) -> Change | None:
        """What a node says of a user; None if that changes nothing for others."""
        known = self._nodes.setdefault(node, {})
        if here.status is Status.OFFLINE:
            known.pop(user_id, None)
        else:
            known[user_id] = here
        return self._sum(user_id)

    def tell_all(self, node: str, users: dict[int, Here]) -> list[Change]:
        """All that a node has; whom it does not name is not there any more."""
        gone = self._nodes.get(node, {}).keys() - users.keys()
        told = [*((user_id, NOWHERE) for user_id in gone), *users.items()]
        return [change for user_id, here in told if (change := self.tell(node, user_id, here)) is not None]

    def lose(self, node: str) -> list[Change]:
        changes = self.tell_all(node, {})
        self._nodes.pop(node, None)
        return changes

    def seen(self, user_id: int, servers: Iterable[int], friends: Iterable[int]) -> list[tuple[int, Status]]:
        """Himself, his friends, and who is on these servers: not more than a thousand, and nobody who is offline to them."""
        seen: dict[int, Status] = {}
        for group in ((user_id,), friends, *(self._servers.get(server_id, ()) for server_id in servers)):
            for other in group:
                status = self.of(other)
                if status > Status.INVISIBLE:
                    seen[other] = status
                    if len(seen) == MOST_TOLD:
                        return list(seen.items())
        return list(seen.items())

    def _sum(self, user_id: int) -> Change | None:
        before = self._users.get(user_id, NOWHERE)
        found = [users[user_id] for users in self._nodes.values() if user_id in users]
        now = Here(
            max((here.status for here in found), default=Status.OFFLINE), frozenset().union(*(here.servers for here in found))
        )
        if found:
            self._users[user_id] = now
        else:
            self._users.pop(user_id, None)
        for server_id in before.servers - now.servers:
            self._servers[server_id].discard(user_id)
            if not self._servers[server_id]:
                del self._servers[server_id]
        for server_id in now.servers - before.servers:
            self._servers.setdefault(server_id, set()).add(user_id)
        if before.status.shown != now.status.shown:
            return Change(user_id, now.status, before.servers | now.servers, True)
        gained = now.servers - before.servers
        return Change(user_id, now.status, gained, False) if gained and now.status > Status.INVISIBLE else None
