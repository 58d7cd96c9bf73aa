"""The Socket.IO words of ProjectVoice's own clients: seed 002, CONTRACT 3, docs/protocols/projectvoice.md."""

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from projectvoice.kernel.errors import DomainError, Text
from voice.core.errors import MalformedFrame, UnknownPeer
from voice.core.words import (
    FREE,
    Command,
    Event,
    Join,
    Joined,
    Leave,
    LinkState,
    MicChanged,
    Participant,
    Peer,
    PeerJoined,
    PeerLeft,
    PutOut,
    Relay,
    SetMic,
    Signal,
    Voice,
    VoiceChanged,
    new,
)
from voice.dialects.base import Frame
from voice.dialects.description import DESCRIPTIONS, Candidate, meaning_of, relay, ufrag_of_candidate
from voice.dialects.fields import KIND_LENGTH, token_of
from voice.dialects.rooms import room_of

NO_TARGET = Text("signal needs `to` and `type` as strings", "signal: нужны строки `to` и `type`")
NAME = "projectvoice"
STATES = frozenset({"new", "connecting", "connected", "disconnected", "failed", "closed"})
WAYS = ("host", "srflx", "prflx", "relay")


class ProjectVoiceDialect:
    def decode(self, name: Any, args: Sequence[Any]) -> Command:
        if name == "signal":  # nearly every one
            return _signal(args[0] if args else None)
        match name, args:
            case "join-room", (room, *rest):
                return _join(room, rest[0] if rest else None)
            case "join-room", _:
                return _join(None, None)
            case "leave-room", () | (None, *_):
                return Leave()
            case "leave-room", (room, *_):
                return Leave(room_of(room))
            case "toggle-mic", (bool(on), *_):
                return SetMic(on)
            case "toggle-mic", ({"micToggle": bool(on)}, *_):
                return SetMic(on)
            case "toggle-mic", _:
                return SetMic()
            case "link-state", ({"to": str(to), "state": str(state), **more}, *_) if state in STATES:
                return LinkState(to, state, next((way for way in WAYS if way == more.get("way")), None))
        raise MalformedFrame

    def encode(self, event: Event) -> Frame | None:
        if isinstance(event, Signal):
            sender, kind, body, dialect, _ = event
            said = body if dialect == NAME else _translated(kind, body)
            # `to` repeats the sender: client 0.4.0 reads it there.
            return None if said is None else ("signal", {**said, "from": sender, "to": sender, "type": kind})
        match event:
            case Joined(shown_as, _, participants):
                return "created", {"roomId": shown_as, "participants": [_participant(p) for p in participants]}
            case PeerJoined(peer):
                return "user-connected", {"socketId": peer.id, "userData": peer.profile}
            case PeerLeft(peer):
                return "user-disconnected", peer.id
            case MicChanged(peer_id, on):
                return "user-mic-toggle", {"socketId": peer_id, "micToggle": on}
            case VoiceChanged(peer, voice):
                return "voice-state", _voice_state(peer, voice)
            case PutOut(peer_id):
                return "user-disconnected", peer_id
        assert_never(event)

    def encode_error(self, error: DomainError, language: str) -> Frame | None:
        if isinstance(error, UnknownPeer):  # the contract wants silence
            return None
        return "error", {"message": error.text.to(language)}


def _join(room: Any, token: Any) -> Join:
    token = token_of(token)
    return Join(room_of(room), room, token)


def _signal(message: Any) -> Relay:
    """The message was read from JSON for us alone: what is left of it goes on as the body."""
    if not isinstance(message, dict):
        raise MalformedFrame(NO_TARGET)
    to, kind = message.pop("to", None), message.pop("type", None)
    message.pop("from", None)
    if not isinstance(to, str) or not isinstance(kind, str) or not 0 < len(kind) <= KIND_LENGTH:
        raise MalformedFrame(NO_TARGET)
    if kind == "candidate":  # most are
        return new(Relay, (to, kind, message, ufrag_of_candidate(message.get("candidate")), False, NAME))
    return relay(to, kind, message, NAME) if kind in DESCRIPTIONS else Relay(to, kind, message, dialect=NAME)


def _translated(kind: str, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    meaning = meaning_of(kind, body)
    return None if meaning is None else {"candidate" if isinstance(meaning, Candidate) else "sdp": meaning.init}


def _participant(participant: Participant) -> dict[str, Any]:
    peer, voice = participant.peer, participant.voice
    seat = {"micToggle": participant.mic, "socketId": peer.id, "userData": peer.profile}
    return seat if voice == FREE else seat | {"voiceState": _voice_state(peer, voice)}


def _voice_state(peer: Peer, voice: Voice) -> dict[str, Any]:
    return {
        "socketId": peer.id,
        "userId": peer.profile.get("id"),
        "isMuted": voice.muted,
        "isDeafened": voice.deafened,
        "canSpeak": voice.may_speak and not voice.muted,
    }
