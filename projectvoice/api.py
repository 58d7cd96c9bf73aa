"""What the instance says of itself: health, readiness, information."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from drf_spectacular.utils import extend_schema
from redis.exceptions import RedisError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projectvoice import __version__
from projectvoice.kernel.api import PublicApi
from projectvoice.kernel.draining import draining
from projectvoice.kernel.errors import Text, Unavailable
from projectvoice.kernel.serializers import iso

# The palette that the web client of seed 002 turns into CSS variables.
STYLES = {
    "blurple": "#5865F2",
    "green": "#57F287",
    "yellow": "#FEE75C",
    "fuchsia": "#EB459E",
    "red": "#ED4245",
    "white": "#FFFFFF",
    "black": "#000000",
    "grey": "#99AAB5",
    "darkGrey": "#2C2F33",
    "darkerGrey": "#23272A",
}


class HealthOutput(serializers.Serializer[Any]):
    service = serializers.CharField()
    status = serializers.CharField()
    server_time = serializers.DateTimeField()


class ReadyOutput(serializers.Serializer[Any]):
    status = serializers.CharField()


class InfoOutput(serializers.Serializer[Any]):
    status = serializers.CharField()
    app = serializers.CharField()
    version = serializers.CharField()
    styles = serializers.DictField(child=serializers.CharField())
    timestamp = serializers.DateTimeField()


def _refuse_when_draining() -> None:
    if draining.is_set():
        raise Unavailable(Text("This process is being stopped", "Этот процесс останавливается"))


class HealthApi(PublicApi):
    """The process lives, and is not about to end. Asks nobody else, so that a slow database gets it neither restarted nor avoided."""

    @extend_schema(summary="Does the process live", responses={200: HealthOutput})
    def get(self, request: Request) -> Response:
        _refuse_when_draining()
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return Response({"service": "webrtc-signaling-server", "status": "ok", "server_time": now})


class ReadyApi(PublicApi):
    """The process can work: the database and Valkey answer, and it is not about to end. 503 otherwise."""

    @extend_schema(summary="Can the process work", responses={200: ReadyOutput})
    def get(self, request: Request) -> Response:
        _refuse_when_draining()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        try:
            cache.get("ready")
        except (RedisError, OSError) as error:
            raise Unavailable(Text("Valkey does not answer", "Valkey не отвечает")) from error
        return Response({"status": "ready"})


class InfoApi(PublicApi):
    @extend_schema(summary="Name, version and palette", responses={200: InfoOutput})
    def get(self, request: Request) -> Response:
        now = iso(datetime.now(UTC))
        about = {"status": "success", "app": settings.SPECTACULAR_SETTINGS["TITLE"], "version": __version__}
        return Response({**about, "styles": STYLES, "timestamp": now})
