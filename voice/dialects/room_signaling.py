"""Socket.IO rooms that anybody may enter by a name: seed 000, CONTRACT 5, docs/protocols/room-signaling.md."""

from collections.abc import Sequence
from typing import Any, assert_never

from projectvoice.kernel.errors import DomainError, Text
from voice.core.errors import MalformedFrame, UnknownPeer
from voice.core.words import (
    Command,
    Event,
    Join,
    Joined,
    Leave,
    MicChanged,
    Peer,
    PeerJoined,
    PeerLeft,
    PutOut,
    Relay,
    Signal,
    VoiceChanged,
)
from voice.dialects.base import Frame
from voice.dialects.description import meaning_of, relay
from voice.dialects.fields import token_of
from voice.dialects.rooms import NO_ROOM, name_of, room_of

NAME = "room-signaling"
CONTENT = {"offer": "sdp", "answer": "sdp", "candidate": "candidate"}  # where a signal has it
RECEIVED = {"offer": "getOffer", "answer": "getAnswer", "candidate": "getCandidate"}
NO_TARGET = Text("A signal needs `target` and its `sdp` or `candidate`", "Сигналу нужны `target` и `sdp` или `candidate`")


class RoomSignalingDialect:
    def decode(self, name: Any, args: Sequence[Any]) -> Command:
        match name, args:
            case "offer" | "answer" | "candidate", (dict(message), *_):
                return _signal(name, message)
            case "offer" | "answer" | "candidate", _:
                raise MalformedFrame(NO_TARGET)
            case "join", (dict(message), *_):
                return _join(message)
            case "join", _:
                raise MalformedFrame(NO_ROOM)
            case "leave", () | (None, *_):
                return Leave()
            case "leave", (dict(message), *_):
                room = message.get("room")
                return Leave() if room is None else Leave(room_of(room))
        raise MalformedFrame

    def encode(self, event: Event) -> Frame | None:
        match event:
            case Signal():
                return _received(event)
            case Joined(_, you, participants):
                return "room_users", {"users": [_user(one.peer) for one in participants if one.peer.id != you.id]}
            case PeerJoined(peer):
                return "user_joined", {"user": _user(peer)}
            case PeerLeft(peer):
                return "user_left", {"user": _user(peer)}
            case MicChanged() | VoiceChanged() | PutOut():
                return None
        assert_never(event)

    def encode_error(self, error: DomainError, language: str) -> Frame | None:
        if isinstance(error, UnknownPeer):  # whoever it was has just left: `user_left` says so
            return None
        text = error.text
        return "error", {"message": text.en if text is NO_ROOM else text.to(language)}  # the seed's words are English


def _join(message: dict[str, Any]) -> Join:
    token, name = token_of(message.get("token")), message.get("room")
    return Join(room_of(name), name, token, name_of(message.get("name")))  # type: ignore[arg-type]  # room_of has checked it


def _signal(kind: str, message: dict[str, Any]) -> Relay:
    target, content = message.get("target"), CONTENT[kind]
    if not isinstance(target, str) or content not in message:
        raise MalformedFrame(NO_TARGET)
    return relay(target, kind, {content: message[content]}, NAME)


def _received(signal: Signal) -> Frame | None:
    if signal.dialect == NAME:
        return RECEIVED[signal.kind], {**signal.body, "sender": signal.sender}
    meaning = meaning_of(signal.kind, signal.body)
    return meaning and (RECEIVED[signal.kind], {CONTENT[signal.kind]: meaning.init, "sender": signal.sender})


def _user(peer: Peer) -> dict[str, Any]:
    return {"id": peer.id, "name": peer.profile["username"]}
