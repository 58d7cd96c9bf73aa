"""`/api/rooms/**` of seed 001: a place in a room, for whoever then opens `/ws?room_id=…&client_id=…`."""

from typing import Any
from uuid import uuid4

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.scopes import VOICE
from accounts.tokens import identity_of
from projectvoice.kernel.address import address_of
from projectvoice.kernel.api import GuestApi, PublicApi
from projectvoice.kernel.errors import TooManyRequests
from projectvoice.kernel.serializers import TextField
from voice.access import admit, guest, profile_of
from voice.core.errors import RoomFull
from voice.core.hub import Absent
from voice.core.words import Peer
from voice.dialects.hub_signaling import KEPT
from voice.dialects.rooms import PEER_ID, ROOM_NAME, peer_id_of, room_of
from voice.errors import NotYourPlace, PlaceNotFound
from voice.places import PLACES_PER_ADDRESS, Door, place_give_up
from voice.transports import desk

TOKEN_LENGTH = 4096


class HubJoinInput(serializers.Serializer[Any]):
    """Without `room_id` a new room. A voice channel, by its id, needs a token: here or as `Authorization`."""

    room_id = TextField(max_length=ROOM_NAME, trim_whitespace=False, required=False, allow_null=True)
    token = TextField(max_length=TOKEN_LENGTH, required=False, allow_null=True, allow_blank=True)


class HubLeaveInput(serializers.Serializer[Any]):
    """The place of somebody who is signed in needs his token: here or as `Authorization`."""

    room_id = TextField(max_length=ROOM_NAME, trim_whitespace=False)
    client_id = TextField(max_length=PEER_ID, trim_whitespace=False)
    token = TextField(max_length=TOKEN_LENGTH, required=False, allow_null=True, allow_blank=True)


class HubPlaceOutput(serializers.Serializer[Any]):
    """`status` is `joined` or `left`."""

    room_id = serializers.CharField()
    client_id = serializers.CharField()
    status = serializers.CharField()


class HubRoomOutput(serializers.Serializer[Any]):
    room_id = serializers.CharField()
    clients = serializers.ListField(child=serializers.CharField())


class HubStatsOutput(serializers.Serializer[Any]):
    """Open rooms, and who is connected there; a voice channel's roster is not public."""

    rooms = HubRoomOutput(many=True)
    total_rooms = serializers.IntegerField()
    total_clients = serializers.IntegerField()


class HubJoinApi(GuestApi):
    @extend_schema(
        summary="Take a place in a room, or in a new one",
        operation_id="hub_rooms_join",
        request=HubJoinInput,
        responses={200: HubPlaceOutput, 400: RoomFull, 429: TooManyRequests},
    )
    def post(self, request: Request) -> Response:
        fields = self.parse(HubJoinInput)
        name = fields.get("room_id")
        name = f"room-{uuid4()}" if name is None else name
        user, room = caller(request, fields), room_of(name)
        admit(user, room, guests=True)
        PLACES_PER_ADDRESS.take(address_of(request))
        client_id = str(uuid4())
        profile = guest(client_id) if user is None else profile_of(user)
        desk.expect(room, Absent(Peer(client_id, profile), KEPT))
        return Response({"room_id": name, "client_id": client_id, "status": "joined"})


class HubLeaveApi(GuestApi):
    @extend_schema(
        summary="Give a place in a room up",
        operation_id="hub_rooms_leave",
        request=HubLeaveInput,
        responses={200: HubPlaceOutput, 403: NotYourPlace, 404: PlaceNotFound},
    )
    def post(self, request: Request) -> Response:
        fields = self.parse(HubLeaveInput)
        name, client_id = fields["room_id"], peer_id_of(fields["client_id"])
        user, room = caller(request, fields), room_of(name)
        admit(user, room, guests=True)
        if not place_give_up(Door(room, None, user), client_id):
            raise PlaceNotFound
        return Response({"room_id": name, "client_id": client_id, "status": "left"})


class HubStatsApi(PublicApi):
    @extend_schema(summary="Open rooms and who is connected", operation_id="hub_rooms_stats", responses={200: HubStatsOutput})
    def get(self, request: Request) -> Response:
        rooms = [
            {"room_id": room.name, "clients": [seat.peer.id for seat in roster.seated]}
            for room, roster in desk.rosters().items()
            if roster.seated
        ]
        total = sum(len(room["clients"]) for room in rooms)
        return Response({"rooms": rooms, "total_rooms": len(rooms), "total_clients": total})


def caller(request: Request, fields: dict[str, Any]) -> User | None:
    """Whose token is in the body, else in the header; None for a guest."""
    if fields.get("token"):
        return identity_of(fields["token"], VOICE).user
    return request.user if isinstance(request.user, User) else None
