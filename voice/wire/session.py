"""An Engine.IO session: polling, WebSocket, the upgrade between them, heartbeats, the outbox, the end.

What happens is told by a method call; the answer is a list of effects, to be carried out in order. `Carrier` is whatever
the shell calls a request or a WebSocket: it is kept, compared and handed back, nothing else.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from voice.wire.engineio import (
    OK,
    TOO_LARGE,
    Kind,
    Packet,
    Refusal,
    Response,
    Settings,
    Transport,
    decode,
    decode_payload,
    encode,
    encode_payload,
    open_packet,
)
from voice.wire.errors import MalformedPacket

Carrier = Any
POLL_PACKETS: Final = 16  # python-engineio's client gives up on a poll with more
PROBE: Final = b"probe"
_CLOSE, _NOOP, _PING = Packet(Kind.CLOSE), Packet(Kind.NOOP), Packet(Kind.PING)


class Reason(StrEnum):
    """Why a session ended, in the words of Node's engine.io where it has them."""

    PING_TIMEOUT = "ping timeout"
    PARSE_ERROR = "parse error"
    TRANSPORT_ERROR = "transport error"
    TRANSPORT_CLOSE = "transport close"
    FORCED_CLOSE = "forced close"
    OUTBOX_FULL = "outbox full"


@dataclass(frozen=True, slots=True)
class Respond:
    """Answer an HTTP request."""

    request: Carrier
    response: Response


@dataclass(frozen=True, slots=True)
class Write:
    """Send one WebSocket message."""

    socket: Carrier
    data: bytes
    binary: bool


@dataclass(frozen=True, slots=True)
class Hang:
    """Close a WebSocket."""

    socket: Carrier


@dataclass(frozen=True, slots=True)
class Receive:
    """A message for whoever stands above."""

    data: bytes
    binary: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """The session is no more: its sid is unknown from now on. Comes once, and last of what is told above."""

    reason: Reason


Effect = Respond | Write | Hang | Receive | Closed


class _State(StrEnum):
    OPEN = "open"
    CLOSING = "closing"  # closed by us; the last words wait for a poll
    CLOSED = "closed"


