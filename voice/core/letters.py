"""How hubs write to each other: lists that JSON can hold, and back.

Hubs of neighbouring releases meet while a fleet is renewed. What tells of a peer, a seat or a roster grows only at its end, by what
the former release can do without: it is passed over there. All else does not grow; what is new has a kind of its own.
"""

from dataclasses import fields
from typing import Any

from voice.core.hub import Absent, Change, Roster, Seated
from voice.core.words import Forward, Outgoing, Peer, PeerJoined, PeerLeft, Relay, Room, Signal, Terms, Voice, new

Letter = list[Any]

SIGNAL, FORWARD, MET, PARTED = OUTGOING = ("signal", "forward", "met", "parted")
LEAST_OF_SEATED = 4  # what is shorter tells of somebody absent
PEER_FIELDS, VOICE_FIELDS = len(fields(Peer)), len(Voice._fields)


def write_outgoing(outgoing: Outgoing) -> Letter:
    """What is settled, or is to be settled, for a peer of another hub. Raises ValueError for what hubs do not tell."""
    to, event = outgoing
    if isinstance(event, Signal):  # nearly every one
        return [SIGNAL, to, *event]
    match event:
        case Forward(room, sender, signal):
            return [FORWARD, to, *room, sender, *signal]
        case PeerJoined(peer):
            return [MET, to, *_write_peer(peer)]
        case PeerLeft(peer):
            return [PARTED, to, *_write_peer(peer)]
    raise ValueError(f"{type(event).__name__} stays within one hub")


def read_outgoing(letter: Letter) -> Outgoing:
    kind, to, *rest = letter
    if kind == SIGNAL:
        return new(Outgoing, (to, new(Signal, rest)))
    if kind == FORWARD:
        name, channel, sender, *signal = rest
        return new(Outgoing, (to, new(Forward, (Room(name, channel), sender, new(Relay, signal)))))
    return Outgoing(to, (PeerJoined if kind == MET else PeerLeft)(_read_peer(*rest)))


def write_change(change: Change) -> Letter:
    room, peer_id, now = change
    return [*room, peer_id, None if now is None else _write_seated(now) if isinstance(now, Seated) else _write_absent(now)]


def read_change(letter: Letter) -> Change:
    name, channel, peer_id, now = letter
    news = None if now is None else _read_absent(now) if len(now) < LEAST_OF_SEATED else _read_seated(now)
    return Change(Room(name, channel), peer_id, news)


def write_roster(roster: Roster) -> Letter:
    return [roster.created_at, [_write_seated(one) for one in roster.seated], [_write_absent(one) for one in roster.absent]]


def read_roster(letter: Letter) -> Roster:
    created_at, seated, absent, *_ = letter
    return Roster(created_at, tuple(map(_read_seated, seated)), tuple(map(_read_absent, absent)))


def _write_peer(peer: Peer) -> Letter:
    return [peer.id, peer.profile, peer.announce_delay, peer.linger, peer.key]


def _read_peer(*letter: Any) -> Peer:
    return Peer(*letter[:PEER_FIELDS])


def _write_seated(seated: Seated) -> Letter:
    peer, terms, since, mic = seated
    return [_write_peer(peer), [terms.user_id, terms.seats_per_user, terms.limit, *terms.voice], since, mic]


def _read_seated(letter: Letter) -> Seated:
    peer, (user_id, seats_per_user, limit, *voice), since, mic, *_ = letter
    return Seated(_read_peer(*peer), Terms(user_id, seats_per_user, limit, Voice(*voice[:VOICE_FIELDS])), since, mic)


def _write_absent(absent: Absent) -> Letter:
    return [_write_peer(absent.peer), absent.seconds]


def _read_absent(letter: Letter) -> Absent:
    peer, seconds, *_ = letter
    return Absent(_read_peer(*peer), seconds)
