"""`/api/messages/**`."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from messaging.access import (
    access_channel_for_writing,
    access_channel_of,
    access_channel_to_moderate,
    access_message,
    access_message_of_mine,
    access_message_to_edit,
)
from messaging.api.reason import told
from messaging.selectors import (
    MessagePage,
    message_page,
    message_posted,
    message_row,
    message_search,
    message_total,
    messages_after,
    messages_before,
    revision_list,
)
from messaging.serializers import (
    BulkDeletedOutput,
    BulkDeleteInput,
    MessageChannelInput,
    MessageEditInput,
    MessageInput,
    MessageOutput,
    MessagePageOutput,
    RevisionOutput,
)
from messaging.services import (
    MESSAGES_PER_USER,
    SEARCHES_PER_USER,
    message_bulk_delete,
    message_delete,
    message_post,
    message_update,
)
from projectvoice.kernel.api import Api
from projectvoice.kernel.errors import InvalidInput, Text, TooManyRequests
from projectvoice.kernel.pagination import Page, page_of, positive
from projectvoice.kernel.schema import id_in_query, paging
from servers.api.reason import REASON

LIMIT = 50
QUERY_LENGTH = 200
NO_QUERY = Text(f"query must be 1 to {QUERY_LENGTH} characters", f"query: нужно от 1 до {QUERY_LENGTH} символов")
QUERY = OpenApiParameter("query", {"type": "string", "minLength": 1, "maxLength": QUERY_LENGTH}, required=True)
DELETED = Text("Messages deleted", "Сообщения удалены")
CHANNEL = id_in_query("channelId", required=True)
PAGING = paging(LIMIT)
CURSORS = [id_in_query("before", "Those before this message"), id_in_query("after", "Those after it")]


def envelope(found: MessagePage, page: Page) -> dict[str, Any]:
    pages = page.pages(found.total)
    return {"messages": found.messages, "total": found.total, "page": page.number, "limit": page.limit, "totalPages": pages}


class MessageListApi(Api):
    @extend_schema(
        summary="Messages of a channel",
        operation_id="messages_page",
        parameters=[CHANNEL, *PAGING, *CURSORS],
        responses={200: MessagePageOutput},
    )
    def get(self, request: SignedInRequest) -> Response:
        query = request.query_params
        channel = access_channel_of(request.user, query.get("channelId"))
        page = page_of(query, limit=LIMIT)
        if "before" in query:
            before = messages_before(channel.pk, positive(query, "before"), page.limit, request.user)
            found = MessagePage(before, message_total(channel.pk))
        elif "after" in query:
            after = messages_after(channel.pk, positive(query, "after"), page.limit, request.user)
            found = MessagePage(after, message_total(channel.pk))
        else:
            found = message_page(channel.pk, page, request.user)
        return Response(envelope(found, page))

    @extend_schema(
        summary="Write a message",
        request=MessageInput,
        responses={200: MessageOutput, 201: MessageOutput, 429: TooManyRequests},
    )
    def post(self, request: SignedInRequest) -> Response:
        entry = access_channel_for_writing(request.user, self.parse(MessageChannelInput)["channel_id"])
        fields = self.parse(MessageInput)
        MESSAGES_PER_USER.take(str(request.user.pk))
        del fields["channel_id"]
        message, is_new = message_post(entry=entry, **fields)
        if not is_new:
            return Response(message_row(message.pk, request.user))
        return Response(message_posted(message, request.user), status=201)


class MessageSearchApi(Api):
    @extend_schema(
        summary="Search a channel",
        operation_id="messages_search",
        parameters=[QUERY, CHANNEL, *PAGING],
        responses={200: MessagePageOutput, 429: TooManyRequests},
    )
    def get(self, request: SignedInRequest) -> Response:
        channel = access_channel_of(request.user, request.query_params.get("channelId"))
        page = page_of(request.query_params, limit=LIMIT)
        query = request.query_params.get("query", "")
        if not query.strip() or len(query) > QUERY_LENGTH or "\0" in query:
            raise InvalidInput(NO_QUERY)
        SEARCHES_PER_USER.take(str(request.user.pk))
        return Response(envelope(message_search(channel.pk, query, page, request.user), page))


class MessageBulkDeleteApi(Api):
    @extend_schema(
        summary="Delete many messages",
        parameters=[REASON],
        request=BulkDeleteInput,
        responses={200: BulkDeletedOutput},
        description="Ids that name no message of the channel are passed over.",
    )
    def post(self, request: SignedInRequest) -> Response:
        entry = access_channel_to_moderate(request.user, self.parse(MessageChannelInput)["channel_id"])
        message_ids = self.parse(BulkDeleteInput)["message_ids"]
        deleted = message_bulk_delete(entry=told(entry, request), message_ids=message_ids)
        return Response({"message": DELETED.to(request.LANGUAGE_CODE), "deleted": deleted})


class MessageDetailApi(Api):
    @extend_schema(summary="One message", responses={200: MessageOutput})
    def get(self, request: SignedInRequest, message_id: int) -> Response:
        message, _ = access_message(request.user, message_id, reading=True)
        return Response(message_row(message.pk, request.user))

    @extend_schema(summary="Edit a message", parameters=[REASON], request=MessageEditInput, responses={200: MessageOutput})
    def put(self, request: SignedInRequest, message_id: int) -> Response:
        message, entry = access_message_to_edit(request.user, message_id)
        message_update(entry=told(entry, request), message=message, **self.parse(MessageEditInput))
        return Response(message_row(message.pk, request.user))

    @extend_schema(summary="Delete a message", parameters=[REASON], responses={204: None})
    def delete(self, request: SignedInRequest, message_id: int) -> Response:
        message, entry = access_message_of_mine(request.user, message_id)
        message_delete(entry=told(entry, request), message=message)
        return Response(status=204)


class MessageHistoryApi(Api):
    @extend_schema(
        summary="What a message said before",
        responses={200: RevisionOutput(many=True)},
        description="What it said before, for its author and moderators.",
    )
    def get(self, request: SignedInRequest, message_id: int) -> Response:
        message, _ = access_message_of_mine(request.user, message_id)
        return Response(RevisionOutput(revision_list(message), many=True).data)