class Session:
    """Begins with an OPEN packet in its outbox: let the handshake's request follow, as `poll` or as `attach`.

    `live` is the WebSocket while messages may pass between it and the layer above without asking the session:
    a MESSAGE in or out changes nothing here. It is None while polling, upgrading or closed.
    """

    __slots__ = (
        "_close_due",
        "_outbox",
        "_outbox_bytes",
        "_ping_due",
        "_poll",
        "_pong_due",
        "_probe",
        "_probed",
        "_settings",
        "_state",
        "_upgrade_due",
        "live",
        "sid",
        "transport",
    )

    def __init__(self, sid: str, transport: Transport, settings: Settings, now: float) -> None:
        self.sid = sid
        self.transport = transport
        self.live: Carrier | None = None
        self._settings = settings
        self._state = _State.OPEN
        self._outbox = [open_packet(sid, transport, settings)]
        self._outbox_bytes = 0  # of messages; what the session says itself is small
        self._poll: Carrier | None = None  # the GET that waits
        self._probe: Carrier | None = None  # the WebSocket that may take over
        self._probed = False  # it may at any moment: polls must not linger
        self._ping_due: float | None = now + settings.ping_interval
        self._pong_due: float | None = None
        self._upgrade_due: float | None = None
        self._close_due: float | None = None

    @property
    def closed(self) -> bool:
        return self._state is _State.CLOSED

    @property
    def backlog(self) -> int:
        """Bytes of messages that wait for a way out; many small ones count as what they are part of the limit."""
        settings = self._settings
        return max(self._outbox_bytes, len(self._outbox) * settings.max_outbox_bytes // settings.max_outbox_packets)

    @property
    def next_due(self) -> float | None:
        """When `tick` wants to be called; None once closed."""
        dues = (self._ping_due, self._pong_due, self._upgrade_due, self._close_due)
        return min((due for due in dues if due is not None), default=None)

    def tick(self, now: float) -> list[Effect]:
        """What is due by now. Calling it early, late or twice does no harm."""
        if self._is_due(self._close_due, now):
            return self._close(Reason.FORCED_CLOSE)
        if self._is_due(self._pong_due, now):
            return self._close(Reason.PING_TIMEOUT)
        effects: list[Effect] = []
        if self._is_due(self._upgrade_due, now):
            effects += self._drop_probe()
        if self._ping_due is not None and now >= self._ping_due:
            # Counted from when it was due: a lazy timer gives no reprieve. But a process that slept gives a new chance.
            late = now - self._ping_due >= self._settings.ping_timeout / 2
            self._pong_due = (now if late else self._ping_due) + self._settings.ping_timeout
            self._ping_due = None
            effects += self._push(_PING)
        return effects

    @staticmethod
    def _is_due(due: float | None, now: float) -> bool:
        return due is not None and now >= due

    # What a client does over HTTP

    def poll(self, request: Carrier, now: float) -> list[Effect]:
        """A GET. It waits if there is nothing to say."""
        effects = self.tick(now)
        if self.closed or self.transport is not Transport.POLLING:
            return [*effects, Respond(request, Refusal.BAD_REQUEST.response)]
        if self._poll is not None:  # the protocol ends a session that polls twice at once
            return [*effects, *self._close(Reason.TRANSPORT_ERROR), Respond(request, Refusal.BAD_REQUEST.response)]
        self._poll = request
        if self._state is _State.CLOSING and len(self._outbox) < POLL_PACKETS:
            return [*effects, *self._close(Reason.FORCED_CLOSE)]
        effects += self._flush()
        if self._probed and self._poll is not None:
            effects.append(self._answer_poll([_NOOP]))
        return effects

    def post(self, request: Carrier, body: bytes, now: float) -> list[Effect]:
        """A POST, with its whole body."""
        effects = self.tick(now)
        if self.closed or self.transport is not Transport.POLLING:
            return [*effects, Respond(request, Refusal.BAD_REQUEST.response)]
        if len(body) > self._settings.max_payload:
            return [*effects, Respond(request, TOO_LARGE)]
        try:
            packets = decode_payload(body)
        except MalformedPacket:
            return [*effects, *self._close(Reason.PARSE_ERROR), Respond(request, Refusal.BAD_REQUEST.response)]
        for packet in packets:
            effects += self._obey(packet, now)
            if self.closed:
                fair = packet.kind is Kind.CLOSE
                return [*effects, Respond(request, OK if fair else Refusal.BAD_REQUEST.response)]
        return [*effects, Respond(request, OK)]

    def poll_lost(self, request: Carrier) -> list[Effect]:
        """The connection of a GET went away before it was answered: whatever it took with it, it cannot be trusted."""
        if request is None or request is not self._poll:
            return []
        self._poll = None
        return self._close(Reason.TRANSPORT_ERROR)

    # What a client does over WebSocket

    def attach(self, socket: Carrier) -> list[Effect]:
        """The handshake came by WebSocket."""
        self.live = socket
        return self._flush()

    def upgrade(self, socket: Carrier, now: float) -> list[Effect]:
        """A WebSocket was opened for this session; one at a time may try, and one may succeed."""
        if self._state is not _State.OPEN or self.transport is not Transport.POLLING or self._probe is not None:
            return [Hang(socket)]
        self._probe = socket
        self._upgrade_due = now + self._settings.upgrade_timeout
        return []

    def receive(self, socket: Carrier, data: bytes, binary: bool, now: float) -> list[Effect]:
        """A whole WebSocket message."""
        try:
            packet = Packet(Kind.MESSAGE, data, binary=True) if binary else decode(data)
        except MalformedPacket:
            if self._is_probe(socket):
                return self._drop_probe()
            return self._close(Reason.PARSE_ERROR) if self._is_live(socket) else []
        if self._is_probe(socket):
            return self._obey_probe(packet)
        return self._obey(packet, now) if self._is_live(socket) else []

    def lost(self, socket: Carrier) -> list[Effect]:
        """A WebSocket is gone. Without its probe the session goes on polling."""
        if self._is_probe(socket):
            self._forget_probe()
            return []
        if not self._is_live(socket):
            return []
        self.live = None  # nothing can be written to it, not even the end
        return self._close(Reason.TRANSPORT_CLOSE)

    # What the layer above does

    def send(self, data: bytes, *, binary: bool = False) -> list[Effect]:
        """A message. Who lets too many lie unread is closed; nobody else notices."""
        return self._push(Packet(Kind.MESSAGE, data, binary)) if self._state is _State.OPEN else []

    def close(self, now: float) -> list[Effect]:
        """What was sent before still goes out, as long as there is a way or, polling, as soon as there is one."""
        if self._state is not _State.OPEN:
            return []
        if self.live is not None or self._poll is not None:
            return self._close(Reason.FORCED_CLOSE)
        self._state = _State.CLOSING
        self._ping_due = self._pong_due = None
        self._close_due = now + self._settings.close_timeout
        return self._drop_probe()

    # Within

    def _obey(self, packet: Packet, now: float) -> list[Effect]:
        """A packet from the transport that is in force."""
        if packet.kind is Kind.CLOSE:
            return self._close_on_request()
        if self._state is _State.CLOSING:
            return []
        if packet.kind is Kind.MESSAGE:
            return [Receive(packet.data, packet.binary)]
        if packet.kind is Kind.PING:  # in this protocol the server pings
            return self._close(Reason.TRANSPORT_ERROR)
        if packet.kind is Kind.PONG and self._pong_due is not None:
            self._pong_due = None
            self._ping_due = now + self._settings.ping_interval
        return []  # OPEN, UPGRADE and NOOP mean nothing here

    def _obey_probe(self, packet: Packet) -> list[Effect]:
        """The upgrade, step by step: 2probe, 3probe, a poll let go, 5."""
        socket = self._probe
        if packet == (Kind.PING, PROBE, False):
            self._probed = True
            effects: list[Effect] = [Write(socket, encode(Packet(Kind.PONG, PROBE)), False)]
            return [*effects, *self._release_poll()]
        if packet.kind is not Kind.UPGRADE:
            return self._drop_probe()
        effects = self._release_poll()
        self._forget_probe()
        self.transport = Transport.WEBSOCKET
        self.live = socket
        return [*effects, *self._flush()]

    def _release_poll(self) -> list[Effect]:
        return [self._answer_poll([_NOOP])] if self._poll is not None else []

    def _is_probe(self, socket: Carrier) -> bool:
        return socket is not None and socket is self._probe

    def _is_live(self, socket: Carrier) -> bool:
        return socket is not None and socket is self.live

    def _drop_probe(self) -> list[Effect]:
        socket = self._probe
        self._forget_probe()
        return [] if socket is None else [Hang(socket)]

    def _forget_probe(self) -> None:
        self._probe = None
        self._probed = False
        self._upgrade_due = None

    def _push(self, packet: Packet) -> list[Effect]:
        if self.live is not None:
            return [Write(self.live, encode(packet), packet.binary)]
        self._outbox.append(packet)
        if packet.kind is Kind.MESSAGE:
            self._outbox_bytes += len(packet.data)
        effects = self._flush()
        settings = self._settings
        if len(self._outbox) > settings.max_outbox_packets or self._outbox_bytes > settings.max_outbox_bytes:
            return [*effects, *self._close(Reason.OUTBOX_FULL)]
        return effects

    def _flush(self) -> list[Effect]:
        """The outbox, as far as there is a way out."""
        if self.live is not None:
            return [Write(self.live, encode(packet), packet.binary) for packet in self._take(len(self._outbox))]
        if self._poll is not None and self._outbox:
            return [self._answer_poll(self._take(POLL_PACKETS))]
        return []

    def _take(self, count: int) -> list[Packet]:
        packets, self._outbox = self._outbox[:count], self._outbox[count:]
        self._outbox_bytes -= sum(len(packet.data) for packet in packets if packet.kind is Kind.MESSAGE)
        return packets

    def _answer_poll(self, packets: list[Packet]) -> Effect:
        request, self._poll = self._poll, None
        return Respond(request, Response(200, encode_payload(packets)))

    def _close_on_request(self) -> list[Effect]:
        """The client said CLOSE: its poll ends with NOOP."""
        effects = self._release_poll()
        return [*effects, *self._close(Reason.TRANSPORT_CLOSE)]

    def _close(self, reason: Reason) -> list[Effect]:
        """The end. A poll that is open takes with it what is left; a WebSocket has had it."""
        self._state = _State.CLOSED
        self._ping_due = self._pong_due = self._close_due = None
        effects = self._drop_probe()
        if self._poll is not None:
            effects.append(self._answer_poll([*self._take(POLL_PACKETS - 1), _CLOSE]))
        if self.live is not None:
            effects.append(Hang(self.live))
            self.live = None
        self._outbox.clear()
        self._outbox_bytes = 0
        return [*effects, Closed(reason)]
