"""The vocabulary of the calls: commands that come in, events that go out. Every dialect translates to and from these."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from projectvoice.kernel.errors import DomainError

new: Final = tuple.__new__
"""Makes a NamedTuple of its fields, in half the time that its own constructor takes: for what is made for each signal."""


class Room(NamedTuple):
    """A voice channel, or an open room that has no more than a name. The two never meet: `channel` keeps them apart."""

    name: str
    channel: bool = False

    @property
    def is_lobby(self) -> bool:
        """Where those are who asked for no room: they reach each other by id, and nobody is told who comes and goes."""
        return not self.name

    @property
    def is_listed(self) -> bool:
        """Whether anybody may know who is there."""
        return not self.channel and not self.is_lobby


LOBBY = Room("")


@dataclass(frozen=True, slots=True)
class Peer:
    """One connection in a room. `profile` is what others may see of the user or guest: `username` at least.

    `id` is what the others call it, and one of a kind within a room; `key` is one of a kind wherever hubs work together.
    Where a dialect lets clients choose their ids, the two differ.
    """

    id: str
    profile: Mapping[str, Any]
    announce_delay: float = 0.0
    linger: float = 0.0  # seconds for which it is remembered as absent once its connection has died
    key: str = ""

    def __post_init__(self) -> None:
        if not self.key:
            object.__setattr__(self, "key", self.id)


class Voice(NamedTuple):
    """What moderators and roles allow somebody in a call. Clients obey; the audio does not pass through us."""

    muted: bool = False
    deafened: bool = False
    may_speak: bool = True


FREE = Voice()


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms somebody takes a seat."""

    user_id: int | None = None  # None: a guest
    seats_per_user: int = 0  # of one user in this room; an older one makes way. 0: any number
    limit: int = 0  # who finds as many seats taken is refused. 0: no limit
    voice: Voice = FREE


# Commands


@dataclass(frozen=True, slots=True)
class Join:
    """`shown_as` is the room's name as the client wrote it, to be answered back; `token` wins over the handshake's.

    `name` is how a guest wants to be called.
    """

    room: Room
    shown_as: str | int
    token: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Without a room: whatever room the peer is in. `parting` is said to the others before."""

    room: Room | None = None
    parting: "Relay | None" = None


class Relay(NamedTuple):  # like Signal, one for every signal: much faster to make than a frozen dataclass
    """A signal for one peer of the same room, or for all others. The body travels unopened.

    What the dialect has read out of it, for the arbiter: the ICE username fragment (RFC 8839) that a description or
    candidate carries, and whether the description holds its candidates already. `dialect` is whose words the body is in.
    """

    to: str | None
    kind: str
    body: Mapping[str, Any]
    ufrag: str | None = None
    complete: bool = False
    dialect: str = ""


@dataclass(frozen=True, slots=True)
class SetMic:
    """None toggles."""

    on: bool | None = None


@dataclass(frozen=True, slots=True)
class SetName:
    """How a guest wants to be called, while its announcement waits for that; later it changes nothing."""

    name: str


@dataclass(frozen=True, slots=True)
class LinkState:
    """How a client's own connection to a peer is doing, for whoever keeps that: `state` is an RTCPeerConnectionState, `way` the
    RTCIceCandidateType of its own end, once there is one.
    """

    to: str
    state: str
    way: str | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """A frame that is understood and asks for nothing."""


Deed = Leave | Relay | SetMic | SetName | LinkState | Nothing
Command = Join | Deed

# Events


@dataclass(frozen=True, slots=True)
class Participant:
    peer: Peer
    mic: bool
    voice: Voice = FREE


@dataclass(frozen=True, slots=True)
class Joined:
    """To the joiner; the participants include him, and stand in the order of their coming."""

    shown_as: str | int
    you: Peer
    participants: tuple[Participant, ...]


@dataclass(frozen=True, slots=True)
class PeerJoined:
    peer: Peer


@dataclass(frozen=True, slots=True)
class PeerLeft:
    peer: Peer


class Signal(NamedTuple):
    """`to_all`: it was meant for everybody in the room."""

    sender: str
    kind: str
    body: Mapping[str, Any]
    dialect: str = ""
    to_all: bool = False


@dataclass(frozen=True, slots=True)
class MicChanged:
    peer_id: str
    on: bool


@dataclass(frozen=True, slots=True)
class VoiceChanged:
    """To everybody in the room, himself included."""

    peer: Peer
    voice: Voice


@dataclass(frozen=True, slots=True)
class PutOut:
    """He sits no more in the room he sat in."""

    peer_id: str
    reason: DomainError


Event = Joined | PeerJoined | PeerLeft | Signal | MicChanged | VoiceChanged | PutOut


class Forward(NamedTuple):
    """Between hubs: a signal for the hub that settles what passes between the two."""

    room: Room
    sender: str
    signal: Relay


class Outgoing(NamedTuple):
    """An event and the key of the peer it is for; between hubs, also a signal on its way to one's hub."""

    to: str
    event: Event | Forward
