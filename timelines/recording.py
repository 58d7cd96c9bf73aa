"""What one voice session leaves behind, as it happens. Pure: whoever calls says what time it is.

Of descriptions and candidates it is kept that they passed, and of which type candidates were; never what stood in them.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, assert_never
from uuid import UUID

from voice.core.words import (
    Command,
    Event,
    Joined,
    LinkState,
    MicChanged,
    Peer,
    PeerJoined,
    PeerLeft,
    PutOut,
    Relay,
    SetMic,
    Signal,
    VoiceChanged,
)
from voice.dialects.description import DESCRIPTIONS, Candidate, Description, meaning_of

MOMENTS: Final = 300
"""That are kept of one session; of what comes later only the number, and how it ended."""
CANDIDATES: Final = 64
"""Between two moments, each way with one peer, whose types are looked at; the rest are counted as `more`."""

_TYPE: Final = re.compile(r" typ (host|srflx|prflx|relay)\b")


class Session(NamedTuple):
    """`started_at` is wall-clock time, in seconds, like all times here."""

    id: UUID
    user_id: int
    server_id: int
    channel_id: int
    dialect: str
    socket_id: str
    started_at: float


class Moment(NamedTuple):
    at: float
    kind: str
    peer: str
    peer_user_id: int | None
    details: Mapping[str, Any]


class Recording:
    """Of one session, from its beginning on."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.omitted = 0
        self.ended: tuple[float, str] | None = None
        """When, and why."""
        self._people: dict[str, int | None] = {}  # by socket
        self._kept = 0
        self._moments: list[Moment] = []
        self._candidates: dict[tuple[str, str], tuple[float, Counter[str]]] = {}  # by kind and peer: since when, how many

    def sent(self, command: Command, at: float) -> None:
        """He did that, and it was taken."""
        if isinstance(command, Relay):
            self._signal("sent", command.to or "", command.kind, command.body, at)
        elif isinstance(command, SetMic):
            self._keep(at, "microphone", details={"on": command.on})
        elif isinstance(command, LinkState) and command.to in self._people:
            self._keep(at, "link-state", command.to, {"state": command.state, "way": command.way})

    def told(self, event: Event, at: float) -> None:
        """That was told to him."""
        if isinstance(event, Signal):
            self._signal("received", event.sender, event.kind, event.body, at)
            return
        match event:
            case Joined(_, you, participants):
                others = [one.peer for one in participants if one.peer.id != you.id]
                for peer in others:
                    self._meet(peer)
                self._keep(at, "joined", details={"people": len(others) + 1})
            case PeerJoined(peer):
                self._meet(peer)
                self._keep(at, "peer-joined", peer.id)
            case PeerLeft(peer):
                self._keep(at, "peer-left", peer.id)
            case MicChanged(peer_id, on):
                self._keep(at, "peer-microphone", peer_id, {"on": on})
            case VoiceChanged(peer, voice):
                whom = "" if peer.id == self.session.socket_id else peer.id
                details = {"muted": voice.muted, "deafened": voice.deafened, "maySpeak": voice.may_speak}
                self._keep(at, "voice-state", whom, details)
            case PutOut():
                pass  # its end says more
            case never:
                assert_never(never)

    def end(self, reason: str, at: float) -> None:
        self._flush_candidates()
        self.ended = at, reason

    def take(self) -> list[Moment]:
        """What came since the last time."""
        self._flush_candidates()
        taken, self._moments = self._moments, []
        return taken

    def give_back(self, moments: list[Moment]) -> None:
        """They could not be written: they are taken again."""
        self._moments = [*moments, *self._moments]

    def _meet(self, peer: Peer) -> None:
        user_id = peer.profile.get("id")
        if len(self._people) < MOMENTS:
            self._people[peer.id] = user_id if isinstance(user_id, int) else None

    def _signal(self, way: str, peer: str, kind: str, body: Mapping[str, Any], at: float) -> None:
        if kind == "candidate":
            _, counted = self._candidates.setdefault((f"candidates-{way}", peer), (at, Counter()))
            counted[_type_of(kind, body) if counted.total() < CANDIDATES else "more"] += 1
        elif kind in DESCRIPTIONS:
            meaning = meaning_of(kind, body)
            types = Counter(_TYPE.findall(meaning.sdp)) if isinstance(meaning, Description) else Counter[str]()
            self._keep(at, f"{kind}-{way}", peer, {"candidates": dict(types)} if types else {})

    def _keep(self, at: float, kind: str, peer: str = "", details: Mapping[str, Any] | None = None) -> None:
        self._flush_candidates()
        self._add(Moment(at, kind, peer, self._people.get(peer), details or {}))

    def _flush_candidates(self) -> None:
        waiting, self._candidates = self._candidates, {}
        for (kind, peer), (at, counted) in waiting.items():
            self._add(Moment(at, kind, peer, self._people.get(peer), dict(counted)))

    def _add(self, moment: Moment) -> None:
        if self._kept < MOMENTS:
            self._kept += 1
            self._moments.append(moment)
        else:
            self.omitted += 1


def _type_of(kind: str, body: Mapping[str, Any]) -> str:
    meaning = meaning_of(kind, body)
    found = _TYPE.search(meaning.text) if isinstance(meaning, Candidate) else None
    return found[1] if found else "end" if isinstance(meaning, Candidate) and not meaning.text else "other"
