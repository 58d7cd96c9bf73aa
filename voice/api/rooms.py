"""`GET /rooms` of seed 000: open rooms and who is in them. A voice channel's roster is not public."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projectvoice.kernel.api import PublicApi
from voice.transports import desk


class RoomsOutput(serializers.Serializer[Any]):
    rooms = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    total_rooms = serializers.IntegerField()
    total_users = serializers.IntegerField()


class RoomsApi(PublicApi):
    @extend_schema(summary="Open rooms and who is in them", responses={200: RoomsOutput})
    def get(self, request: Request) -> Response:
        rooms = {
            room.name: [str(seat.peer.profile["username"]) for seat in roster.seated]
            for room, roster in desk.rosters().items()
            if roster.seated
        }
        return Response({"rooms": rooms, "total_rooms": len(rooms), "total_users": sum(map(len, rooms.values()))})
