"""`GET /api/voice/ice-servers`: how peers find a way to each other."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.request import SignedInRequest
from projectvoice.kernel.api import Api

TTL = 3600  # seconds until a client should ask again


class IceServerOutput(serializers.Serializer[Any]):
    urls = serializers.ListField(child=serializers.CharField())


class IceServersOutput(serializers.Serializer[Any]):
    """As RTCPeerConnection takes it; STUN only, until the relay exists."""

    iceServers = IceServerOutput(many=True)
    ttl = serializers.IntegerField()


class IceServersApi(Api):
    @extend_schema(summary="How peers find a way to each other", responses={200: IceServersOutput})
    def get(self, request: SignedInRequest) -> Response:
        servers = [{"urls": settings.STUN_URLS}] if settings.STUN_URLS else []
        return Response({"iceServers": servers, "ttl": TTL})
