"""`/api/bots/**`: a person's bots and their tokens; `/api/servers/:id/bots`."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import Session
from accounts.request import SignedInRequest
from integrations.access import access_bot, access_bot_itself, access_bot_to_add
from integrations.errors import BotNotFound
from integrations.selectors import bot_list, token_list
from integrations.serializers import (
    BotAddInput,
    BotInput,
    BotItselfOutput,
    BotOutput,
    BotTokenInput,
    BotTokenMadeOutput,
    BotTokenOutput,
)
from integrations.services.bots import bot_add, bot_create, bot_delete, bot_token_create, bot_token_revoke, bot_update
from projectvoice.kernel.api import Api
from servers.access import access_server
from servers.api.reason import REASON, because
from servers.errors import UserBanned
from servers.permissions import Permission
from servers.selectors import member_document
from servers.serializers import MemberOutput


class BotListApi(Api):
    @extend_schema(summary="The caller's bots", responses={200: BotOutput(many=True)})
    def get(self, request: SignedInRequest) -> Response:
        return Response(BotOutput(bot_list(request.user), many=True).data)

    @extend_schema(summary="Make a bot", request=BotInput, responses={201: BotOutput})
    def post(self, request: SignedInRequest) -> Response:
        return Response(BotOutput(bot_create(owner=request.user, **self.parse(BotInput))).data, status=201)


class BotItselfApi(Api):
    @extend_schema(
        summary="The bot that asks",
        operation_id="bot_own",
        responses={200: BotItselfOutput, 404: BotNotFound},
        description="For a bot's token, whatever its scopes. People get 404.",
    )
    def get(self, request: SignedInRequest) -> Response:
        bot = access_bot_itself(request.user)
        scopes = Session.objects.get(pk=request.auth).scopes
        return Response(BotOutput(bot).data | {"scopes": scopes})


class BotDetailApi(Api):
    @extend_schema(summary="One of the caller's bots", responses={200: BotOutput})
    def get(self, request: SignedInRequest, bot_id: int) -> Response:
        return Response(BotOutput(access_bot(request.user, bot_id)).data)

    @extend_schema(summary="Change a bot", request=BotInput(partial=True), responses={200: BotOutput})
    def put(self, request: SignedInRequest, bot_id: int) -> Response:
        bot = access_bot(request.user, bot_id)
        return Response(BotOutput(bot_update(bot=bot, **self.parse(BotInput, partial=True))).data)

    @extend_schema(
        summary="Delete a bot",
        responses={204: None},
        description="Its tokens end at once; its messages stay without an author.",
    )
    def delete(self, request: SignedInRequest, bot_id: int) -> Response:
        bot_delete(bot=access_bot(request.user, bot_id))
        return Response(status=204)


class BotTokenListApi(Api):
    @extend_schema(summary="Tokens of a bot", operation_id="bot_tokens_list", responses={200: BotTokenOutput(many=True)})
    def get(self, request: SignedInRequest, bot_id: int) -> Response:
        return Response(BotTokenOutput(token_list(access_bot(request.user, bot_id)), many=True).data)

    @extend_schema(
        summary="Make a token",
        operation_id="bot_tokens_create",
        request=BotTokenInput,
        responses={201: BotTokenMadeOutput},
        description="The token is shown this once. Without `expiresAt` it holds until it is revoked.",
    )
    def post(self, request: SignedInRequest, bot_id: int) -> Response:
        bot = access_bot(request.user, bot_id)
        session, token = bot_token_create(bot=bot, **self.parse(BotTokenInput))
        return Response(BotTokenOutput(session).data | {"token": token}, status=201)


class BotTokenDetailApi(Api):
    @extend_schema(
        summary="Revoke a token", operation_id="bot_tokens_destroy", responses={204: None}, description="Its sockets close."
    )
    def delete(self, request: SignedInRequest, bot_id: int, token_id: UUID) -> Response:
        bot_token_revoke(bot=access_bot(request.user, bot_id), token_id=token_id)
        return Response(status=204)


class BotAddApi(Api):
    @extend_schema(
        summary="Add a bot to a server",
        operation_id="server_bot_add",
        parameters=[REASON],
        request=BotAddInput,
        responses={201: MemberOutput, 403: UserBanned},
        description="One's own or a public one. It leaves as members do.",
    )
    def post(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, need=Permission.MANAGE_GUILD)
        fields = self.parse(BotAddInput)
        bot = access_bot_to_add(request.user, fields.pop("bot_id"))
        member = bot_add(access=because(access, request), bot=bot, **fields)
        return Response(member_document(member), status=201)
