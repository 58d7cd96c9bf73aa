"""The companion of the calls: subscribers on the sockets of ProjectVoice's own clients."""

import asyncio
import logging
from collections.abc import Collection, Coroutine, Iterable, Sequence
from typing import Any, Final

from django.conf import settings

from accounts.scopes import EVENTS
from accounts.tokens import identity_of
from events.log import Span
from live import metrics, words
from live.attendance import Attendance
from live.audiences import Subscription
from live.delivery import Delivery
from live.errors import NotSubscribed
from live.nodes import Letter, Nodes
from live.outage import NO_DATABASE
from live.replay import go_live, replay
from live.rights import Sight, View
from live.seats import Seats
from live.sequence import Sequence as Sequencer
from live.threads import Threads
from live.words import SetPresence, Subscribe, Typing, Unsubscribe
from messaging.access import access_channel_for_writing
from messaging.entry import READ
from projectvoice.kernel.errors import DomainError, InvalidSession, Unavailable
from voice.errors import TooManyJoins
from voice.transports.bus import Bus
from voice.transports.switchboard import POLICY_VIOLATION, Connection, Switchboard

logger = logging.getLogger(__name__)

IN_ORDER: Final = 2  # threads for what everybody waits for: the sequencer and the delivery
TYPING_EVERY: Final = 3.0  # seconds, of one user in one channel
NOTHING: Final = {"permissions": None, "channels": ()}
MOST_TYPING: Final = 10_000  # users and channels that are remembered for this


