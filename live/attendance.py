"""Who is present: what this node knows of its devices and hears from other nodes, told to whom it concerns, kept in REST's `status`."""

import asyncio
import logging
from collections.abc import Collection, Iterable
from typing import Final

from django.db.models import Q

from accounts import models
from accounts.models import User
from live import words
from live.audiences import Audiences, Subscription, grouped
from live.nodes import Letter, Nodes
from live.outage import Outage
from live.presence import NOWHERE, Change, Here, Presence
from live.threads import Threads
from live.words import Status

logger = logging.getLogger(__name__)

GRACE: Final = 5.0  # seconds that who reloads a page has to come back, or the users of a node that restarts
SAVE_EVERY: Final = 1.0
HANDED_DOWN: Final = 10.0  # seconds for which a change is remembered, in case the one who was to save it died
IN_A_LETTER: Final = 200


class Attendance:
    def __init__(self, nodes: Nodes, audiences: Audiences, threads: Threads) -> None:
        self._nodes, self._audiences, self._threads = nodes, audiences, threads
        self._presence = Presence()
        self._leaving: dict[int, asyncio.TimerHandle] = {}  # users without a device, in their grace
        self._unsaved: dict[int, float] = {}  # users whose status has changed, and when
        self._saved: dict[int, str] = {}  # of these, by this node
        self._was_first = False

    def seen(self, subscription: Subscription) -> list[dict[str, object]]:
        """Whom this subscriber finds present."""
        view = subscription.view
        seen = self._presence.seen(view.user_id, filter(subscription.wants, view.servers), view.friends)
        return [{"userId": user_id, "status": status.shown} for user_id, status in seen]

    def note(self, user_id: int) -> None:
        """His devices here, or where he is seen, may be others than before."""
        devices = self._audiences.of_user.get(user_id)
        if devices:
            servers = frozenset(next(iter(devices)).view.servers)
            leaving = self._leaving.pop(user_id, None)
            if leaving is not None:
                leaving.cancel()
            self._set(user_id, Here(max(device.status for device in devices), servers))
        elif user_id not in self._leaving and self._presence.here(self._nodes.name, user_id) != NOWHERE:
            self._leaving[user_id] = asyncio.get_running_loop().call_later(GRACE, self._gone, user_id)

    def find(self, subscriptions: Iterable[Subscription], user_id: int, servers: Iterable[int], friends: Iterable[int]) -> None:
        """This user came to see more people: who of them is there, his devices hear now."""
        seen = self._presence.seen(user_id, servers, friends)
        frames = [self._frame(other, status) for other, status in seen if other != user_id]
        for subscription in subscriptions:
            for frame in frames:
                subscription.write(subscription.head + frame)

    def _gone(self, user_id: int) -> None:
        del self._leaving[user_id]
        self._set(user_id, NOWHERE)

    def _set(self, user_id: int, here: Here) -> None:
        if self._presence.here(self._nodes.name, user_id) != here:
            self._nodes.say("present", [_written(user_id, here)])
            self._told([self._presence.tell(self._nodes.name, user_id, here)])

    # Other nodes

    def hear(self, node: str, people: Letter) -> None:
        self._told(self._presence.tell(node, *_read(person)) for person in people)

    def hear_all(self, node: str, people: Letter) -> None:
        self._told(self._presence.tell_all(node, dict(map(_read, people))))

    def meet(self, node: str | None) -> None:
        """It, or everybody, is told what we have."""
        people = [_written(user_id, here) for user_id, here in self._presence.on(self._nodes.name).items()]
        self._nodes.say("presences", people[:IN_A_LETTER], to=node)
        for start in range(IN_A_LETTER, len(people), IN_A_LETTER):
            self._nodes.say("present", people[start : start + IN_A_LETTER], to=node)

    def lose(self, node: str, said: bool) -> None:
        """Who was there may be back elsewhere in a moment; if it was silent for long, that moment is over."""
        asyncio.get_running_loop().call_later(GRACE if said else 0, lambda: self._told(self._presence.lose(node)))

    # Telling

    def _told(self, changes: Iterable[Change | None]) -> None:
        for change in changes:
            if change is not None:
                self._tell(change)

    def _tell(self, change: Change) -> None:
        concerned: dict[Subscription, None] = {}
        for server_id in change.servers:
            concerned |= self._audiences.of_server.get(server_id, {})
        if change.is_new:
            concerned |= self._audiences.of_friend.get(change.user_id, {})
            concerned |= self._audiences.of_user.get(change.user_id, {})
            self._unsaved[change.user_id] = asyncio.get_running_loop().time()
            self._saved.pop(change.user_id, None)
        frame = self._frame(change.user_id, change.status)
        for head, subscriptions in grouped(concerned):
            whole = head + frame
            for subscription in subscriptions:
                subscription.write(whole)

    @staticmethod
    def _frame(user_id: int, status: Status) -> bytes:
        return words.frame("presence", {"userId": user_id, "status": status.shown})

    # What REST shows

    async def run(self) -> None:
        """One of the nodes saves. Who was present when all of them ended is not present any more."""
        loop, outage, settled = asyncio.get_running_loop(), Outage("Statuses are not saved"), False
        while True:
            await asyncio.sleep(SAVE_EVERY)
            try:
                if not settled and self._nodes.is_alone is not None:
                    if self._nodes.is_alone:
                        await self._threads.run(_reset, set(self._presence.users))
                    settled = True
                if self._nodes.is_first:
                    await self._save()
                outage.over()
            except Exception as error:
                await outage.wait(error)
            for user_id in [user_id for user_id, at in self._unsaved.items() if loop.time() - at > HANDED_DOWN]:
                if self._saved.pop(user_id, None) is not None or not self._nodes.is_first:
                    del self._unsaved[user_id]

    async def _save(self) -> None:
        wanted = {user_id: self._presence.of(user_id).shown for user_id in self._unsaved if user_id not in self._saved}
        if wanted:
            await self._threads.run(_save, wanted)
            self._saved |= {user_id: status for user_id, status in wanted.items() if self._presence.of(user_id).shown == status}


def _save(statuses: dict[int, str]) -> None:
    for status in set(statuses.values()):
        users = [user_id for user_id, wanted in statuses.items() if wanted == status]
        User.objects.filter(~Q(status=status), pk__in=users).update(status=status)


def _reset(present: Collection[int]) -> None:
    User.objects.exclude(status=models.Status.OFFLINE).exclude(pk__in=present).update(status=models.Status.OFFLINE)


def _written(user_id: int, here: Here) -> Letter:
    return [user_id, int(here.status), list(here.servers)]


def _read(person: Letter) -> tuple[int, Here]:
    user_id, status, servers = person
    return user_id, Here(Status(status), frozenset(servers))
