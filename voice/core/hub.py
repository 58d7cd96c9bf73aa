"""Who is in which room. Commands in, addressed events out; one call is one indivisible step.

Several hubs work together as one: each seats the peers of its own process, and knows the seats of the others in the rooms
where it has peers itself. What it changes it notes in `changes`, for the others to `learn`. What passes between two peers
is settled by one hub alone, that of the peer with the smaller key: the other forwards to it.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple, assert_never

from projectvoice.kernel.errors import DomainError
from voice.core.agenda import Agenda
from voice.core.arbiter import Link
from voice.core.errors import IdTaken, NotInRoom, RoomFull, SatDownElsewhere, UnknownPeer
from voice.core.words import (
    FREE,
    Deed,
    Event,
    Forward,
    Join,
    Joined,
    Leave,
    LinkState,
    MicChanged,
    Nothing,
    Outgoing,
    Participant,
    Peer,
    PeerJoined,
    PeerLeft,
    PutOut,
    Relay,
    Room,
    SetMic,
    SetName,
    Signal,
    Terms,
    Voice,
    VoiceChanged,
    new,
)

ROOM_SIZE = 500
TICK = 1e-6  # seconds: whoever comes where somebody sits is the younger, whatever the clocks of two machines say


class Seated(NamedTuple):
    """A seat as hubs tell each other of it. `since` is wall-clock time, in seconds: it decides between hubs who was first."""

    peer: Peer
    terms: Terms
    since: float
    mic: bool = True


class Absent(NamedTuple):
    """Somebody who has a place in a room without being there: expected, or lost a moment ago. Forgotten after `seconds`."""

    peer: Peer
    seconds: float


class Change(NamedTuple):
    """How it is now with a peer of this hub; None: neither seated nor absent."""

    room: Room
    peer_id: str
    now: Seated | Absent | None


class Roster(NamedTuple):
    created_at: float  # wall-clock time
    seated: tuple[Seated, ...]
    absent: tuple[Absent, ...]

    def joined(self, other: "Roster") -> "Roster":
        """With what another hub has of the same room."""
        seated = sorted((*self.seated, *other.seated), key=lambda one: one.since)
        return Roster(min(self.created_at, other.created_at), tuple(seated), (*self.absent, *other.absent))


@dataclass(slots=True, eq=False)
class _Room:
    room: Room
    created_at: float
    newest: float = 0.0  # since when the last who came has been here
    seats: dict[str, "_Seat"] = field(default_factory=dict)  # by the peer's id
    absent: dict[str, "_Absence"] = field(default_factory=dict)
    rivals: dict[str, "_Rival"] = field(default_factory=dict)  # by the peer's id

    def of(self, node: str | None) -> list[str]:
        """The ids of a hub's peers, seated or absent."""
        seated = [peer_id for peer_id, seat in self.seats.items() if seat.node == node]
        return seated + [peer_id for peer_id, away in self.absent.items() if away.node == node]


@dataclass(slots=True, eq=False)
class _Seat:
    peer: Peer
    home: _Room
    terms: Terms
    since: float
    joined_at: float
    node: str | None = None  # None: of this hub
    mic: bool = True
    hidden_from: set[str] = field(default_factory=set)  # members who were not yet told of this peer
    told_at: dict[str, float] = field(default_factory=dict)  # members who were, and when
    links: dict[str | None, Link] = field(default_factory=dict)  # that are settled here, by the other's id

    @property
    def age(self) -> tuple[float, str]:
        """The lesser came first, whichever hub asks."""
        return self.since, self.peer.key

    @property
    def seated(self) -> Seated:
        return Seated(self.peer, self.terms, self.since, self.mic)


class _Rival(NamedTuple):
    """A seat of another hub under an id that an older seat has, of a third one. If that one turns out to be dead, this one stays."""

    node: str
    news: Seated
    now: float


@dataclass(slots=True, eq=False)
class _Absence:
    peer: Peer
    until: float
    node: str | None = None


