"""WebSockets of Zvonim's clients: seed 003, CONTRACT 5, docs/protocols/zvonim.md. The same words in two forms: flat, as the
seed writes them, and in envelopes, as its front ends do.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, assert_never

from projectvoice.kernel.errors import DomainError, Text
from voice.core.errors import MalformedFrame, UnknownPeer
from voice.core.words import (
    Command,
    Event,
    Join,
    Joined,
    MicChanged,
    Nothing,
    Peer,
    PeerJoined,
    PeerLeft,
    PutOut,
    SetName,
    Signal,
    VoiceChanged,
)
from voice.dialects.base import Frame, Opening
from voice.dialects.description import Candidate, Description, meaning_of, relay
from voice.dialects.rooms import name_of, peer_id_of, room_of

Content = Mapping[str, Any]

LINGER = 60.0
NAMING = 0.3  # seconds: who says `join` does so as soon as the socket is open
ALL = "all"
HEAD = frozenset({"type", "from", "to"})
BESIDE = ("sdpMid", "sdpMLineIndex", "usernameFragment")  # what the seed's candidates, being text, do not hold
NO_TYPE = Text("Messages of this type are not known here", "Сообщения этого типа здесь неизвестны")
NO_TARGET = Text('`to` is the id of a user, or "all"', '`to`: идентификатор пользователя или "all"')


class ZvonimDialect:
    """Flat: `{type, from, to, sdp}`. Of one connection."""

    name: ClassVar = "zvonim"
    candidate: ClassVar = "ice-candidate"
    user_joined: ClassVar = "user-joined"
    user_left: ClassVar = "user-left"

    def __init__(self, user_id: str) -> None:
        self._user_id = user_id
        self._kinds = {"offer": "offer", "answer": "answer", self.candidate: "candidate"}
        self._types = {kind: name for name, kind in self._kinds.items()}

    @classmethod
    def open(cls, query: Mapping[str, str], first: Content | None) -> Opening:
        """`room_id`, `user_id` and, for voice channels, `token`."""
        room_id, user_id = query.get("room_id", ""), peer_id_of(query.get("user_id"))
        join = Join(room_of(room_id), room_id, query.get("token"))
        return Opening(cls(user_id), join, user_id, LINGER, NAMING)

    def decode(self, name: Any, args: Sequence[Any]) -> Command:
        message: Content = args[0]
        if name == "join":
            return _join(message)
        kind = self._kinds.get(name) if isinstance(name, str) else None
        if kind is None:
            raise MalformedFrame(NO_TYPE)
        to = message.get("to")
        if not isinstance(to, str | None):
            raise MalformedFrame(NO_TARGET)
        return relay(None if to in {None, "", ALL} else to, kind, self._body(message), self.name)

    def encode(self, event: Event) -> Frame | None:
        match event:
            case Signal():
                return self._signal(event)
            case PeerJoined(peer):
                return self._presence(self.user_joined, {"user_id": peer.id, "user_name": peer.profile["username"]})
            case PeerLeft(peer):
                return self._presence(self.user_left, {"user_id": peer.id})
            case Joined(_, you, _):
                return self._welcome(you)
            case MicChanged() | VoiceChanged() | PutOut():
                return None
        assert_never(event)

    @classmethod
    def encode_error(cls, error: DomainError, language: str) -> Frame | None:
        if isinstance(error, UnknownPeer):  # he has just left: his candidates were on their way
            return None
        return {"type": "error", **cls._wrapped({"message": error.text.to(language)})}

    def _signal(self, signal: Signal) -> Frame | None:
        body = signal.body if signal.dialect == self.name else self._translated(meaning_of(signal.kind, signal.body))
        if body is None:
            return None
        head = {"type": self._types[signal.kind], "from": signal.sender, "to": ALL if signal.to_all else self._user_id}
        return {**head, **body}

    def _translated(self, meaning: Description | Candidate | None) -> Content | None:
        match meaning:
            case Description(_, sdp):
                return self._wrapped({"sdp": sdp})
            case Candidate():
                return self._wrapped(self._candidate(meaning))
        return None

    def _presence(self, name: str, content: Content) -> Frame:
        return {"type": name, **self._wrapped(content)}

    def _welcome(self, you: Peer) -> Frame | None:
        return None

    @staticmethod
    def _body(message: Content) -> Content:
        return {name: value for name, value in message.items() if name not in HEAD}

    @staticmethod
    def _wrapped(content: Content) -> Content:
        return content

    @staticmethod
    def _candidate(candidate: Candidate) -> Content:
        init = candidate.init
        return {"candidate": candidate.text, **{name: init[name] for name in BESIDE if init.get(name) is not None}}


class ZvonimEnvelopeDialect(ZvonimDialect):
    """In envelopes: `{type, data, from, to}`; the newcomer hears of himself, too."""

    name = "zvonim-envelope"
    candidate = "ice_candidate"
    user_joined = "user_joined"
    user_left = "user_left"

    def _presence(self, name: str, content: Content) -> Frame:
        return {**super()._presence(name, content), "from": content["user_id"]}

    def _welcome(self, you: Peer) -> Frame | None:
        return self.encode(PeerJoined(you))

    @staticmethod
    def _body(message: Content) -> Content:
        return {"data": message["data"]} if "data" in message else {}

    @staticmethod
    def _wrapped(content: Content) -> Content:
        return {"data": content}

    @staticmethod
    def _candidate(candidate: Candidate) -> Content:
        return {"candidate": candidate.init}


def _join(message: Content) -> Command:
    data = message.get("data")
    name = name_of((data if isinstance(data, dict) else message).get("user_name"))
    return SetName(name) if name else Nothing()
