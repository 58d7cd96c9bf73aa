"""Who of this process is to hear of what. Pure: sockets are here no more than something to write to."""

from collections.abc import Callable, Iterable
from typing import Any, Final
from uuid import UUID

from live.rights import NEEDS, NOBODY, View
from live.words import Status

HELD: Final = 256  # frames that wait for a subscriber who is told first what he has missed

Group = tuple[bytes, list["Subscription"]]
Audience = list[Group]
"""Subscribers by what stands before each frame on their sockets."""


class Subscription:
    """Of one connection. Once `admitted` it has a view; `live` when it hears things in the moment they happen."""

    __slots__ = (
        "after", "connection", "head", "held", "live", "missed", "over", "servers", "session_id", "since", "status", "typing",
        "user", "view", "write",
    )  # fmt: skip

    def __init__(self, connection: Any, head: bytes, write: Callable[[bytes], None]) -> None:
        self.connection, self.head, self.write = connection, head, write
        self.since: int | None = None
        self.after = 0  # what it has heard, while it is not live
        self.servers: frozenset[int] | None = None  # None: all of his
        self.user: Any = None
        self.session_id: UUID | None = None
        self.view: View = NOBODY
        self.status = Status.ONLINE
        self.live = self.over = self.typing = False
        self.held: list[bytes] = []
        self.missed = False  # more was to be held than is

    @property
    def admitted(self) -> bool:
        return self.view is not NOBODY

    def hold(self, frame: bytes) -> None:
        """It comes too early. What is too much is read from the log later on."""
        if len(self.held) < HELD and not self.missed:
            self.held.append(frame)
        else:
            self.missed = True

    def wants(self, server_id: int) -> bool:
        return self.servers is None or server_id in self.servers


class Audiences:
    """Subscriptions by what their views hold. A view may only be changed while its subscriptions are not in here."""

    def __init__(self) -> None:
        self.of_user: dict[int, dict[Subscription, None]] = {}
        self.of_server: dict[int, dict[Subscription, None]] = {}
        self.of_conversation: dict[int, dict[Subscription, None]] = {}
        self.of_friend: dict[int, dict[Subscription, None]] = {}
        self._servers: dict[int, dict[tuple[int | None, int], Audience]] = {}  # made already
        self._channels: dict[int, set[int]] = {}  # of each server, that anybody here has seen since its first subscriber came
        self._server_of: dict[int, int] = {}  # of these channels: a channel never moves

    def add(self, subscription: Subscription) -> None:
        for index, key in self._places(subscription):
            index.setdefault(key, {})[subscription] = None
            if index is self.of_server:
                known, seen = self._channels.setdefault(key, set()), subscription.view.servers[key].channels.keys()
                self._server_of.update(dict.fromkeys(seen - known, key))
                known.update(seen)

    def remove(self, subscription: Subscription) -> None:
        """Twice is once."""
        for index, key in self._places(subscription):
            there = index.get(key)
            if there is not None and there.pop(subscription, True) is None and not there:
                del index[key]
                for channel_id in self._channels.pop(key) if index is self.of_server else ():
                    del self._server_of[channel_id]

    def _places(self, subscription: Subscription) -> Iterable[tuple[dict[int, dict[Subscription, None]], int]]:
        view = subscription.view
        if view is NOBODY:
            return
        yield self.of_user, view.user_id
        for server_id in view.servers:
            if subscription.wants(server_id):
                self._servers.pop(server_id, None)
                yield self.of_server, server_id
        for channel_id in view.conversations:
            yield self.of_conversation, channel_id
        for user_id in view.friends:
            yield self.of_friend, user_id

    def of(self, kind: str, server_id: int | None, channel_id: int | None, user_id: int | None) -> Audience:
        """Of an event with these ids (events/words.py)."""
        need = NEEDS.get(kind)
        if need is None:  # internal, or of a later version of ours
            return []
        if user_id is not None:
            alike = self.of_user.get(user_id, {})
            one = next(iter(alike), None)
            heard = one is not None and one.view.hears(kind, server_id, channel_id, user_id)
            return grouped(alike) if heard else []
        if server_id is not None:
            return self.on_server(server_id, channel_id, need)
        return [] if channel_id is None else self.in_conversation(channel_id)

    def on_server(self, server_id: int, channel_id: int | None, need: int) -> Audience:
        """Made once, and anew when somebody comes or goes, or his rights change."""
        if server_id not in self.of_server:
            return []
        made = self._servers.setdefault(server_id, {})
        audience = made.get((channel_id, need))
        if audience is None:
            audience = made[channel_id, need] = grouped(self._allowed(server_id, channel_id, need))
        return audience

    def server_of(self, channel_id: int) -> int | None:
        """None: nobody here sees it, whichever server it is of. Asked for each change of seats, so nobody is looked through."""
        return self._server_of.get(channel_id)

    def in_conversation(self, channel_id: int) -> Audience:
        return grouped(self.of_conversation.get(channel_id, {}))

    def _allowed(self, server_id: int, channel_id: int | None, need: int) -> Iterable[Subscription]:
        verdicts: dict[int, bool] = {}  # most see the server alike
        for subscription in self.of_server.get(server_id, {}):
            sight = subscription.view.servers[server_id]
            verdict = verdicts.get(id(sight))
            if verdict is None:
                verdict = verdicts[id(sight)] = sight.allows(channel_id, need)
            if verdict:
                yield subscription


def grouped(subscriptions: Iterable[Subscription]) -> Audience:
    groups: dict[bytes, list[Subscription]] = {}
    for subscription in subscriptions:
        groups.setdefault(subscription.head, []).append(subscription)
    return list(groups.items())
