"""`/api/servers/:id/event-hooks`, `/api/event-hooks/**`."""

from asgiref.sync import async_to_sync
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from integrations.access import NEED, access_event_hook
from integrations.push.deliveries import log, parcel
from integrations.push.pusher import send
from integrations.selectors import delivery_list, event_hook_list
from integrations.serializers import (
    DeliveryOutput,
    EventHookChangeInput,
    EventHookInput,
    EventHookMadeOutput,
    EventHookOutput,
    PingOutput,
)
from integrations.services.event_hooks import PINGS_PER_HOOK, event_hook_create, event_hook_delete, event_hook_update
from projectvoice.kernel.api import Api
from projectvoice.kernel.errors import TooManyRequests
from servers.access import access_server
from servers.api.reason import REASON, because


class EventHookListApi(Api):
    @extend_schema(summary="Event hooks of a server", responses={200: EventHookOutput(many=True)})
    def get(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, need=NEED)
        return Response(EventHookOutput(event_hook_list(access.server), many=True).data)

    @extend_schema(
        summary="Have events pushed to a URL",
        parameters=[REASON],
        request=EventHookInput,
        responses={201: EventHookMadeOutput},
        description="From now on; what its maker may see, by his rights of the moment.",
    )
    def post(self, request: SignedInRequest, server_id: int) -> Response:
        access = access_server(request.user, server_id, need=NEED)
        hook = event_hook_create(access=because(access, request), **self.parse(EventHookInput))
        return Response(EventHookMadeOutput(hook).data, status=201)


class EventHookDetailApi(Api):
    @extend_schema(summary="One event hook", responses={200: EventHookOutput})
    def get(self, request: SignedInRequest, hook_id: int) -> Response:
        return Response(EventHookOutput(access_event_hook(request.user, hook_id)[0]).data)

    @extend_schema(
        summary="Change an event hook",
        parameters=[REASON],
        request=EventHookChangeInput,
        responses={200: EventHookOutput},
        description="What waits is tried at once. Enabled again, it tells what happens from then on.",
    )
    def put(self, request: SignedInRequest, hook_id: int) -> Response:
        hook, access = access_event_hook(request.user, hook_id)
        changes = self.parse(EventHookChangeInput)
        return Response(EventHookOutput(event_hook_update(access=because(access, request), hook=hook, **changes)).data)

    @extend_schema(summary="Delete an event hook", parameters=[REASON], responses={204: None})
    def delete(self, request: SignedInRequest, hook_id: int) -> Response:
        hook, access = access_event_hook(request.user, hook_id)
        event_hook_delete(access=because(access, request), hook=hook)
        return Response(status=204)


class DeliveryListApi(Api):
    @extend_schema(
        summary="What came of the last attempts",
        operation_id="event_hook_deliveries",
        responses={200: DeliveryOutput(many=True)},
        description="Of the last 50, the newest first.",
    )
    def get(self, request: SignedInRequest, hook_id: int) -> Response:
        return Response(DeliveryOutput(delivery_list(access_event_hook(request.user, hook_id)[0]), many=True).data)


class PingApi(Api):
    @extend_schema(
        summary="Try an event hook",
        operation_id="event_hook_ping",
        request=None,
        responses={200: PingOutput, 429: TooManyRequests},
        description="Sends an empty list of events, signed as all, and waits for the answer for 10 s.",
    )
    def post(self, request: SignedInRequest, hook_id: int) -> Response:
        hook, _ = access_event_hook(request.user, hook_id)
        PINGS_PER_HOOK.take(str(hook.pk))
        ping = parcel(hook, [], hook.cursor)
        answer = async_to_sync(send)(ping)
        log(hook, ping, answer)
        return Response(PingOutput(answer).data)
