"""Who sits where at this moment, on all nodes."""

from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import GlobalRole, User
from accounts.selectors import user_by_id
from moderation.access import access_admin
from moderation.services.acts import admin_put_out
from panel.access import may
from panel.acts import Act, Reason, perform
from panel.request import PanelRequest
from panel.words import said
from projectvoice.kernel.pagination import positive
from servers.models import Channel
from voice.core.hub import Roster, Seated
from voice.core.words import Room
from voice.errors import RoomNotFound
from voice.transports import desk

ROOMS, SEATS = 200, 100  # shown
TITLE = said("Live rooms", "Комнаты сейчас")


class Seat(NamedTuple):
    name: str
    user_id: int | None
    since: datetime
    mic: bool
    put_out: str  # the address of the act; empty in open rooms


class Call(NamedTuple):
    room: Room
    server: str
    name: str
    seats: list[Seat]
    more: int  # seats that are not shown


class Sitting(NamedTuple):
    """What is acted upon: somebody in a voice channel. In open rooms nobody has a say over others."""

    user: User
    channel: Channel


def rooms(request: PanelRequest, site: AdminSite) -> HttpResponse:
    access_admin(request.user, GlobalRole.MODERATOR)
    full = {room: roster for room, roster in desk.calls().items() if roster.seated}
    largest = sorted(full.items(), key=lambda item: (-len(item[1].seated), item[0]))
    places = _places(room for room, _ in largest[:ROOMS])
    context = {
        **site.each_context(request),
        "title": TITLE,
        "crumbs": [(TITLE, None)],
        "calls": [_call(room, roster, places) for room, roster in largest[:ROOMS]],
        "more": max(0, len(full) - ROOMS),
        "people": sum(len(roster.seated) for roster in full.values()),
        "acts": may(request.user, GlobalRole.ADMIN),
    }
    return TemplateResponse(request, "panel/rooms.html", context)


def put_out(request: PanelRequest, site: AdminSite) -> HttpResponse:
    access_admin(request.user)
    row, back = _sitting(positive(request.GET, "channel"), positive(request.GET, "user")), reverse("admin:rooms")
    crumbs = [(TITLE, back), (str(row.user), None), (PUT_OUT.title, None)]
    context = {**site.each_context(request), "crumbs": crumbs, "name": str(row.user), "cancel": back}
    return perform(request, PUT_OUT, row, context, back)


def _put_out(*, by: User, row: Sitting, reason: str) -> None:
    admin_put_out(by=by, user=row.user, channel=row.channel, reason=reason)


PUT_OUT = Act(
    "put-out",
    said("Put out", "Вывести из комнаты"),
    said(
        "The call ends for them here. They may come back: to keep them out, block them.",
        "Здесь звонок для него закончится. Вернуться можно: чтобы не пускать, заблокируйте.",
    ),
    said("Put out of the room", "Участник выведен из комнаты"),
    _put_out,
    form=Reason,
    icon="person_remove",
    variant="danger",
)


def _sitting(channel_id: int, user_id: int) -> Sitting:
    room = Room(str(channel_id), channel=True)
    roster = desk.rosters(room).get(room)
    channel = Channel.objects.filter(pk=channel_id, server__isnull=False).first()
    if channel is None or roster is None or user_id not in {one.peer.profile["id"] for one in roster.seated}:
        raise RoomNotFound
    return Sitting(user_by_id(user_id), channel)


def _places(rooms: Any) -> dict[int, tuple[str, str]]:
    """The names of voice channels and their servers; one query."""
    ids = [int(room.name) for room in rooms if room.channel]
    rows = Channel.objects.filter(pk__in=ids).values_list("pk", "server__name", "name")
    return {pk: (server or "", name) for pk, server, name in rows}


def _call(room: Room, roster: Roster, places: dict[int, tuple[str, str]]) -> Call:
    server, name = places.get(int(room.name), ("", room.name)) if room.channel else ("", room.name)
    seats = [_seat(room, seated) for seated in islice(roster.seated, SEATS)]
    return Call(room, server, name, seats, max(0, len(roster.seated) - SEATS))


def _seat(room: Room, seated: Seated) -> Seat:
    profile = seated.peer.profile
    query = urlencode([("channel", room.name), ("user", profile["id"])]) if room.channel else ""
    since = datetime.fromtimestamp(seated.since, UTC)
    return Seat(str(profile["username"]), profile["id"], since, seated.mic, query and f"{reverse('admin:put-out')}?{query}")
