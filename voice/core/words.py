"""The vocabulary of the calls: commands that come in, events that go out. Every dialect translates to and from these."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class Room(NamedTuple):
    """A voice channel, or an open room that has no more than a name. The two never meet: `channel` keeps them apart."""

    name: str
    channel: bool = False


@dataclass(frozen=True, slots=True)
class Peer:
    """One connection in a room. `profile` is what others may see of the user."""

    id: str
    profile: Mapping[str, Any]
    announce_delay: float = 0.0


# Commands


@dataclass(frozen=True, slots=True)
class Join:
    """`shown_as` is the room's name as the client wrote it, to be answered back; `token` wins over the handshake's."""

    room: Room
    shown_as: str | int
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Without a room: whatever room the peer is in."""

    room: Room | None = None


class Relay(NamedTuple):  # like Signal, one for every signal: much faster to make than a frozen dataclass
    """A signal for one peer of the same room. The body travels unopened.

    What the dialect has read out of it, for the arbiter: the ICE username fragment (RFC 8839) that a description or
    candidate carries, and whether the description holds its candidates already.
    """

    to: str
    kind: str
    body: Mapping[str, Any]
    ufrag: str | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True)
class SetMic:
    """None toggles."""

    on: bool | None = None


Command = Join | Leave | Relay | SetMic

# Events


@dataclass(frozen=True, slots=True)
class Participant:
    peer: Peer
    mic: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """To the joiner; the participants include him."""

    shown_as: str | int
    participants: tuple[Participant, ...]


@dataclass(frozen=True, slots=True)
class PeerJoined:
    peer: Peer


@dataclass(frozen=True, slots=True)
class PeerLeft:
    peer_id: str


class Signal(NamedTuple):
    sender: str
    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MicChanged:
    peer_id: str
    on: bool


Event = Joined | PeerJoined | PeerLeft | Signal | MicChanged


class Outgoing(NamedTuple):
    """An event and the peer it is for."""

    to: str
    event: Event
