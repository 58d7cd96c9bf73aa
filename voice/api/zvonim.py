"""`/api/room/**` of seed 003; `/api/meeting/**` is the same in the words of its later front ends."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projectvoice.kernel.address import address_of
from projectvoice.kernel.api import PublicApi
from projectvoice.kernel.errors import TooManyRequests
from projectvoice.kernel.json import BeaconParser, JsonParser
from projectvoice.kernel.serializers import DateTimeField, TextField, iso
from voice.core.errors import MalformedFrame, RoomFull
from voice.dialects.rooms import NAME_LENGTH, PEER_ID, ROOM_NAME
from voice.dialects.zvonim import LINGER
from voice.errors import NotYourPlace, RoomNotFound
from voice.places import PLACES_PER_ADDRESS, Door, access_named_room, new_id, place_give_up, place_take, places, room_roster

TOKEN_LENGTH = 4096
PUBLIC_BUT_FOR_CHANNELS: Any = [{}, {"token": []}]
LEAVING = (JsonParser, BeaconParser)  # pages say it as they close
IN_CHANNELS = "For a voice channel (`6`, `channel-6`): the token, as `Authorization` or here"


class IdField(TextField):
    """Not trimmed: the socket's address will say it as it stands here."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)


class OptionalIdField(IdField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_null=True, allow_blank=True, **kwargs)


class TokenInput(serializers.Serializer[Any]):
    token = OptionalIdField(max_length=TOKEN_LENGTH, help_text=IN_CHANNELS)


class RoomInput(TokenInput):
    """What the door wants to know."""

    room_id = OptionalIdField(max_length=ROOM_NAME, help_text="Without it, a new room")


class MeetingInput(TokenInput):
    meeting_id = OptionalIdField(max_length=ROOM_NAME, help_text="Without it, a new meeting")


class RoomJoinInput(RoomInput):
    user_name = TextField(max_length=NAME_LENGTH)


class MeetingJoinInput(MeetingInput):
    user_name = TextField(max_length=NAME_LENGTH)


class RoomLeaveInput(TokenInput):
    room_id = IdField(max_length=ROOM_NAME)
    user_id = IdField(max_length=PEER_ID)


class MeetingLeaveInput(TokenInput):
    meeting_id = IdField(max_length=ROOM_NAME)
    user_id = IdField(max_length=PEER_ID)


class RoomJoinedOutput(serializers.Serializer[Any]):
    """`users_in_room` are names, the caller's included. He has a minute to come."""

    room_id = serializers.CharField()
    user_id = serializers.CharField()
    users_in_room = serializers.ListField(child=serializers.CharField())


class MeetingJoinedOutput(serializers.Serializer[Any]):
    """`users_in_meeting` are names, the caller's included. He has a minute to come."""

    meeting_id = serializers.CharField()
    meeting_name = serializers.CharField(help_text="Its id: meetings have no other name")
    user_id = serializers.CharField()
    users_in_meeting = serializers.ListField(child=serializers.CharField())


class PlaceOutput(serializers.Serializer[Any]):
    user_id = serializers.CharField()
    user_name = serializers.CharField()
    is_online = serializers.BooleanField(help_text="Whether the socket is open. Who is not online is gone after a minute")


class RoomInfoOutput(serializers.Serializer[Any]):
    room_id = serializers.CharField()
    users = PlaceOutput(many=True)
    created_at = DateTimeField()


class MeetingInfoOutput(serializers.Serializer[Any]):
    meeting_id = serializers.CharField()
    meeting_name = serializers.CharField(help_text="Its id: meetings have no other name")
    users = PlaceOutput(many=True)
    created_at = DateTimeField()


class LeftOutput(serializers.Serializer[Any]):
    success = serializers.BooleanField()


