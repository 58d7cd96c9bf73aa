"""WebSockets that speak `{type, from, to, room_id, payload}`: seed 001, CONTRACT 5, docs/protocols/hub-signaling.md."""

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from projectvoice.kernel.errors import DomainError, Text
from voice.core.words import (
    Command,
    Event,
    Join,
    Joined,
    Leave,
    MicChanged,
    PeerJoined,
    PeerLeft,
    PutOut,
    Signal,
    VoiceChanged,
)
from voice.dialects.base import Frame, Opening
from voice.dialects.fields import for_envelope, from_envelope
from voice.dialects.rooms import peer_id_of, room_of

NAME = "hub-signaling"
KEPT = 60.0  # seconds for which somebody has a place without a socket: before it opens, and after it died
BAD_TARGET = Text("`to` must be a string", "`to` должно быть строкой")


class HubSignalingDialect:
    """Of one connection. Who comes hears nothing: those who are there offer."""

    def __init__(self, *, room_id: str, client_id: str) -> None:
        """`room_id` as the client writes it: it reads it again in every message."""
        self._room_id, self._client_id = room_id, client_id

    @classmethod
    def open(cls, query: Mapping[str, str], first: Mapping[str, Any] | None) -> Opening:
        """`?room_id=` and `?client_id=`; `?token=` is optional."""
        name, client_id = query.get("room_id", ""), peer_id_of(query.get("client_id"))
        join = Join(room_of(name), name, query.get("token"))
        return Opening(cls(room_id=name, client_id=client_id), join, client_id, linger=KEPT)

    def decode(self, name: Any, args: Sequence[Any]) -> Command:
        said = from_envelope(name, args[0], NAME, BAD_TARGET)
        return Leave(parting=said) if name == "bye" else said

    def encode(self, event: Event) -> Frame | None:
        match event:
            case Signal():
                return self._signal(event)
            case PeerJoined(peer):
                return {"type": "peer-joined", "from": peer.id, "room_id": self._room_id}
            case PeerLeft(peer):
                return {"type": "peer-left", "from": peer.id, "room_id": self._room_id}
            case Joined() | MicChanged() | VoiceChanged() | PutOut():
                return None
        assert_never(event)

    @staticmethod
    def encode_error(error: DomainError, language: str) -> Frame:
        return {"type": "error", "error": error.text.to(language), "code": error.status}

    def _signal(self, signal: Signal) -> Frame | None:
        to = {} if signal.to_all else {"to": self._client_id}
        head = {"type": signal.kind, "from": signal.sender, **to, "room_id": self._room_id}
        body = for_envelope(signal, NAME)
        return None if body is None else {**head, **body}