class Company:
    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self._ahead = Threads(IN_ORDER)
        self._threads = Threads(settings.LIVE_THREADS - IN_ORDER)
        self._nodes = Nodes(settings.REDIS_URL, self._hear_node, self._meet_node, self._lose_node)
        self._delivery = Delivery(self._ahead, self)
        self._attendance = Attendance(self._nodes, self._delivery.audiences, self._threads)
        self._seats = Seats(switchboard.others.lookout.board, self._delivery.audiences)
        self._sequence = Sequencer(self._ahead, self._threads, self._grown)
        self._subscriptions: dict[str, Subscription] = {}  # by the connection's key
        self._typed: dict[tuple[int, int], float] = {}  # when a user said last that he writes in a channel
        self._tasks: list[asyncio.Task[None]] = []
        self._errands: set[asyncio.Task[None]] = set()  # the loop itself would let go of them

    # What the switchboard says

    @property
    def words(self) -> Collection[str]:
        return words.READERS.keys()

    async def start(self) -> None:
        if self._tasks:
            return
        parts = (self._sequence.run(), self._delivery.run(), self._attendance.run(), self._nodes.start())
        self._tasks = [asyncio.create_task(part) for part in parts]
        self._switchboard.others.watch_seats(self._seats.told)

    @property
    def subscribers(self) -> int:
        return len(self._subscriptions)

    @property
    def replaying(self) -> int:
        return sum(one.admitted and not one.live for one in self._subscriptions.values())

    @property
    def position(self) -> int:
        return self._delivery.position

    @property
    def pools(self) -> dict[str, Threads]:
        return {"ahead": self._ahead, "beside": self._threads}

    @property
    def bus(self) -> Bus:
        return self._nodes.bus

    async def stop(self) -> None:
        await self._nodes.stop()
        for task in [*self._tasks, *self._errands]:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._errands, return_exceptions=True)
        self._threads.stop()
        self._ahead.stop()

    def hear(self, connection: Connection, name: str, args: Sequence[Any]) -> None:
        match words.read(name, args):
            case Subscribe() as wish:
                self._subscribe(connection, wish)
            case Unsubscribe():
                self.lose(connection)
            case Typing(channel_id):
                self._type(self._of(connection), channel_id)
            case SetPresence(status):
                subscription = self._of(connection)
                subscription.status = status
                if subscription.admitted:
                    self._attendance.note(subscription.view.user_id)

    def lose(self, connection: Connection) -> None:
        subscription = self._subscriptions.pop(connection.key, None)
        if subscription is not None:
            self._delivery.drop(subscription)
            if subscription.admitted:
                self._attendance.note(subscription.view.user_id)

    def _of(self, connection: Connection) -> Subscription:
        subscription = self._subscriptions.get(connection.key)
        if subscription is None:
            raise NotSubscribed
        return subscription

    # Subscribing

    def _subscribe(self, connection: Connection, wish: Subscribe) -> None:
        """Again is anew: with another narrowing, or another user."""
        token = wish.token or connection.token
        if token is None:
            raise InvalidSession
        limits = connection.limits
        if limits is not None and not limits.joins.take(asyncio.get_running_loop().time()):
            self._switchboard.close(connection, TooManyJoins(), POLICY_VIOLATION)
            return
        subscription = Subscription(connection, connection.head, connection.socket.write)
        subscription.since, subscription.servers = wish.since, wish.servers
        former = self._subscriptions.get(connection.key)
        if former is not None:
            subscription.status = former.status
        self.lose(connection)
        self._subscriptions[connection.key] = subscription
        self._do(self._introduce(subscription, token))

    async def _introduce(self, subscription: Subscription, token: str) -> None:
        try:
            identity = await self._threads.run(identity_of, token, EVENTS)
        except DomainError as error:
            self.refused(subscription, error)
            return
        except NO_DATABASE:
            self.refused(subscription, Unavailable())
            return
        if subscription.over:
            return
        connection = subscription.connection
        self._subscriptions.pop(connection.key)  # it stays, if somebody else was signed in here
        self._switchboard.sign_in(connection, token, identity)
        self._subscriptions[connection.key] = subscription
        subscription.user, subscription.session_id = identity.user, identity.session_id
        self._delivery.admit(subscription)

    def admitted(self, subscription: Subscription, span: Span, position: int) -> None:
        since, view = subscription.since, subscription.view
        too_old = since is not None and not span.floor <= since <= position
        replaying = since is not None and since != position and not too_old
        servers = [(server_id, sight) for server_id, sight in sorted(view.servers.items()) if subscription.wants(server_id)]
        subscribed = {
            "seq": position,
            "replaying": replaying,
            "servers": [{"id": server_id, **_rights(sight)} for server_id, sight in servers],
            "conversations": sorted(view.conversations),
            "presences": self._attendance.seen(subscription),
            "voiceSeats": self._seats.seen(servers),
            "user": {"id": view.user_id, "username": view.username},
        }
        self._say(subscription, "subscribed", subscribed)
        self._attendance.note(view.user_id)
        if replaying and since is not None:
            subscription.after = since
            metrics.REPLAYS.labels("replayed").inc()
            self._do(replay(subscription, self._delivery, self._threads, self._resync))
        elif too_old:
            self._resync(subscription)
        else:
            if since is not None:
                self._say(subscription, "resumed", {"seq": position})
            subscription.live = True

    def _resync(self, subscription: Subscription) -> None:
        """What was held comes again in what he loads."""
        metrics.REPLAYS.labels("resync").inc()
        subscription.held, subscription.after = [], self._delivery.position
        self._say(subscription, "resync", {"seq": subscription.after, "reason": "The log does not reach back to there"})
        go_live(subscription)

    def refused(self, subscription: Subscription, error: DomainError) -> None:
        if not subscription.over:
            self._forget(subscription)
            self._switchboard.refuse(subscription.connection, error)

    def ended(self, subscription: Subscription) -> None:
        if not subscription.over:
            self._forget(subscription)
            self._switchboard.close(subscription.connection, InvalidSession(), POLICY_VIOLATION)

    def _forget(self, subscription: Subscription) -> None:
        if self._subscriptions.get(subscription.connection.key) is subscription:
            self.lose(subscription.connection)
        self._delivery.drop(subscription)

    # Rights

    def changed(self, view: View, before: dict[int, Sight], friends: frozenset[int]) -> None:
        subscriptions = list(self._delivery.audiences.of_user.get(view.user_id, ()))
        for server_id in before.keys() | view.servers.keys():
            sight = view.servers.get(server_id)
            if sight == before.get(server_id):
                continue
            said = [words.frame("rights", {"serverId": server_id, **(NOTHING if sight is None else _rights(sight))})]
            said += [words.frame("voice-seats", state) for state in self._gained_seats(server_id, sight, before.get(server_id))]
            for subscription in subscriptions:
                if subscription.wants(server_id):
                    for one in said:
                        subscription.write(subscription.head + one)
        gained, befriended = view.servers.keys() - before.keys(), view.friends - friends
        if gained or befriended:
            self._attendance.find(subscriptions, view.user_id, gained, befriended)
        if view.servers.keys() != before.keys():
            self._attendance.note(view.user_id)

    def _gained_seats(self, server_id: int, sight: Sight | None, before: Sight | None) -> Iterable[Any]:
        """Who sits in the channels that are seen only now."""
        if sight is None:
            return ()
        known = before.channels if before else {}
        channels = {channel_id: held for channel_id, held in sight.channels.items() if channel_id not in known}
        return self._seats.seen([(server_id, sight._replace(channels=channels))])

    # What is told once and forgotten

    def tell(
        self, server_id: int | None, channel_id: int, name: str, payload: Any, *, need: int = 0, but: int | None = None
    ) -> None:
        """On all nodes, to who sees that channel, be it a server's or a conversation, and holds what is needed there; `but` one user."""
        self._nodes.say("tell", server_id, channel_id, name, payload, need, but)
        self._tell(server_id, channel_id, name, payload, need, but)

    def _tell(self, server_id: int | None, channel_id: int, name: str, payload: Any, need: int, but: int | None) -> None:
        audiences = self._delivery.audiences
        if server_id is None:
            audience = audiences.in_conversation(channel_id)
        else:
            audience = audiences.on_server(server_id, channel_id, need)
        body = words.frame(name, payload) if audience else b""
        for head, subscriptions in audience:
            frame = head + body
            for subscription in subscriptions:
                if subscription.live and subscription.user.pk != but:
                    subscription.write(frame)

    def _type(self, subscription: Subscription, channel_id: int) -> None:
        """One question at a time, and none that was answered a moment ago."""
        if not subscription.admitted or subscription.typing:
            return
        key, now = (subscription.view.user_id, channel_id), asyncio.get_running_loop().time()
        if now - self._typed.get(key, -TYPING_EVERY) < TYPING_EVERY:
            return
        if len(self._typed) >= MOST_TYPING:
            self._typed = {other: at for other, at in self._typed.items() if now - at < TYPING_EVERY}
        self._typed[key] = now
        subscription.typing = True
        self._do(self._say_who_types(subscription, channel_id))

    async def _say_who_types(self, subscription: Subscription, channel_id: int) -> None:
        user = subscription.user
        try:
            entry = await self._threads.run(access_channel_for_writing, user, channel_id)
        except DomainError as error:
            self._switchboard.refuse(subscription.connection, error)
            return
        except NO_DATABASE:
            return
        finally:
            subscription.typing = False
        server_id = entry.channel.server_id
        payload = {"channelId": channel_id, "serverId": server_id, "userId": user.pk, "username": user.username}
        self.tell(server_id, channel_id, "typing", payload, need=int(READ), but=user.pk)

    # Other nodes

    def _grown(self) -> None:
        self._delivery.wake()
        self._nodes.say("bell")

    def _hear_node(self, node: str, kind: str, letter: Letter) -> None:
        match kind, letter:
            case "bell", _:
                self._delivery.wake()
            case "tell", [server_id, channel_id, name, payload, need, but]:
                self._tell(server_id, channel_id, name, payload, need, but)
            case "present", [people]:
                self._attendance.hear(node, people)
            case "presences", [people]:
                self._attendance.hear_all(node, people)

    def _meet_node(self, node: str | None) -> None:
        self._attendance.meet(node)

    def _lose_node(self, node: str, said: bool) -> None:
        self._attendance.lose(node, said)

    # Within

    def _say(self, subscription: Subscription, name: str, payload: Any) -> None:
        subscription.write(subscription.head + words.frame(name, payload))

    def _do(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


def _rights(sight: Sight) -> dict[str, Any]:
    channels = [{"id": channel_id, "permissions": str(held)} for channel_id, held in sorted(sight.channels.items())]
    return {"permissions": str(sight.permissions), "channels": channels}
