"""Places in a room that REST gives, shows and takes away; whoever was given one comes by a socket."""

from collections.abc import Iterator
from secrets import token_urlsafe
from typing import NamedTuple

from accounts.models import User
from accounts.scopes import VOICE
from accounts.tokens import identity_of
from projectvoice.kernel.limits import Limit
from voice import access
from voice.core.hub import Absent, Roster
from voice.core.words import Peer, Room
from voice.dialects.rooms import room_of
from voice.errors import NotYourPlace, RoomNotFound
from voice.transports import desk

ID_BYTES = 15
PLACES_PER_ADDRESS = Limit("room-places", most=600, window=60)  # each is kept for a minute


class Door(NamedTuple):
    """An opened one. `user` is who came through that of a voice channel; at open rooms nobody is asked who he is."""

    room: Room
    token: str | None
    user: User | None


class Place(NamedTuple):
    peer: Peer
    is_online: bool


def new_id() -> str:
    return token_urlsafe(ID_BYTES)


def access_named_room(room_id: str, token: str | None) -> Door:
    """Who may sit in a room may ask about it. At an open room a stale token must not close a public door."""
    room = room_of(room_id)
    entry = access.enter(token if room.channel else None, room, guests=True)
    return Door(room, token, entry.identity and entry.identity.user)


def place_take(door: Door, name: str, seconds: float) -> tuple[str, list[str]]:
    """A user id to come with, and the names of all who have a place there, the new one last. In a channel one has the
    name of one's account. Raises RoomFull.
    """
    profile = access.guest(name) if door.user is None else access.profile_of(door.user)
    peer = Peer(new_id(), profile)
    roster = desk.expect(door.room, Absent(peer, seconds))
    present = [place.peer for place in places(roster)]
    return peer.id, [str(one.profile["username"]) for one in (*present, peer)]


def room_roster(room: Room) -> Roster:
    """Raises RoomNotFound where nobody has a place."""
    roster = desk.rosters(room).get(room)
    if roster is None or not (roster.seated or roster.absent):
        raise RoomNotFound
    return roster


def places(roster: Roster) -> Iterator[Place]:
    """The first to come first, then those who are expected or were just lost."""
    online = {seated.peer.id for seated in roster.seated}
    yield from (Place(seated.peer, is_online=True) for seated in roster.seated)
    yield from (Place(absent.peer, is_online=False) for absent in roster.absent if absent.peer.id not in online)


def place_give_up(door: Door, peer_id: str) -> bool:
    """False: nobody has it."""
    roster = desk.rosters(door.room).get(door.room)
    holder = None if roster is None else next((place.peer for place in places(roster) if place.peer.id == peer_id), None)
    if holder is None:
        return False
    access_place(holder, door)
    return desk.see_off(door.room, peer_id)


def access_place(holder: Peer, door: Door) -> None:
    """What a user has taken is his alone; a guest's place is open to all who know its id."""
    owner = holder.profile["id"]
    if owner is not None and owner != (door.user or identity_of(door.token or "", VOICE).user).pk:
        raise NotYourPlace
