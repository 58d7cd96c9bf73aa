"""One client: the state machines of voice/wire with what they decide carried out, at one place and in order."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from math import inf
from secrets import token_urlsafe
from typing import Any, Final, assert_never

from voice.transports.carriers import Socket
from voice.transports.membership import Membership
from voice.transports.sids import new_sid
from voice.wire.client import AckCame, Client, ConnectAsked, EventCame, HangUp, Left, News, Say
from voice.wire.engineio import Response, Settings, Transport
from voice.wire.session import Closed, Effect, Hang, Receive, Respond, Session, Write
from voice.wire.socketio import Message

logger = logging.getLogger(__name__)

Application = Callable[[dict[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]
Poll = asyncio.Future[Response]

MESSAGE: Final = b"4"  # what Engine.IO writes before a message
ID_BYTES: Final = 15


_lives: Final = set[asyncio.Task[None]]()  # the loop itself would let go of them


class Link:
    """A session with its Socket.IO client, its carriers and its memberships. Deaf once `over`."""

    __slots__ = (
        "_client",
        "_effects",
        "_loop",
        "_members",
        "_namespaces",
        "_over",
        "_scope",
        "_timer",
        "_timer_due",
        "calm",
        "session",
        "sid",
    )

    def __init__(
        self,
        transport: Transport,
        scope: dict[str, Any],
        namespaces: Mapping[str, Application],
        settings: Settings,
        connect_timeout: float,
        over: Callable[["Link"], None],
    ) -> None:
        """`scope` is that of the request that opened it; `over` is called when it has ended."""
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        self.sid = new_sid()
        self.session = Session(self.sid, transport, settings, now)
        self.calm: asyncio.Event | None = None  # there while a consumer has enough to do
        self._client = Client(namespaces, settings.max_payload, now, connect_timeout, MESSAGE)
        self._scope, self._namespaces, self._over = scope, namespaces, over
        self._members: dict[str, Membership] = {}
        self._effects: deque[Effect] | None = None  # there while some are being carried out: new ones come after them
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = inf
        self._set_timer()

    # What the client does over HTTP

    def poll(self, poll: Poll) -> None:
        self._carry_out(self.session.poll(poll, self._loop.time()))

    def poll_lost(self, poll: Poll) -> None:
        self._carry_out(self.session.poll_lost(poll))

    def post(self, poll: Poll, body: bytes) -> None:
        self._carry_out(self.session.post(poll, body, self._loop.time()))

    # What it does over WebSocket

    def attach(self, socket: Socket) -> None:
        self._carry_out(self.session.attach(socket))

    def upgrade(self, socket: Socket) -> bool:
        """False: it may not."""
        refused = self.session.upgrade(socket, self._loop.time())
        self._set_timer()
        return not refused

    def hear(self, socket: Socket, data: bytes, binary: bool) -> None:
        """A whole message. The way of nearly all signals: from here to the receiver's socket nothing waits."""
        if socket is self.session.live and self._effects is None and not binary:
            event = self._client.receive_plain(data)
            if event is not None:
                self._members[event.namespace].hear(event)
                return
        self._carry_out(self.session.receive(socket, data, binary, self._loop.time()))

    def lost(self, socket: Socket) -> None:
        self._carry_out(self.session.lost(socket))

    # What consumers do

    @property
    def backlog(self) -> int:
        live = self.session.live
        return self.session.backlog if live is None else live.backlog

    def write(self, text: bytes) -> None:
        """A message as it is said over WebSocket, with its digit."""
        live = self.session.live
        if live is not None and self._effects is None:
            live.send(text)
        else:
            self._carry_out(self.session.send(text[1:]))

    def send(self, message: Message) -> None:
        self.write(MESSAGE + message.text)
        for attachment in message.attachments:
            self._carry_out(self.session.send(attachment, binary=True))

    def accept(self, namespace: str, sid: str) -> None:
        self._take(self._client.accept(namespace, sid))
        self._set_timer()

    def refuse(self, namespace: str, message: str) -> None:
        self._take(self._client.refuse(namespace, message, self._loop.time()))
        self._forget(namespace)

    def put_out(self, namespace: str) -> None:
        self._take(self._client.disconnect(namespace, self._loop.time()))
        self._forget(namespace)

    def close(self) -> None:
        self._carry_out(self.session.close(self._loop.time()))

    def pause_reading(self) -> None:
        """Let no more come in for now, over whatever carrier."""
        self.calm = self.calm or asyncio.Event()
        if self.session.live is not None:
            self.session.live.pause_reading()

    def resume_reading(self) -> None:
        if self.calm is not None:
            self.calm.set()
            self.calm = None
            if self.session.live is not None:
                self.session.live.resume_reading()

    # Within

    def _carry_out(self, effects: Iterable[Effect]) -> None:
        """What is decided while effects are being carried out comes after them, so that nothing overtakes."""
        if self._effects is not None:
            self._effects.extend(effects)
            return
        self._effects = deque(effects)
        try:
            while self._effects:
                self._carry(self._effects.popleft())
        finally:
            self._effects = None
        self._set_timer()

    def _carry(self, effect: Effect) -> None:
        match effect:
            case Write(socket, data, binary):
                socket.send(data, binary)
            case Respond(poll, response):
                if not poll.done():
                    poll.set_result(response)
            case Receive(data, binary):
                now = self._loop.time()
                self._take(self._client.receive_binary(data, now) if binary else self._client.receive_text(data, now))
            case Hang(socket):
                socket.hang_up()
            case Closed(reason):
                logger.debug("Session %s… ended: %s", self.sid[:4], reason)
                self._end()
            case _:
                assert_never(effect)

    def _take(self, news: Iterable[News]) -> None:
        for item in news:
            match item:
                case EventCame():
                    self._members[item.namespace].hear(item)
                case Say(text):
                    self.write(MESSAGE + text)
                case ConnectAsked(namespace, auth):
                    self._enter(namespace, auth)
                case Left(namespace):
                    self._forget(namespace)
                    self._set_timer()
                case HangUp(why):
                    logger.info("Session %s… is closed: %s", self.sid[:4], why)
                    self.close()
                case AckCame():
                    pass  # no consumer asks for one
                case _:
                    assert_never(item)

    def _enter(self, namespace: str, auth: dict[str, Any]) -> None:
        member = Membership(self, namespace, token_urlsafe(ID_BYTES), auth)
        self._members[namespace] = member
        scope = {**self._scope, "type": "socketio", "namespace": namespace, "membership": member}
        life = asyncio.create_task(member.live(self._namespaces[namespace], scope))
        _lives.add(life)
        life.add_done_callback(_lives.discard)

    def _forget(self, namespace: str) -> None:
        member = self._members.pop(namespace, None)
        if member is not None:
            member.leave()

    def _end(self) -> None:
        for namespace in list(self._members):
            self._forget(namespace)
        self.resume_reading()  # who waits to be heard hears that it is over
        self._over(self)

    def _set_timer(self) -> None:
        """Timers are never put off: one that comes too early looks when it is due, and costs less than a change."""
        if self.session.closed:
            if self._timer is not None:
                self._timer.cancel()
                self._timer, self._timer_due = None, inf
            return
        due = min(self.session.next_due or inf, self._client.next_due or inf)
        if due < self._timer_due:
            if self._timer is not None:
                self._timer.cancel()
            self._timer, self._timer_due = self._loop.call_at(due, self._wake), due

    def _wake(self) -> None:
        self._timer, self._timer_due = None, inf
        now = self._loop.time()
        self._take(self._client.tick(now))
        self._carry_out(self.session.tick(now))
