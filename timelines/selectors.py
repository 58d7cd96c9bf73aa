"""Reads of voice sessions. Each costs a fixed number of queries."""

from datetime import datetime
from typing import Any, NamedTuple

from accounts.models import User
from projectvoice.kernel.pagination import Page
from timelines.models import VoiceMoment, VoiceSession


class Peer(NamedTuple):
    """`user` is None of a guest, and of an account that is gone."""

    socket_id: str
    user: User | None


class Told(NamedTuple):
    at: datetime
    kind: str
    peer: Peer | None
    details: dict[str, Any]


class Timeline(NamedTuple):
    session: VoiceSession
    moments: list[Told]


def sessions_page(page: Page, *, user_id: int | None = None, channel_id: int | None = None) -> tuple[list[VoiceSession], int]:
    """Of a user or in a channel, the newest first, and how many there are."""
    wanted = {"user_id": user_id} if channel_id is None else {"channel_id": channel_id}
    sessions = VoiceSession.objects.filter(**wanted)
    return list(sessions.select_related("user").order_by("-started_at", "pk")[page.rows]), sessions.count()


def timeline_of(session: VoiceSession) -> Timeline:
    """The earliest moment first."""
    moments = list(VoiceMoment.objects.filter(session=session).order_by("at", "pk"))
    people = User.objects.in_bulk({moment.peer_user_id for moment in moments if moment.peer_user_id is not None})
    peers = [Peer(one.peer, people.get(one.peer_user_id or 0)) if one.peer else None for one in moments]
    return Timeline(session, [Told(one.at, one.kind, peer, one.details) for one, peer in zip(moments, peers, strict=True)])
