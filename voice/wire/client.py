"""A Socket.IO client on one connection: its namespaces, binary packets that come in pieces, acknowledgements.

Text and binary messages in, news out; whatever is against the protocol ends the connection, as Node's socket.io does.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from voice.wire.errors import MalformedPacket
from voice.wire.socketio import (
    Kind,
    Message,
    Packet,
    decode,
    encode_connect,
    encode_connect_error,
    encode_disconnect,
    encode_event,
    event_of,
    head,
)

_FOR_STRANGERS: Final = frozenset({Kind.CONNECT, Kind.CONNECT_ERROR})
CONNECT_TIMEOUT: Final = 45.0  # seconds a connection may be in no namespace
MAX_PENDING_ACKS: Final = 1024
_new: Final = tuple.__new__  # for a NamedTuple that is made for each signal: a third of the time of its own way


@dataclass(frozen=True, slots=True)
class ConnectAsked:
    """A client wants into a namespace that exists: answer with `accept` or `refuse`."""

    namespace: str
    auth: dict[str, Any]


class EventCame(NamedTuple):
    """`id` is not None where the client wants an acknowledgement."""

    namespace: str
    name: str
    args: list[Any]
    id: int | None


@dataclass(frozen=True, slots=True)
class AckCame:
    """The answer to what `ask` sent."""

    namespace: str
    id: int
    args: list[Any]


@dataclass(frozen=True, slots=True)
class Left:
    """The client left a namespace; it was connected, or about to be."""

    namespace: str


@dataclass(frozen=True, slots=True)
class Say:
    """To be sent to the client."""

    text: bytes


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the connection. `why` is for a log."""

    why: str


News = ConnectAsked | EventCame | AckCame | Left | Say | HangUp


class TooManyAcks(Exception):
    """The client owes more acknowledgements than are kept."""


