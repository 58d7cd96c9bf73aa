"""`/api/messages/mentions`."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from messaging.access import channels_readable
from messaging.selectors import mention_list
from messaging.serializers import MessageOutput
from projectvoice.kernel.api import Api
from projectvoice.kernel.pagination import MAX_LIMIT, positive
from projectvoice.kernel.schema import id_in_query, paging
from projectvoice.kernel.serializers import MAX_ID

LIMIT = 50


class MentionListApi(Api):
    @extend_schema(
        summary="Messages that name the caller",
        operation_id="messages_mentions",
        parameters=[id_in_query("before", "Those before this message"), paging(LIMIT)[1]],
        responses={200: MessageOutput(many=True)},
        description="Or call everyone, in the channels that `/api/messages/unread` lists. The newest first.",
    )
    def get(self, request: SignedInRequest) -> Response:
        query = request.query_params
        before, limit = positive(query, "before", MAX_ID), min(positive(query, "limit", LIMIT), MAX_LIMIT)
        return Response(mention_list(request.user, channels_readable(request.user), before, limit))
