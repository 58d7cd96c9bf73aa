"""Who may sit in which room. Sockets ask here once per join, and again when somebody's rights may have changed."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from accounts.models import User
from accounts.selectors import sessions_alive
from accounts.tokens import Identity, identity_of
from projectvoice.kernel.errors import DomainError, InvalidSession
from servers.access import access_channel
from servers.models import ChannelType
from servers.permissions import Permission
from voice.core.words import Room
from voice.errors import NotAVoiceChannel, OpenRoomsOff


class Entry(NamedTuple):
    """An opened door. `server_id` is None for an open room."""

    identity: Identity
    server_id: int | None


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


def access_room(user: User, room: Room) -> int | None:
    """The id of the room's server, None for an open room. Raises as the doors of servers/access.py do."""
    if not room.channel:
        if not settings.OPEN_ROOMS:
            raise OpenRoomsOff
        return None
    channel, access = access_channel(user, int(room.name), need=Permission.VIEW_CHANNEL | Permission.CONNECT)
    if channel.type != ChannelType.VOICE:
        raise NotAVoiceChannel
    return access.server.pk


def enter(token: str | None, room: Room) -> Entry:
    """The door of `join-room`: a valid token, then the room."""
    if not token:
        raise InvalidSession
    identity = identity_of(token)
    return Entry(identity, access_room(identity.user, room))


def refusals(claims: Iterable[Claim]) -> list[Refusal]:
    """Those of the claims that no longer hold."""
    claims = list(claims)
    alive = sessions_alive({claim.session_id for claim in claims})
    users = User.objects.in_bulk({claim.user_id for claim in claims})
    refused = []
    for claim in claims:
        if claim.session_id not in alive or claim.user_id not in users:
            refused.append(Refusal(claim.peer_id, claim.room, InvalidSession(), signed_out=True))
        elif claim.room is not None and (reason := _refused(users[claim.user_id], claim.room)):
            refused.append(Refusal(claim.peer_id, claim.room, reason, signed_out=False))
    return refused


def _refused(user: User, room: Room) -> DomainError | None:
    try:
        access_room(user, room)
    except DomainError as reason:
        return reason
    return None


def profile_of(user: User) -> Mapping[str, Any]:
    """What the others in a call see: never an e-mail address or a token."""
    return {
        "id": user.pk,
        "username": user.username,
        "profilePicture": user.profile_picture,
        "role": user.role,
        "status": user.status,
        "tag": user.tag,
    }
