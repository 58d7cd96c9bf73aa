"""Who may sit in which room. Sockets ask here once per join, and again when somebody's rights may have changed."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from accounts.models import GlobalRole, Status, User
from accounts.scopes import VOICE
from accounts.selectors import sessions_alive
from accounts.tokens import Identity, identity_of
from projectvoice.kernel.errors import DomainError, InvalidSession
from servers.access import Access, access_channel, access_channels
from servers.errors import NotAVoiceChannel
from servers.models import ChannelType
from servers.permissions import Permission
from voice.core.words import Room
from voice.errors import OpenRoomsOff


class Standing(NamedTuple):
    """What somebody may do on a seat. `limit` is the seats in the channel, 0 as many as a room has: likewise for whoever may
    move members. Muted and deafened: by a moderator.
    """

    server_id: int | None  # None: an open room
    limit: int = 0
    muted: bool = False
    deafened: bool = False
    may_speak: bool = True


OPEN = Standing(None)


class Entry(NamedTuple):
    """An opened door. `identity` is None for a guest."""

    identity: Identity | None
    standing: Standing


class Claim(NamedTuple):
    """A connection's standing claim: to be signed in, and to sit where it sits."""

    peer_id: str
    user_id: int
    session_id: UUID
    room: Room | None


class Refusal(NamedTuple):
    """`room` is the one that was asked about."""

    peer_id: str
    room: Room | None
    reason: DomainError
    signed_out: bool


class Granted(NamedTuple):
    """The claim still holds, and this is where its holder stands now."""

    peer_id: str
    room: Room
    standing: Standing


def access_room(user: User, room: Room) -> Standing:
    """Raises as the doors of servers/access.py do."""
    if not room.channel:
        return _open_room()
    _, access = access_channel(user, int(room.name), need=Permission.CONNECT)
    return _seat(access)


def enter(token: str | None, room: Room, *, guests: bool) -> Entry:
    """The door of a room: a valid token, then the room. With `guests` an open room also takes who has no token."""
    identity = identity_of(token, VOICE) if token else None
    return Entry(identity, admit(identity and identity.user, room, guests=guests))


def admit(user: User | None, room: Room, *, guests: bool) -> Standing:
    """The same for who is known already, or for a guest (None)."""
    if user is not None:
        return access_room(user, room)
    if room.channel or not guests:
        raise InvalidSession
    return _open_room()


def review(claims: Iterable[Claim]) -> list[Refusal | Granted]:
    """What has become of these claims; nothing is said of those without a room that hold.

    Costs three queries, however many they are, and one for each blocked server.
    """
    claims = list(claims)
    alive = sessions_alive({claim.session_id for claim in claims})
    users = User.objects.in_bulk({claim.user_id for claim in claims})
    seats = {
        (users[claim.user_id], int(claim.room.name))
        for claim in claims
        if claim.user_id in users and claim.room is not None and claim.room.channel
    }
    doors = access_channels(seats, need=Permission.CONNECT)
    answers: list[Refusal | Granted] = []
    for peer_id, user_id, session_id, room in claims:
        if session_id not in alive or user_id not in users:
            answers.append(Refusal(peer_id, room, InvalidSession(), signed_out=True))
        elif room is not None:
            try:
                standing = _seat(doors[user_id, int(room.name)]) if room.channel else _open_room()
                answers.append(Granted(peer_id, room, standing))
            except DomainError as reason:
                answers.append(Refusal(peer_id, room, reason, signed_out=False))
    return answers


def _open_room() -> Standing:
    if not settings.OPEN_ROOMS:
        raise OpenRoomsOff
    return OPEN


def _seat(access: Access | DomainError) -> Standing:
    """Behind the door of a channel, if it opened."""
    if isinstance(access, DomainError):
        raise access
    if access.channel is None or access.channel.type != ChannelType.VOICE:
        raise NotAVoiceChannel
    permissions = access.standing.permissions
    return Standing(
        server_id=access.server.pk,
        limit=0 if permissions & Permission.MOVE_MEMBERS else access.channel.user_limit,
        muted=access.member.is_muted,
        deafened=access.member.is_deafened,
        may_speak=bool(permissions & Permission.SPEAK),
    )


def profile_of(user: User) -> Mapping[str, Any]:
    """What the others in a call see: never an e-mail address or a token."""
    return {
        "id": user.pk,
        "username": user.username,
        "profilePicture": user.profile_picture,
        "role": user.role,
        "status": user.status,
        "tag": user.tag,
        "isBot": user.is_bot,
    }


def guest(name: str) -> Mapping[str, Any]:
    """The same of somebody without an account."""
    return {
        "id": None,
        "username": name,
        "profilePicture": None,
        "role": GlobalRole.USER,
        "status": Status.ONLINE,
        "tag": None,
        "isBot": False,
    }
