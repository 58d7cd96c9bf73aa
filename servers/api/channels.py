"""`/api/servers/:serverId/channels/**`."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from projectvoice.kernel.api import Api
from servers.access import access_channel, access_server
from servers.permissions import Permission, Rank
from servers.selectors import channel_list
from servers.serializers import ChannelInput, ChannelOutput
from servers.services.channels import channel_create, channel_delete, channel_update


class ChannelListApi(Api):
    @extend_schema(responses={200: ChannelOutput(many=True)})
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, need=Permission.VIEW_CHANNEL, reading=True)
        return Response(ChannelOutput(channel_list(access.server), many=True).data)

    @extend_schema(request=ChannelInput, responses={201: ChannelOutput})
    def post(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, need=Permission.MANAGE_CHANNELS, or_rank=Rank.MODERATOR)
        channel = channel_create(server=access.server, **self.parse(ChannelInput))
        return Response(ChannelOutput(channel).data, status=201)


class ChannelDetailApi(Api):
    @extend_schema(responses={200: ChannelOutput})
    def get(self, request: SignedInRequest, server_id: int, channel_id: int) -> Response:
        channel, _ = access_channel(request.user, channel_id, server_id=server_id, reading=True)
        return Response(ChannelOutput(channel).data)

    @extend_schema(request=ChannelInput, responses={200: ChannelOutput})
    def put(self, request: SignedInRequest, server_id: int, channel_id: int) -> Response:
        channel, _ = access_channel(
            request.user, channel_id, server_id=server_id, need=Permission.MANAGE_CHANNELS, or_rank=Rank.MODERATOR
        )
        return Response(ChannelOutput(channel_update(channel=channel, **self.parse(ChannelInput, partial=True))).data)

    @extend_schema(responses={204: None})
    def delete(self, request: SignedInRequest, server_id: int, channel_id: int) -> Response:
        channel, _ = access_channel(
            request.user, channel_id, server_id=server_id, need=Permission.MANAGE_CHANNELS, or_rank=Rank.MODERATOR
        )
        channel_delete(channel=channel)
        return Response(status=204)