class _PlacesApi(PublicApi):
    """Both families in the words of the first; `noun` is what a family calls a room."""

    noun: ClassVar = "room"
    asked: ClassVar[type[serializers.Serializer[Any]]] = RoomInput

    def _join(self, request: Request, shape: type[serializers.Serializer[Any]]) -> Response:
        fields = self.parse(self.asked)
        room_id = fields.get(f"{self.noun}_id") or new_id()
        door = _door(request, room_id, fields.get("token"))
        user_name = self.parse(shape)["user_name"]
        PLACES_PER_ADDRESS.take(address_of(request))
        user_id, names = place_take(door, user_name, LINGER)
        return Response({**self._named(room_id), "user_id": user_id, f"users_in_{self.noun}": names})

    def _info(self, request: Request, room_id: str) -> Response:
        roster = room_roster(_door(request, room_id).room)
        users = [
            {"user_id": peer.id, "user_name": peer.profile["username"], "is_online": is_online}
            for peer, is_online in places(roster)
        ]
        created_at = iso(datetime.fromtimestamp(roster.created_at, UTC))
        return Response({**self._named(room_id), "users": users, "created_at": created_at})

    def _leave(self, request: Request, shape: type[serializers.Serializer[Any]]) -> Response:
        fields = self.parse(self.asked)
        door = _door(request, fields.get(f"{self.noun}_id") or "", fields.get("token"))
        place_give_up(door, self.parse(shape)["user_id"])
        return Response({"success": True})

    def _named(self, room_id: str) -> dict[str, str]:
        return {"room_id": room_id}


class RoomJoinApi(_PlacesApi):
    @extend_schema(
        summary="Enter a room, or make one",
        request=RoomJoinInput,
        responses={200: RoomJoinedOutput, 400: RoomFull, 429: TooManyRequests},
        auth=PUBLIC_BUT_FOR_CHANNELS,
    )
    def post(self, request: Request) -> Response:
        return self._join(request, RoomJoinInput)


class RoomInfoApi(_PlacesApi):
    @extend_schema(
        summary="Who is in a room",
        responses={200: RoomInfoOutput, 400: MalformedFrame, 404: RoomNotFound},
        auth=PUBLIC_BUT_FOR_CHANNELS,
    )
    def get(self, request: Request, room_id: str) -> Response:
        return self._info(request, room_id)


class RoomLeaveApi(_PlacesApi):
    parser_classes = LEAVING

    @extend_schema(
        summary="Leave a room",
        request={"application/json": RoomLeaveInput},
        responses={200: LeftOutput, 403: NotYourPlace},
        auth=PUBLIC_BUT_FOR_CHANNELS,
    )
    def post(self, request: Request) -> Response:
        return self._leave(request, RoomLeaveInput)


class _MeetingsApi(_PlacesApi):
    noun = "meeting"
    asked = MeetingInput

    def _named(self, room_id: str) -> dict[str, str]:
        return {"meeting_id": room_id, "meeting_name": room_id}


class MeetingJoinApi(_MeetingsApi):
    @extend_schema(
        summary="Enter a meeting, or make one",
        request=MeetingJoinInput,
        responses={200: MeetingJoinedOutput, 400: RoomFull, 429: TooManyRequests},
        auth=PUBLIC_BUT_FOR_CHANNELS,
    )
    def post(self, request: Request) -> Response:
        return self._join(request, MeetingJoinInput)


class MeetingInfoApi(_MeetingsApi):
    @extend_schema(
        summary="Who is in a meeting",
        responses={200: MeetingInfoOutput, 400: MalformedFrame, 404: RoomNotFound},
        auth=PUBLIC_BUT_FOR_CHANNELS,
    )
    def get(self, request: Request, meeting_id: str) -> Response:
        return self._info(request, meeting_id)


class MeetingLeaveApi(_MeetingsApi):
    parser_classes = LEAVING

    @extend_schema(
        summary="Leave a meeting",
        request={"application/json": MeetingLeaveInput},
        responses={200: LeftOutput, 403: NotYourPlace},
        auth=PUBLIC_BUT_FOR_CHANNELS,
    )
    def post(self, request: Request) -> Response:
        return self._leave(request, MeetingLeaveInput)


def _door(request: Request, room_id: str, token: str | None = None) -> Door:
    scheme, _, told = request.headers.get("Authorization", "").partition(" ")
    return access_named_room(room_id, told.strip() if scheme.lower() == "bearer" else token)
