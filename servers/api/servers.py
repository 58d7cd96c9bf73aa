"""`/api/servers` and `/api/servers/:id`."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from projectvoice.kernel.api import Api
from servers.access import access_server
from servers.api.reason import REASON, because
from servers.permissions import Permission
from servers.selectors import server_document, server_list
from servers.serializers import ServerInput, ServerOutput
from servers.services.servers import server_create, server_remove, server_update


class ServerListApi(Api):
    @extend_schema(summary="Servers the caller is a member of", responses={200: ServerOutput(many=True)})
    def get(self, request: SignedInRequest) -> Response:
        return Response(server_list(request.user))

    @extend_schema(summary="Create a server", request=ServerInput, responses={201: ServerOutput})
    def post(self, request: SignedInRequest) -> Response:
        server = server_create(owner=request.user, **self.parse(ServerInput))
        return Response(server_document(request.user, server.pk), status=201)


class ServerDetailApi(Api):
    @extend_schema(summary="One server", responses={200: ServerOutput})
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access_server(request.user, server_id, reading=True)
        return Response(server_document(request.user, server_id))

    @extend_schema(
        summary="Change a server", parameters=[REASON], request=ServerInput(partial=True), responses={200: ServerOutput}
    )
    def put(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, need=Permission.MANAGE_GUILD)
        server_update(access=because(access, request), **self.parse(ServerInput, partial=True))
        return Response(server_document(request.user, server_id))

    @extend_schema(summary="Delete a server", parameters=[REASON], responses={204: None})
    def delete(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, need=Permission.ADMINISTRATOR)
        server_remove(access=because(access, request))
        return Response(status=204)
