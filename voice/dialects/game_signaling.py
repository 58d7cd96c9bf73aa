"""Bare WebSockets that speak `{type, from, to, payload}`: seed 004, CONTRACT 5, docs/protocols/game-signaling.md."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, assert_never

from projectvoice.kernel.errors import DomainError, Text
from voice.core.errors import MalformedFrame
from voice.core.words import (
    LOBBY,
    Command,
    Event,
    Join,
    Joined,
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

NAME = "game-signaling"
NO_TARGET = Text("Outside a room a message needs `to`", "Вне комнаты сообщению нужен `to`")


class GameSignalingDialect:
    """Of one connection. In the lobby, where it is without a room, it hears no more than what is said to it."""

    def __init__(self, *, in_room: bool, named: bool) -> None:
        """`named`: it knows its id."""
        self._in_room, self._named = in_room, named
        self._id = ""

    @classmethod
    def open(cls, query: Mapping[str, str], first: Mapping[str, Any] | None) -> Opening | None:
        """`?id=`, `?room=` and `?token=` are all optional: without an id, the first frame's `from` is it."""
        peer_id = peer_id_of(query["id"]) if query.get("id") else ""
        if not peer_id:
            if first is None:
                return None
            with suppress(MalformedFrame):  # what cannot be an id is none
                peer_id = peer_id_of(first.get("from"))
        code = query.get("room", "")
        join = Join(room_of(code) if code else LOBBY, code, query.get("token"))
        return Opening(cls(in_room=bool(code), named=bool(peer_id)), join, peer_id)

    def decode(self, name: Any, args: Sequence[Any]) -> Command:
        said = from_envelope(name, args[0], NAME, NO_TARGET)
        if said.to is None and not self._in_room:
            raise MalformedFrame(NO_TARGET)
        return said

    def encode(self, event: Event) -> Frame | None:
        if isinstance(event, Signal):
            return self._signal(event)
        match event:
            case PeerJoined(peer):
                return {"type": "peer-joined", "from": peer.id, "payload": {"name": peer.profile["username"]}}
            case PeerLeft(peer):
                return {"type": "peer-left", "from": peer.id}
            case Joined(_, you, _):
                self._id = you.id
                return None if self._named else {"type": "welcome", "to": you.id}
            case MicChanged() | VoiceChanged() | PutOut():
                return None
        assert_never(event)

    @staticmethod
    def encode_error(error: DomainError, language: str) -> Frame:
        return {"type": "error", "payload": {"message": error.text.to(language)}}

    def _signal(self, signal: Signal) -> Frame | None:
        body = for_envelope(signal, NAME)
        if body is None:
            return None
        if signal.to_all:
            return {"type": signal.kind, "from": signal.sender, **body}
        return {"type": signal.kind, "from": signal.sender, "to": self._id, **body}