class Hub:
    """A peer sits in one room at a time; joining another leaves the first. An empty room is forgotten."""

    def __init__(self, room_size: int = ROOM_SIZE) -> None:
        self.changes: list[Change] = []
        """What other hubs have not been told yet. Whoever tells them, empties it."""
        self._rooms: dict[Room, _Room] = {}
        self._seats: dict[str, _Seat] = {}  # by the peer's key
        self._agenda = Agenda()
        self._room_size = room_size

    # What one may ask

    @property
    def next_due(self) -> float | None:
        """When `tick` has something to do."""
        return self._agenda.next_due

    @property
    def rooms(self) -> Iterable[Room]:
        return self._rooms.keys()

    def room_of(self, key: str) -> Room | None:
        seat = self._seats.get(key)
        return None if seat is None else seat.home.room

    def node_of(self, key: str) -> str | None:
        """Where else a peer is; None if it is here or nowhere."""
        seat = self._seats.get(key)
        return None if seat is None else seat.node

    def roster(self, room: Room, now: float, *, own: bool = False) -> Roster | None:
        """Who is there, the first first. `own`: of this hub's peers only."""
        here = self._rooms.get(room)
        if here is None:
            return None
        seated = sorted((seat for seat in here.seats.values() if not own or seat.node is None), key=lambda seat: seat.age)
        absent = (
            Absent(away.peer, away.until - now)
            for away in here.absent.values()
            if now < away.until and (not own or away.node is None)
        )
        return Roster(here.created_at, tuple(seat.seated for seat in seated), tuple(absent))

    def is_occupied(self, room: Room) -> bool:
        """Whether anybody sits there, of whichever hub."""
        here = self._rooms.get(room)
        return here is not None and bool(here.seats)

    def is_used(self, room: Room) -> bool:
        """Whether this hub has peers of its own there, seated or absent."""
        here = self._rooms.get(room)
        if here is None:
            return False
        return any(seat.node is None for seat in here.seats.values()) or any(one.node is None for one in here.absent.values())

    def census(self) -> tuple[int, int]:
        """How many of this hub's own peers sit in voice channels, and how many in open rooms."""
        here = [seat.home.room.channel for seat in self._seats.values() if seat.node is None]
        channels = sum(here)
        return channels, len(here) - channels

    # What peers do

    def tick(self, now: float) -> list[Outgoing]:
        return self._agenda.run(now)

    def handle(self, peer: Peer, deed: Deed, now: float) -> list[Outgoing]:
        """All but joining."""
        if isinstance(deed, Relay):  # nearly every one
            return self._relay(peer.key, deed, now)
        match deed:
            case Leave(room, parting):
                said: list[Outgoing] = []
                if parting is not None:
                    with suppress(UnknownPeer):  # it leaves all the same
                        said = self._relay(peer.key, parting, now)
                return said + (self.leave(peer.key) if room in {None, self.room_of(peer.key)} else [])
            case SetMic(on):
                return self._set_mic(peer.key, on)
            case SetName(name):
                return self._set_name(peer.key, name, now)
            case LinkState() | Nothing():
                return []
        assert_never(deed)

    def join(self, peer: Peer, join: Join, terms: Terms, now: float, at: float) -> list[Outgoing]:
        """`at` is wall-clock time. Raises RoomFull and IdTaken, and leaves all as it was."""
        here = self._rooms.get(join.room)
        seat = None if here is None else here.seats.get(peer.id)
        before: list[Outgoing] = []
        if seat is None or seat.peer.key != peer.key:
            self._check(here, peer, terms)
            before = self.leave(peer.key)
            here = self._rooms.setdefault(join.room, here or _Room(join.room, at))
            before += self._make_way(here, terms, terms.seats_per_user - 1)
            self._rooms[join.room] = here  # who made way may have been the last
            seat = self._sit_down(here, Seated(peer, terms, max(at, here.newest + TICK)), now)
        present = [seat] if join.room.is_lobby else seat.home.seats.values()
        for other in present:  # who sees the roster has been told
            other.hidden_from.discard(peer.id)
        roster = sorted(present, key=lambda seat: seat.age)
        joined = Joined(join.shown_as, peer, tuple(Participant(one.peer, one.mic, one.terms.voice) for one in roster))
        return [*before, Outgoing(peer.key, joined), *self._announce_in_time(seat, now)]

    def leave(self, key: str, *, now: float | None = None) -> list[Outgoing]:
        """Whatever room the peer is in; nothing if in none. With `now` its connection died: it may be remembered."""
        seat = self._seats.get(key)
        if seat is None:
            return []
        absent = None if now is None or not seat.peer.linger else Absent(seat.peer, seat.peer.linger)
        if absent is not None and now is not None:
            self._remember(seat.home, absent, now)
        self.changes.append(Change(seat.home.room, seat.peer.id, absent))
        return self._stand_up(seat)

    def expect(self, room: Room, absent: Absent, now: float, at: float) -> None:
        """Somebody may join under this id within some seconds, and is mentioned as absent until then."""
        here = self._rooms.setdefault(room, _Room(room, at))
        if absent.peer.id in here.seats:
            raise IdTaken
        if len(here.seats) + len(here.absent) >= self._room_size:
            raise RoomFull
        self._remember(here, absent, now)
        self.changes.append(Change(room, absent.peer.id, absent))

    def expected(self, room: Room, peer_id: str, now: float) -> Peer | None:
        here = self._rooms.get(room)
        away = None if here is None else here.absent.get(peer_id)
        return away.peer if away is not None and now < away.until else None

    def dismiss(self, room: Room, peer_id: str, reason: DomainError) -> list[Outgoing] | None:
        """One of this hub's peers that is remembered without its connection gives up its place. None: it has none here."""
        here = self._rooms.get(room)
        if here is None or peer_id not in here.of(None):
            return None
        if peer_id in here.seats:
            seat = here.seats[peer_id]
            return self._put_out(seat, reason) if seat.peer.linger else None
        del here.absent[peer_id]
        self.changes.append(Change(room, peer_id, None))
        self._forget_if_empty(here)
        return []

    def set_voice(self, key: str, voice: Voice) -> list[Outgoing]:
        """What moderators and roles allow it from now on."""
        seat = self._seats.get(key)
        if seat is None or seat.terms.voice == voice:
            return []
        seat.terms = replace(seat.terms, voice=voice)
        self.changes.append(Change(seat.home.room, seat.peer.id, seat.seated))
        return self._tell_voice(seat)

    def put_out(self, key: str, reason: DomainError) -> list[Outgoing]:
        """Out of the room it is in; the others hear that it left."""
        seat = self._seats.get(key)
        return [] if seat is None else self._put_out(seat, reason)

    # What other hubs tell

    def learn(self, node: str, change: Change, now: float, at: float) -> list[Outgoing]:
        """How it is now with a peer of another hub."""
        room, peer_id, news = change
        here = self._rooms.get(room)
        if here is not None and peer_id in here.rivals and here.rivals[peer_id].node == node:
            del here.rivals[peer_id]
        if news is None or isinstance(news, Absent):
            outgoing = [] if here is None else self._lose(node, here, peer_id)
            if isinstance(news, Absent):
                here = self._rooms.setdefault(room, _Room(room, at))
                self._remember(here, news, now, node)
            return outgoing
        here = self._rooms.setdefault(room, _Room(room, news.since))
        here.created_at = min(here.created_at, news.since)
        seat = here.seats.get(peer_id)
        if seat is not None and seat.peer.key == news.peer.key:
            return self._learn_more(seat, news, now)
        before: list[Outgoing] = []
        if seat is not None:  # two hubs gave one id away; or one of them did it anew, and we have missed the leaving
            if seat.node != node and seat.age < (news.since, news.peer.key):
                here.rivals[peer_id] = _Rival(node, news, now)
                return []
            before = self._put_out(seat, IdTaken()) if seat.node is None else self._stand_up(seat)
            here = self._rooms.setdefault(room, here)
        seat = self._sit_down(here, news, now, node)
        announced = self._announce_in_time(seat, now)
        return [*before, *announced, *self._make_way(here, seat.terms, seat.terms.seats_per_user), *self._give_back(seat)]

    def learn_all(self, node: str, room: Room, roster: Roster, now: float, at: float) -> list[Outgoing]:
        """All of another hub's peers in a room: who is not named is gone."""
        here = self._rooms.setdefault(room, _Room(room, roster.created_at))
        here.created_at = min(here.created_at, roster.created_at)
        here.rivals = {peer_id: rival for peer_id, rival in here.rivals.items() if rival.node != node}
        news: list[Seated | Absent] = [*roster.seated, *roster.absent]
        named = {one.peer.id for one in news}
        outgoing = [told for peer_id in here.of(node) if peer_id not in named for told in self._lose(node, here, peer_id)]
        self._rooms.setdefault(room, here)
        for one in news:
            outgoing += self.learn(node, Change(room, one.peer.id, one), now, at)
        self._forget_if_empty(here)
        return outgoing

    def lose_node(self, node: str) -> list[Outgoing]:
        """Another hub is gone, and with it all its peers."""
        outgoing = []
        for here in list(self._rooms.values()):
            here.rivals = {peer_id: rival for peer_id, rival in here.rivals.items() if rival.node != node}
            for peer_id in here.of(node):
                outgoing += self._lose(node, here, peer_id)
        return outgoing

    def forget(self, room: Room) -> None:
        """This hub has nobody there any more, and will not hear how it goes on."""
        here = self._rooms.pop(room, None)
        if here is not None:
            for seat in here.seats.values():
                del self._seats[seat.peer.key]

    def take(self, to: str, forward: Forward, now: float) -> list[Outgoing]:
        """A signal from a peer of another hub, to be settled here. Both must be in the room it was sent in."""
        other, here = self._seats.get(to), self._rooms.get(forward.room)
        seat = None if here is None else here.seats.get(forward.sender)
        if seat is None or other is None or other.home is not here or other is seat:
            return []
        return self._settle(seat, other, forward.signal, now)

    def arrive(self, to: str, event: Event, now: float) -> list[Outgoing]:
        """What another hub has settled, for a peer of this one."""
        seat = self._seats.get(to)
        if seat is None or seat.node is not None:
            return []
        told = new(Outgoing, (to, event))
        if not isinstance(event, Signal):
            return [told]
        sender = seat.home.seats.get(event.sender)
        if sender is None or sender is seat:
            return []
        return [*self._announce(sender, seat, now), told] if seat.peer.id in sender.hidden_from else [told]

    # Within

    def _check(self, here: _Room | None, peer: Peer, terms: Terms) -> None:
        """May somebody sit down there?"""
        if here is None:
            return
        if peer.id in here.seats:
            raise IdTaken
        taken = len(here.seats) - len(self._older(here, terms, terms.seats_per_user - 1))
        if here.room.is_lobby:
            return
        if taken >= self._room_size or 0 < terms.limit <= taken:
            raise RoomFull

    def _sit_down(self, here: _Room, seated: Seated, now: float, node: str | None = None) -> _Seat:
        peer, terms, since, mic = seated
        here.absent.pop(peer.id, None)
        here.newest = max(here.newest, since)
        seat = _Seat(peer, here, terms, since, now, node, mic)
        if not here.room.is_lobby:
            seat.hidden_from.update(here.seats)
        here.seats[peer.id] = self._seats[peer.key] = seat
        if node is None:
            self.changes.append(Change(here.room, peer.id, seated))
        return seat

    def _stand_up(self, seat: _Seat) -> list[Outgoing]:
        here, peer_id = seat.home, seat.peer.id
        del here.seats[peer_id], self._seats[seat.peer.key]
        self._forget_if_empty(here)
        for link in seat.links.values():
            link.close()
        told = [Outgoing(other.peer.key, PeerLeft(seat.peer)) for other in self._witnesses(seat)]
        for other in here.seats.values():
            other.links.pop(peer_id, None)
            other.hidden_from.discard(peer_id)
            other.told_at.pop(peer_id, None)
        return told

    def _put_out(self, seat: _Seat, reason: DomainError) -> list[Outgoing]:
        key, peer_id = seat.peer.key, seat.peer.id
        self.changes.append(Change(seat.home.room, peer_id, None))
        return [*self._stand_up(seat), Outgoing(key, PutOut(peer_id, reason))]

    def _lose(self, node: str, here: _Room, peer_id: str) -> list[Outgoing]:
        """A peer of another hub; nothing, if somebody else has its id by now."""
        away = here.absent.get(peer_id)
        if away is not None and away.node == node:
            del here.absent[peer_id]
            self._forget_if_empty(here)
        seat = here.seats.get(peer_id)
        if seat is None or seat.node != node:
            return []
        outgoing, rival = self._stand_up(seat), here.rivals.pop(peer_id, None)
        if rival is not None:
            outgoing += self.learn(rival.node, Change(here.room, peer_id, rival.news), rival.now, rival.news.since)
        return outgoing

    def _remember(self, here: _Room, absent: Absent, now: float, node: str | None = None) -> None:
        here.absent[absent.peer.id] = away = _Absence(absent.peer, now + absent.seconds, node)
        self._agenda.at(away.until, partial(self._give_up, here, away))

    def _give_up(self, here: _Room, away: _Absence, now: float) -> list[Outgoing]:
        if here.absent.get(away.peer.id) is away:
            del here.absent[away.peer.id]
            if away.node is None:
                self.changes.append(Change(here.room, away.peer.id, None))
            self._forget_if_empty(here)
        return []

    def _forget_if_empty(self, here: _Room) -> None:
        if not here.seats and not here.absent and self._rooms.get(here.room) is here:
            del self._rooms[here.room]

    def _learn_more(self, seat: _Seat, news: Seated, now: float) -> list[Outgoing]:
        outgoing: list[Outgoing] = []
        if seat.peer != news.peer:
            seat.peer = news.peer
            outgoing += self._announce_to_all(seat, now)
        if seat.mic != news.mic:
            seat.mic = news.mic
            outgoing += self._tell_mic(seat)
        if seat.terms.voice != news.terms.voice:
            seat.terms = news.terms
            outgoing += self._tell_voice(seat)
        return outgoing

    def _older(self, here: _Room, terms: Terms, kept: int) -> list[_Seat]:
        """A user's seats in a room but for the newest, where their number is limited."""
        if terms.user_id is None or not terms.seats_per_user:
            return []
        own = sorted((seat for seat in here.seats.values() if seat.terms.user_id == terms.user_id), key=lambda seat: seat.age)
        return own[: max(0, len(own) - kept)]

    def _make_way(self, here: _Room, terms: Terms, kept: int) -> list[Outgoing]:
        """Where a user has more seats than these, the oldest make way: each hub looks after its own."""
        older = self._older(here, terms, kept)
        return [told for one in older if one.node is None for told in self._put_out(one, SatDownElsewhere())]

    def _give_back(self, first: _Seat) -> list[Outgoing]:
        """Two hubs gave the last seat away at once: who came later gives it back."""
        outgoing: list[Outgoing] = []
        order = sorted(first.home.seats.values(), key=lambda seat: seat.age)
        for place, seat in enumerate(order):
            limit = min(seat.terms.limit or self._room_size, self._room_size)
            if seat.node is None and seat.age > first.age and place >= limit:
                outgoing += self._put_out(seat, RoomFull())
        return outgoing

    def _witnesses(self, seat: _Seat) -> Iterator[_Seat]:
        """Who of this hub's peers knows of the seat."""
        if seat.home.room.is_lobby:
            return
        for peer_id, other in seat.home.seats.items():
            if other.node is None and other is not seat and peer_id not in seat.hidden_from:
                yield other

    def _announce_in_time(self, seat: _Seat, now: float) -> list[Outgoing]:
        if seat.home.room.is_lobby:
            return []
        if not seat.peer.announce_delay:
            return self._announce_to_all(seat, now)
        self._agenda.at(now + seat.peer.announce_delay, partial(self._announce_to_all, seat))
        return []

    def _announce_to_all(self, seat: _Seat, now: float) -> list[Outgoing]:
        if self._seats.get(seat.peer.key) is not seat:
            return []
        return [told for other in seat.home.seats.values() for told in self._announce(seat, other, now)]

    def _announce(self, seat: _Seat, other: _Seat, now: float) -> list[Outgoing]:
        """Nothing, if it was done; the hub of `other` says it, this one just notes when."""
        if other.peer.id not in seat.hidden_from:
            return []
        seat.hidden_from.discard(other.peer.id)
        seat.told_at[other.peer.id] = now
        if other.node is not None:
            return []
        told = [Outgoing(other.peer.key, PeerJoined(seat.peer))]
        if not seat.mic:
            told.append(Outgoing(other.peer.key, MicChanged(seat.peer.id, on=False)))
        if seat.terms.voice != FREE:
            told.append(Outgoing(other.peer.key, VoiceChanged(seat.peer, seat.terms.voice)))
        return told

    def _relay(self, key: str, signal: Relay, now: float) -> list[Outgoing]:
        """Only within one room. A peer that signals is announced."""
        seat = self._seats.get(key)
        if seat is None:
            raise NotInRoom
        link = seat.links.get(signal.to)
        if link is not None and signal.to not in seat.hidden_from:  # nearly always
            return link.handle(seat.peer.id, signal, now)
        seats = seat.home.seats
        if signal.to is None:
            return [told for other in seats.values() if other is not seat for told in self._settle(seat, other, signal, now)]
        other = seats.get(signal.to)
        if other is None or other is seat:
            raise UnknownPeer
        return self._settle(seat, other, signal, now)

    def _settle(self, seat: _Seat, other: _Seat, signal: Relay, now: float) -> list[Outgoing]:
        peer_id, to = seat.peer.id, other.peer.id
        if other.node is not None and other.peer.key < seat.peer.key:
            self._announce(seat, other, now)
            return [new(Outgoing, (other.peer.key, new(Forward, (seat.home.room, peer_id, signal))))]
        announced = self._announce(seat, other, now) if to in seat.hidden_from else []
        link = seat.links.get(to)
        if link is None:
            link = seat.links[to] = other.links[peer_id] = self._link(seat, other)
        passed = link.handle(peer_id, signal, now)
        return [*announced, *passed] if announced else passed

    def _link(self, one: _Seat, other: _Seat) -> Link:
        """The side that was in the room first comes first: it is the one that offers."""
        first, second = sorted((one, other), key=lambda seat: seat.age)
        met = second.told_at.get(first.peer.id, second.joined_at), second.joined_at
        return Link(first.peer, second.peer, self._agenda, met)

    def _set_mic(self, key: str, on: bool | None) -> list[Outgoing]:
        seat = self._seats.get(key)
        if seat is None:
            raise NotInRoom
        seat.mic = not seat.mic if on is None else on
        self.changes.append(Change(seat.home.room, seat.peer.id, seat.seated))
        return self._tell_mic(seat)

    def _set_name(self, key: str, name: str, now: float) -> list[Outgoing]:
        seat = self._seats.get(key)
        if seat is None:
            raise NotInRoom
        if seat.told_at or now >= seat.joined_at + seat.peer.announce_delay:
            return []
        seat.peer = replace(seat.peer, profile={**seat.peer.profile, "username": name}, announce_delay=0.0)
        self.changes.append(Change(seat.home.room, seat.peer.id, seat.seated))
        return self._announce_to_all(seat, now)

    def _tell_mic(self, seat: _Seat) -> list[Outgoing]:
        return [Outgoing(other.peer.key, MicChanged(seat.peer.id, seat.mic)) for other in self._witnesses(seat)]

    def _tell_voice(self, seat: _Seat) -> list[Outgoing]:
        concerned = [*([seat] if seat.node is None else []), *self._witnesses(seat)]
        return [Outgoing(one.peer.key, VoiceChanged(seat.peer, seat.terms.voice)) for one in concerned]
