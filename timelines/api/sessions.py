"""`/api/voice/sessions`."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from projectvoice.kernel.api import Api
from projectvoice.kernel.pagination import envelope, page_of, positive
from projectvoice.kernel.schema import id_in_query, paging
from timelines.access import access_session, access_sessions_in
from timelines.selectors import sessions_page, timeline_of
from timelines.serializers import TimelineOutput, VoiceSessionPageOutput

LIMIT = 20


class VoiceSessionListApi(Api):
    @extend_schema(
        summary="One's voice sessions",
        operation_id="voice_sessions",
        parameters=[*paging(LIMIT), id_in_query("channelId", "Everybody's in this channel; needs VIEW_AUDIT_LOG there")],
        responses={200: VoiceSessionPageOutput},
        description="The newest first, of the last `VOICE_TIMELINES_KEPT_DAYS`. Each is one stay of one connection in one voice "
        "channel; a new one is here after some seconds.",
    )
    def get(self, request: SignedInRequest) -> Response:
        query = request.query_params
        channel_id = positive(query, "channelId") if "channelId" in query else None
        if channel_id is not None:
            access_sessions_in(request.user, channel_id)
        page = page_of(query, limit=LIMIT)
        sessions, total = sessions_page(page, user_id=request.user.pk, channel_id=channel_id)
        return Response(VoiceSessionPageOutput(envelope("sessions", sessions, total, page)).data)


class TimelineApi(Api):
    @extend_schema(
        summary="What happened in a call",
        operation_id="voice_session_timeline",
        responses={200: TimelineOutput},
        description="As one participant met it: who came and went, offers, answers and the types of candidates, states, and why "
        "it ended. No SDP, no addresses. For himself, for holders of VIEW_AUDIT_LOG on the server, and for moderators of the "
        "instance. The kinds are described in docs/protocols/projectvoice.md.",
    )
    def get(self, request: SignedInRequest, session_id: UUID) -> Response:
        return Response(TimelineOutput(timeline_of(access_session(request.user, session_id))).data)
