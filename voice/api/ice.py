"""`GET /api/voice/ice-servers`: how peers find a way to each other."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.request import SignedInRequest
from projectvoice.kernel.api import Api
from voice.ice import ice_servers


class IceServerOutput(serializers.Serializer[Any]):
    urls = serializers.ListField(child=serializers.CharField())
    username = serializers.CharField(required=False, help_text="Of the relay: until when, and whose")
    credential = serializers.CharField(required=False)


class IceServersOutput(serializers.Serializer[Any]):
    """As RTCPeerConnection takes it."""

    iceServers = IceServerOutput(many=True)
    ttl = serializers.IntegerField(help_text="Seconds that the credentials hold")


class IceServersApi(Api):
    @extend_schema(
        summary="How peers find a way to each other",
        responses={200: IceServersOutput},
        description="Credentials of the relay are the caller's own. They are refused from then on if he is kicked, banned or "
        "blocked, or a session of his ends: who may still talk asks again.",
    )
    def get(self, request: SignedInRequest) -> Response:
        answer = {"iceServers": ice_servers(request.user.pk, request.get_host()), "ttl": settings.TURN_TTL}
        return Response(answer, headers={"Cache-Control": "no-store"})
