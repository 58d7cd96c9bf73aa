"""The base of every REST endpoint: signed in unless it says otherwise, input through one serializer."""

from functools import cache
from typing import Any

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from projectvoice.kernel.errors import InvalidInput, Text
from telemetry.context import note

NOT_AN_OBJECT = Text("The body must be a JSON object", "Тело запроса должно быть объектом JSON")


class Api(APIView):
    """Each verb first passes the doors (401, 404, 403), then calls `parse` (400): the order is contract."""

    entering = False
    """Open to those who are signed in but have yet to do what the instance requires of every account."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if "server_id" in kwargs:
            note(serverId=kwargs["server_id"])
        super().initial(request, *args, **kwargs)

    def parse(self, shape: type[Serializer[Any]], *, partial: bool = False) -> dict[str, Any]:
        """The request's body as `shape` reads it. Unknown fields are ignored; with `partial` none is required."""
        if not isinstance(self.request.data, dict):
            raise InvalidInput(NOT_AN_OBJECT)
        return dict(_reader(shape, partial).run_validation(self.request.data))


@cache
def _reader(shape: type[Serializer[Any]], partial: bool) -> Serializer[Any]:
    """One for all requests: a serializer copies its fields when it is made, which costs more than reading by them."""
    return shape(partial=partial)


class GuestApi(Api):
    """Open to all. Whoever brings a token is known by it, so a bad one is refused."""

    permission_classes = (AllowAny,)


class PublicApi(Api):
    authentication_classes = ()  # a stale token must not close a public door
    permission_classes = (AllowAny,)
