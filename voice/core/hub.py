"""Who is in which room. Commands in, addressed events out; one call is one indivisible step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import assert_never

from voice.core.agenda import Agenda
from voice.core.arbiter import Link
from voice.core.errors import NotInRoom, RoomFull
from voice.core.words import (
    Command,
    Join,
    Joined,
    Leave,
    MicChanged,
    Outgoing,
    Participant,
    Peer,
    PeerJoined,
    PeerLeft,
    Relay,
    Room,
    SetMic,
)

ROOM_SIZE = 500


@dataclass(slots=True)
class _Seat:
    peer: Peer
    room: Room
    joined_at: float
    mic: bool = True
    hidden_from: set[str] = field(default_factory=set)  # members who were not yet told of this peer
    told_at: dict[str, float] = field(default_factory=dict)  # members who were, and when
    links: dict[str, Link] = field(default_factory=dict)


class Hub:
    """A peer sits in one room at a time; joining another leaves the first. An empty room is forgotten."""

    def __init__(self) -> None:
        self._rooms: dict[Room, dict[str, _Seat]] = {}
        self._seats: dict[str, _Seat] = {}
        self._agenda = Agenda()

    @property
    def next_due(self) -> float | None:
        """When `tick` has something to do."""
        return self._agenda.next_due

    @property
    def rooms(self) -> Mapping[Room, Iterable[Participant]]:
        # Copied first: REST asks from another thread.
        return {room: [Participant(s.peer, s.mic) for s in list(seats.values())] for room, seats in list(self._rooms.items())}

    def room_of(self, peer_id: str) -> Room | None:
        seat = self._seats.get(peer_id)
        return None if seat is None else seat.room

    def tick(self, now: float) -> list[Outgoing]:
        return self._agenda.run(now)

    def handle(self, peer: Peer, command: Command, now: float) -> list[Outgoing]:
        match command:
            case Relay():
                return self._relay(peer.id, command, now)
            case Join(room, shown_as):
                return self._join(peer, room, shown_as, now)
            case Leave(room):
                return self.leave(peer.id) if room in {None, self.room_of(peer.id)} else []
            case SetMic(on):
                return self._set_mic(peer.id, on)
        assert_never(command)

    def leave(self, peer_id: str) -> list[Outgoing]:
        """Whatever room the peer is in; nothing if in none."""
        seat = self._seats.pop(peer_id, None)
        if seat is None:
            return []
        seats = self._rooms[seat.room]
        del seats[peer_id]
        if not seats:
            del self._rooms[seat.room]
        for link in seat.links.values():
            link.close()
        told = [Outgoing(other, PeerLeft(peer_id)) for other in seats if other not in seat.hidden_from]
        for other in seats.values():
            other.links.pop(peer_id, None)
            other.hidden_from.discard(peer_id)
            other.told_at.pop(peer_id, None)
        return told

    def _join(self, peer: Peer, room: Room, shown_as: str | int, now: float) -> list[Outgoing]:
        before: list[Outgoing] = []
        seats = self._rooms.get(room, {})
        if peer.id not in seats:
            if len(seats) >= ROOM_SIZE:
                raise RoomFull
            before = self.leave(peer.id)
            seats = self._rooms.setdefault(room, {})
            seat = self._seats[peer.id] = _Seat(peer, room, now, hidden_from=set(seats))
            seats[peer.id] = seat
        seat = seats[peer.id]
        for other in seats.values():  # who sees the roster has been told
            other.hidden_from.discard(peer.id)
        joined = Joined(shown_as, tuple(Participant(other.peer, other.mic) for other in seats.values()))
        outgoing = [*before, Outgoing(peer.id, joined)]
        if peer.announce_delay:
            self._agenda.at(now + peer.announce_delay, partial(self._announce_to_all, seat))
            return outgoing
        return outgoing + self._announce_to_all(seat, now)

    def _announce_to_all(self, seat: _Seat, now: float) -> list[Outgoing]:
        if self._seats.get(seat.peer.id) is not seat:
            return []
        return [told for other in self._rooms[seat.room] for told in self._announce(seat, other, now)]

    def _announce(self, seat: _Seat, to: str, now: float) -> list[Outgoing]:
        if to not in seat.hidden_from:
            return []
        seat.hidden_from.discard(to)
        seat.told_at[to] = now
        told = [Outgoing(to, PeerJoined(seat.peer))]
        return told if seat.mic else [*told, Outgoing(to, MicChanged(seat.peer.id, on=False))]

    def _relay(self, sender: str, signal: Relay, now: float) -> list[Outgoing]:
        """Only within one room; to anybody else it is ignored, as the contract says. A peer that signals is announced."""
        seat = self._seats.get(sender)
        if seat is None:
            raise NotInRoom
        other = self._rooms[seat.room].get(signal.to)
        if other is None or other is seat:
            return []
        announced = self._announce(seat, signal.to, now)
        link = seat.links.get(signal.to)
        if link is None:
            link = seat.links[signal.to] = other.links[sender] = self._link(seat, other)
        return [*announced, *link.handle(sender, signal, now)]

    def _link(self, one: _Seat, other: _Seat) -> Link:
        """The side that was in the room first comes first: it is the one that offers."""
        order = list(self._rooms[one.room])
        first, second = sorted((one, other), key=lambda seat: order.index(seat.peer.id))
        met = second.told_at.get(first.peer.id, second.joined_at), second.joined_at
        return Link(first.peer, second.peer, self._agenda, met)

    def _set_mic(self, peer_id: str, on: bool | None) -> list[Outgoing]:
        seat = self._seats.get(peer_id)
        if seat is None:
            raise NotInRoom
        seat.mic = not seat.mic if on is None else on
        others = self._rooms[seat.room].keys() - seat.hidden_from - {peer_id}
        return [Outgoing(other, MicChanged(peer_id, seat.mic)) for other in others]