class Client:
    """After HangUp it is deaf. Every namespace in `namespaces` that was not Left by then ends with the connection."""

    __slots__ = (
        "_attachments",
        "_before",
        "_connect_timeout",
        "_connected",
        "_due",
        "_known",
        "_max_size",
        "_next_id",
        "_over",
        "_packet",
        "_pending",
        "_plain",
    )

    def __init__(
        self, known: Collection[str], max_size: int, now: float, connect_timeout: float = CONNECT_TIMEOUT, before: bytes = b""
    ) -> None:
        """`known` namespaces can be entered; `max_size` bounds all attachments of a packet together, in bytes.

        `before` is what the layer below writes before a text.
        """
        self._known = known
        self._max_size = max_size
        self._connect_timeout = connect_timeout
        self._connected: dict[str, bool] = {}  # False: asked, not answered yet
        self._before = before
        self._plain: tuple[bytes, str] | None = None  # what plain events begin with in the namespace entered last, and it
        self._due: float | None = now + connect_timeout
        self._packet: Packet | None = None  # waits for its attachments
        self._attachments: list[bytes] = []
        self._pending: dict[int, str] = {}
        self._next_id = 0
        self._over = False

    @property
    def next_due(self) -> float | None:
        """When `tick` wants to be called."""
        return self._due

    @property
    def namespaces(self) -> list[str]:
        """In which it is."""
        return [namespace for namespace, connected in self._connected.items() if connected]

    def tick(self, now: float) -> list[News]:
        if self._due is None or now < self._due:
            return []
        return self._hang_up("in no namespace")

    def receive_plain(self, text: bytes) -> EventCame | None:
        """What nearly every text message is: a plain event in the namespace entered last; as it came, with `before`.

        None, and nothing has happened, if it is anything else or nothing sound: `receive_text` will see.
        """
        if self._plain is None or self._packet is not None or not text.startswith(self._plain[0]):
            return None
        begin, namespace = self._plain
        try:
            name, args = event_of(text[len(begin) - 1 :])
        except MalformedPacket:
            return None
        return _new(EventCame, (namespace, name, args, None))

    def receive_text(self, text: bytes, now: float, start: int = 0) -> list[News]:
        """A text message, from `start` on."""
        if self._over:
            return []
        try:
            if self._packet is not None:
                raise MalformedPacket("text where an attachment is due")
            packet = decode(text, start)
            if packet.attachments:
                self._check_state(packet)
                self._packet = packet
                return []
            return self._obey(packet, now)
        except MalformedPacket as error:
            return self._hang_up(str(error))

    def receive_binary(self, data: bytes, now: float) -> list[News]:
        """A binary message."""
        if self._over:
            return []
        try:
            if self._packet is None:
                raise MalformedPacket("an attachment to nothing")
            self._attachments.append(data)
            if sum(map(len, self._attachments)) > self._max_size:
                raise MalformedPacket("attachments too big")
            if len(self._attachments) < self._packet.attachments:
                return []
            packet, attachments = self._packet, self._attachments
            self._packet, self._attachments = None, []
            return self._obey(packet, now, attachments)
        except MalformedPacket as error:
            return self._hang_up(str(error))

    def accept(self, namespace: str, sid: str) -> list[News]:
        """The answer to ConnectAsked; nothing, if the client does not wait for it any more."""
        if self._over or self._connected.get(namespace) is not False:
            return []
        self._connected[namespace] = True
        self._plain = self._before + head(Kind.EVENT, namespace) + b"[", namespace
        self._due = None
        return [Say(encode_connect(sid, namespace))]

    def refuse(self, namespace: str, message: str, now: float, data: Any = None) -> list[News]:
        """The answer to ConnectAsked. The client may try again."""
        if self._over or self._connected.get(namespace) is not False:
            return []
        self._leave(namespace, now)
        return [Say(encode_connect_error(message, namespace, data))]

    def ask(self, namespace: str, name: str, args: list[Any]) -> tuple[int, Message]:
        """An event that wants an acknowledgement: its id and what to send. Raises TooManyAcks."""
        if len(self._pending) >= MAX_PENDING_ACKS:
            raise TooManyAcks
        id = self._next_id
        self._next_id += 1
        self._pending[id] = namespace
        return id, encode_event(name, args, namespace, id)

    def disconnect(self, namespace: str, now: float) -> list[News]:
        """Put the client out of a namespace; the connection stays for others, or to try again."""
        if self._over or namespace not in self._connected:
            return []
        self._leave(namespace, now)
        return [Say(encode_disconnect(namespace))]

    def _obey(self, packet: Packet, now: float, attachments: Sequence[bytes] = ()) -> list[News]:
        self._check_state(packet)
        kind, namespace = packet.kind, packet.namespace
        if kind is Kind.EVENT or kind is Kind.BINARY_EVENT:
            name, args = packet.event(attachments)
            return [EventCame(namespace, name, args, packet.id)]
        if kind is Kind.CONNECT:
            auth = packet.auth()
            if namespace not in self._known:
                return [Say(encode_connect_error("Invalid namespace", namespace))]
            self._connected[namespace] = False
            return [ConnectAsked(namespace, auth)]
        if kind is Kind.DISCONNECT:
            self._leave(namespace, now)
            return [Left(namespace)]
        args = packet.answer(attachments)
        if packet.id is None or self._pending.get(packet.id) != namespace:
            return []  # twice, or never asked for
        del self._pending[packet.id]
        return [AckCame(namespace, packet.id, args)]

    def _check_state(self, packet: Packet) -> None:
        """Out of a namespace only CONNECT is allowed, in it everything else; before the answer, only to leave."""
        connected, kind = self._connected.get(packet.namespace), packet.kind
        if connected:
            allowed = kind not in _FOR_STRANGERS
        elif connected is None:
            allowed = kind is Kind.CONNECT
        else:
            allowed = kind is Kind.DISCONNECT
        if not allowed:
            raise MalformedPacket(f"{kind.name} does not belong here")

    def _leave(self, namespace: str, now: float) -> None:
        del self._connected[namespace]
        if self._plain is not None and self._plain[1] == namespace:
            self._plain = None
        self._pending = {id: of for id, of in self._pending.items() if of != namespace}
        if not self._connected:
            self._due = now + self._connect_timeout

    def _hang_up(self, why: str) -> list[News]:
        self._over = True
        self._due = None
        self._plain = None
        self._packet = None
        self._attachments = []
        return [HangUp(why)]
