"""Reads the log as it grows, and tells each event to those of this process who may see it.

One task does it all in turn: admits subscribers, reads, asks the doors again, tells. So a view always holds what changed
rights up to the event that is told next, and nobody is admitted between an event and the one after it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final, Protocol

from django.utils import timezone

from events import log
from events.log import Entry, Span
from live import metrics, words
from live.audiences import Audience, Audiences, Subscription
from live.outage import Outage
from live.rights import Sight, View
from live.threads import Threads
from live.views import Doubt, look, look_again
from projectvoice.kernel.errors import DomainError, InvalidSession, Unavailable
from projectvoice.kernel.serializers import iso

logger = logging.getLogger(__name__)

LOOK_EVERY: Final = 1.0  # seconds, without a bell
AT_ONCE: Final = 500
ADMITTED: Final = 200  # at once; between them others are told what happens


class Front(Protocol):
    """What becomes of subscriptions."""

    def admitted(self, subscription: Subscription, span: Span, position: int) -> None:
        """It is among the audiences from here on."""
        ...

    def refused(self, subscription: Subscription, error: DomainError) -> None: ...

    def ended(self, subscription: Subscription) -> None:
        """Its session is no more."""
        ...

    def changed(self, view: View, before: dict[int, Sight], friends: frozenset[int]) -> None:
        """What this user may see is other than `before`. His subscriptions are among the audiences again."""
        ...


class Delivery:
    def __init__(self, threads: Threads, front: Front) -> None:
        self.audiences = Audiences()
        self.views: dict[int, View] = {}  # of those who subscribe
        self.position = 0
        """Everything up to here was told. Means nothing while nobody subscribes."""
        self._threads, self._front = threads, front
        self._admission: deque[Subscription] = deque()
        self._reading = False  # somebody subscribes
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    def admit(self, subscription: Subscription) -> None:
        """In its turn; the front hears of it. It knows its user and session."""
        self._admission.append(subscription)
        self.wake()

    def drop(self, subscription: Subscription) -> None:
        """Twice is once."""
        subscription.over = True
        self.audiences.remove(subscription)
        if subscription.view.user_id not in self.audiences.of_user:
            self.views.pop(subscription.view.user_id, None)

    async def run(self) -> None:
        outage = Outage("Nobody hears what happens")
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._woken.wait()
            self._woken.clear()
            try:
                await self._turn()
                outage.over()
            except Exception as error:
                self._woken.set()
                await outage.wait(error)

    async def _turn(self) -> None:
        await self._admit()
        await self._ask_those_whose_timeout_ends()
        while self._reading and (entries := await self._threads.run(log.tail, self.position, AT_ONCE)):
            await self._tell_all(entries)
            await self._admit()
            if len(entries) < AT_ONCE:
                return

    # Subscribers

    async def _admit(self) -> None:
        if not self.views:
            self._reading = False
        while self._admission:
            some = [self._admission.popleft() for _ in range(min(ADMITTED, len(self._admission)))]
            some = [subscription for subscription in some if not subscription.over]
            users = {subscription.user.pk for subscription in some} - self.views.keys()
            sessions = {subscription.session_id for subscription in some if subscription.session_id}
            try:
                span, views, alive = await self._threads.run(look, users, sessions)
                if self._reading:
                    await self._catch_up(span.head)
            except Exception:
                for subscription in some:
                    self._front.refused(subscription, Unavailable())
                raise
            if not self._reading:
                self.position, self._reading = span.head, True
            for subscription in some:
                view = self.views.get(subscription.user.pk) or views.get(subscription.user.pk)
                if subscription.over:
                    continue
                if view is None and subscription.user.pk not in users:  # his only other device left just now
                    self._admission.append(subscription)
                    continue
                if view is None or subscription.session_id not in alive:
                    self._front.refused(subscription, InvalidSession())
                    continue
                self.views[view.user_id] = subscription.view = view
                self.audiences.add(subscription)
                self._front.admitted(subscription, span, self.position)

    async def _catch_up(self, head: int) -> None:
        """To where the log was before the new views were read, and no further: they hold what is up to there."""
        while entries := [entry for entry in await self._threads.run(log.tail, self.position, AT_ONCE) if entry.seq <= head]:
            await self._tell_all(entries)

    # Rights

    async def _ask_those_whose_timeout_ends(self) -> None:
        now = timezone.now()
        users = {view.user_id for view in self.views.values() if view.until is not None and view.until <= now}
        if users:
            await self._ask(Doubt(users, set(), set(), set()))

    async def _ask_again(self, entries: Iterable[Entry]) -> None:
        """About all that these may have changed: every one of them was committed before the answer."""
        doubt = Doubt(set(), set(), set(), set())
        for entry in entries:
            if is_about_rights(entry):
                self._doubt(doubt, entry)
        await self._ask(doubt)

    def _doubt(self, doubt: Doubt, entry: Entry) -> None:
        if entry.user_id is not None and entry.server_id is not None:
            doubt.members.add((entry.user_id, entry.server_id))
        elif entry.user_id is not None:
            doubt.users.add(entry.user_id)
        elif entry.server_id is not None:
            doubt.servers.add(entry.server_id)
        elif entry.channel_id is not None:
            doubt.channels.add(entry.channel_id)
            doubt.users.update(self._users(self.audiences.of_conversation.get(entry.channel_id, ())))
            doubt.servers.update(
                server_id
                for view in self.views.values()
                for server_id, sight in view.servers.items()
                if entry.channel_id in sight.channels
            )
        else:
            doubt.users.update(self.views)

    async def _ask(self, doubt: Doubt) -> None:
        doubt.members.update(
            (view.user_id, server_id)
            for server_id in doubt.servers
            for view in self.views.values()
            if server_id in view.servers
        )
        doubted = [one for user_id in doubt.users for one in self.audiences.of_user.get(user_id, ())]
        sessions = {one.session_id for one in doubted if one.session_id}
        if (
            not self.views.keys() & (doubt.users | {user_id for user_id, _ in doubt.members})
            and not doubt.servers | doubt.channels
        ):
            return
        answer = await self._threads.run(look_again, doubt, list(self.views), sessions)
        for one in doubted:
            if not one.over and one.session_id not in answer.alive:
                self._front.ended(one)
        for user_id in doubt.users | answer.views.keys():
            self._renew(user_id, answer.views.get(user_id))
        servers: dict[int, dict[int, Sight | None]] = {}
        for (user_id, server_id), sight in answer.sights.items():
            servers.setdefault(user_id, {})[server_id] = sight
        for user_id, sights in servers.items():
            view = self.views.get(user_id)
            if view is not None:
                found = {server_id: sight for server_id, sight in (view.servers | sights).items() if sight is not None}
                ends = [end for end in (view.until, answer.ends.get(user_id)) if end is not None]
                new = View(user_id, view.username, found, view.conversations, view.friends, min(ends, default=None))
                self._renew(user_id, new)

    def _renew(self, user_id: int, new: View | None) -> None:
        view = self.views.get(user_id)
        if view is None:
            return
        subscriptions = list(self.audiences.of_user.get(user_id, ()))
        if new is None:
            for subscription in subscriptions:
                self._front.ended(subscription)
            return
        for subscription in subscriptions:
            self.audiences.remove(subscription)
        before, friends = view.servers, view.friends
        view.username, view.servers, view.conversations = new.username, new.servers, new.conversations
        view.friends, view.until = new.friends, new.until
        for subscription in subscriptions:
            self.audiences.add(subscription)
        self._front.changed(view, before, friends)

    @staticmethod
    def _users(subscriptions: Iterable[Subscription]) -> Iterable[int]:
        return (one.view.user_id for one in subscriptions)

    # Events

    async def _tell_all(self, entries: Sequence[Entry]) -> None:
        asked = False
        for number, entry in enumerate(entries):
            if not asked and is_about_rights(entry):
                await self._ask_again(entries[number:])
                asked = True
            try:
                self._tell(entry)
            except Exception:
                logger.exception("Event %s cannot be told", entry.seq)
            self.position = entry.seq

    def _tell(self, entry: Entry) -> None:
        audience = self.audiences.of(entry.kind, entry.server_id, entry.channel_id, entry.user_id)
        if audience:
            metrics.TOLD.inc()
            tell(audience, body_of(entry))


def tell(audience: Audience, body: bytes) -> None:
    """Each frame is made once for each address, however many read it."""
    for head, subscriptions in audience:
        frame = head + body
        metrics.FRAMES.inc(len(subscriptions))
        for subscription in subscriptions:
            if subscription.live:
                subscription.write(frame)
            else:
                subscription.hold(frame)


def body_of(entry: Entry) -> bytes:
    return words.event(entry.kind, entry.seq, iso(entry.at), entry.server_id, entry.channel_id, entry.payload)


def is_about_rights(entry: Entry) -> bool:
    return entry.kind in ABOUT_RIGHTS


# Whose presence one hears depends on friends, too: of these no row of its own says so.
ABOUT_RIGHTS: Final = frozenset({"access", "friend-updated", "friend-removed"})
