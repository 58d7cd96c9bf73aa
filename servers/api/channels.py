"""`/api/servers/:serverId/channels/**` and `…/categories/**`."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from projectvoice.kernel.api import Api
from servers.access import Access, access_category, access_channel, access_server, require
from servers.api.reason import REASON, because
from servers.permissions import Permission, Rank
from servers.selectors import category_list, channel_document, channel_list
from servers.serializers import (
    CategoryInput,
    CategoryOutput,
    ChannelInput,
    ChannelOrderInput,
    ChannelOutput,
)
from servers.services.channels import (
    category_create,
    category_delete,
    category_update,
    channel_create,
    channel_delete,
    channel_update,
    channels_arrange,
)


def access_to_build(request: SignedInRequest, server_id: int) -> Access:
    """Who may make and arrange channels."""
    access = access_server(request.user, server_id, need=Permission.MANAGE_CHANNELS, or_rank=Rank.MODERATOR)
    return because(access, request)


def access_to_change(request: SignedInRequest, server_id: int, channel_id: int) -> Access:
    _, access = access_channel(
        request.user, channel_id, server_id=server_id, need=Permission.MANAGE_CHANNELS, or_rank=Rank.MODERATOR
    )
    return because(access, request)


class ChannelListApi(Api):
    @extend_schema(
        summary="Channels of a server", responses={200: ChannelOutput(many=True)}, description="The channels the caller sees."
    )
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        return Response(channel_list(access_server(request.user, server_id, reading=True)))

    @extend_schema(summary="Create a channel", parameters=[REASON], request=ChannelInput, responses={201: ChannelOutput})
    def post(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_to_build(request, server_id)
        channel = channel_create(access=access, **self.parse(ChannelInput))
        return Response(channel_document(channel), status=201)


class ChannelOrderApi(Api):
    @extend_schema(
        summary="Arrange channels",
        parameters=[REASON],
        operation_id="channel_order",
        request=ChannelOrderInput,
        responses={200: ChannelOutput(many=True)},
        description="Move channels, all of them or none: to a position, and with `categoryId` under a category (null: none).",
    )
    def put(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_to_build(request, server_id)
        channels_arrange(access=access, places=self.parse(ChannelOrderInput)["channels"])
        return Response(channel_list(access))


class ChannelDetailApi(Api):
    @extend_schema(summary="One channel", responses={200: ChannelOutput})
    def get(self, request: SignedInRequest, server_id: int, channel_id: int) -> Response:
        channel, _ = access_channel(request.user, channel_id, server_id=server_id, reading=True)
        return Response(channel_document(channel))

    @extend_schema(
        summary="Change a channel", parameters=[REASON], request=ChannelInput(partial=True), responses={200: ChannelOutput}
    )
    def put(self, request: SignedInRequest, server_id: int, channel_id: int) -> Response:
        access = access_to_change(request, server_id, channel_id)
        return Response(channel_document(channel_update(access=access, **self.parse(ChannelInput, partial=True))))

    @extend_schema(summary="Delete a channel", parameters=[REASON], responses={204: None})
    def delete(self, request: SignedInRequest, server_id: int, channel_id: int) -> Response:
        channel_delete(access=access_to_change(request, server_id, channel_id))
        return Response(status=204)


class CategoryListApi(Api):
    @extend_schema(summary="Categories of a server", responses={200: CategoryOutput(many=True)})
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        return Response(category_list(access_server(request.user, server_id, reading=True)))

    @extend_schema(summary="Create a category", parameters=[REASON], request=CategoryInput, responses={201: CategoryOutput})
    def post(self, request: SignedInRequest, server_id: int) -> Response:
        category = category_create(access=access_to_build(request, server_id), **self.parse(CategoryInput))
        return Response(CategoryOutput(category).data, status=201)


class CategoryDetailApi(Api):
    @extend_schema(
        summary="Change a category", parameters=[REASON], request=CategoryInput(partial=True), responses={200: CategoryOutput}
    )
    def put(self, request: SignedInRequest, server_id: int, category_id: int) -> Response:
        access = access_server(request.user, server_id)
        category = access_category(access, category_id)
        access = because(require(access, Permission.MANAGE_CHANNELS, Rank.MODERATOR), request)
        category = category_update(access=access, category=category, **self.parse(CategoryInput, partial=True))
        return Response(CategoryOutput(category).data)

    @extend_schema(
        summary="Delete a category",
        parameters=[REASON],
        responses={204: None},
        description="Its channels stay, under no category.",
    )
    def delete(self, request: SignedInRequest, server_id: int, category_id: int) -> Response:
        access = access_server(request.user, server_id)
        category = access_category(access, category_id)
        access = because(require(access, Permission.MANAGE_CHANNELS, Rank.MODERATOR), request)
        category_delete(access=access, category=category)
        return Response(status=204)
