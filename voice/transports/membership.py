"""A client's place in one namespace, and the Channels consumer that lives there."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from voice.wire.client import EventCame
from voice.wire.socketio import encode_ack, encode_event

if TYPE_CHECKING:
    from voice.transports.link import Link

logger = logging.getLogger(__name__)

MANY: Final = 64  # messages that wait for a consumer: then no more are read from its client

Message = dict[str, Any]
AtOnce = Callable[[EventCame], Message | None]


def message_of(event: EventCame) -> Message:
    return {"type": "socketio.event", "name": event.name, "args": event.args, "id": event.id}


class Membership:
    """What comes is done at once while the consumer waits for something to do; else it queues, so that order holds."""

    __slots__ = ("_link", "_messages", "_namespace", "_waiter", "at_once", "gone", "sid", "write")

    def __init__(self, link: "Link", namespace: str, sid: str, auth: dict[str, Any]) -> None:
        self.sid = sid  # what others may know; the session's own is a secret
        self.gone = False
        self.at_once: AtOnce = message_of
        """What an event asks for is done in the moment it comes; answers the message to be queued for what is left."""
        self.write = link.write
        """Says a Socket.IO packet as an Engine.IO message, digit and all."""
        self._link, self._namespace = link, namespace
        self._messages: deque[Message] | None = deque([{"type": "socketio.connect", "auth": auth}])  # None: none
        self._waiter: asyncio.Future[None] | None = None

    async def live(self, application: Any, scope: dict[str, Any]) -> None:
        """The whole life of a consumer. When it is over, the client is no longer in the namespace."""
        try:
            await application(scope, self._receive, self._send)
        except Exception:
            logger.exception("A consumer of namespace %s failed", self._namespace)
        finally:
            self.at_once = message_of  # the consumer's own leads back to us, by way of its scope
            if not self.gone:
                self._link.put_out(self._namespace)

    @property
    def backlog(self) -> int:
        return self._link.backlog

    # What the client does

    def hear(self, event: EventCame) -> None:
        waiter = self._waiter
        idle = waiter is not None and not waiter.done()
        message = self.at_once(event) if idle else message_of(event)
        if message is not None:
            self._put(message)

    def leave(self) -> None:
        self.gone = True
        self._put({"type": "socketio.disconnect"})

    # What the consumer does

    def hang_up(self, code: int) -> None:
        """Close the whole connection; Engine.IO has no use for the code. What was written before still goes out, if it is read soon."""
        self._link.close()

    async def _receive(self) -> Message:
        while not self._messages:
            self._messages = None
            self._link.resume_reading()
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        self._waiter = None
        return self._messages.popleft()

    async def _send(self, message: Message) -> None:
        match message["type"]:
            case "socketio.accept":
                self._link.accept(self._namespace, self.sid)
            case "socketio.refuse":
                self._link.refuse(self._namespace, message["message"])
            case "socketio.emit":
                self._link.send(encode_event(message["name"], message["args"], self._namespace))
            case "socketio.ack":
                self._link.send(encode_ack(message["args"], self._namespace, message["id"]))
            case unknown:
                raise ValueError(f"a consumer cannot send {unknown}")

    def _put(self, message: Message) -> None:
        if self._messages is None:
            self._messages = deque()
        self._messages.append(message)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        if len(self._messages) >= MANY:
            self._link.pause_reading()
