"""`/api/attachments/**`."""

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from accounts.request import SignedInRequest
from messaging.access import access_channel_for_writing
from messaging.attachments.access import access_file, access_upload
from messaging.attachments.selectors import attachment_row
from messaging.attachments.services import UPLOADS_PER_USER, attachment_delete, attachment_upload
from messaging.attachments.serving import file_response
from messaging.errors import LinkRefused, RangeNotSatisfiable
from messaging.serializers import AttachmentInput, AttachmentOutput, UploadChannelInput
from projectvoice.kernel.api import Api
from projectvoice.kernel.errors import TooManyRequests
from servers.permissions import Permission


class AttachmentListApi(Api):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        summary="Upload a file",
        request={"multipart/form-data": AttachmentInput},
        responses={201: AttachmentOutput, 429: TooManyRequests},
        description="The upload waits for a message to name it in `attachmentIds`, for a day.",
    )
    def post(self, request: SignedInRequest) -> Response:
        channel_id = self.parse(UploadChannelInput)["channel_id"]
        channel = access_channel_for_writing(request.user, channel_id, also=Permission.ATTACH_FILES).channel
        file = self.parse(AttachmentInput)["file"]
        UPLOADS_PER_USER.take(str(request.user.pk))
        return Response(attachment_row(attachment_upload(channel=channel, user=request.user, file=file)), status=201)


class AttachmentDetailApi(Api):
    @extend_schema(
        summary="Take an upload back", responses={204: None}, description="One's own upload that no message has taken."
    )
    def delete(self, request: SignedInRequest, attachment_id: int) -> Response:
        attachment_delete(attachment=access_upload(request.user, attachment_id))
        return Response(status=204)


class AttachmentFileApi(Api):
    permission_classes = (AllowAny,)  # a signed link opens it too: the door decides

    @extend_schema(
        summary="The file",
        operation_id="attachments_file",
        parameters=[
            OpenApiParameter("expires", int),
            OpenApiParameter("signature", str),
            OpenApiParameter("Range", str, OpenApiParameter.HEADER),
        ],
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            (206, "application/octet-stream"): OpenApiTypes.BINARY,
            302: OpenApiResponse(description="To the bucket that holds the file"),
            403: LinkRefused,
            416: RangeNotSatisfiable,
        },
        description="With a token, or by the link in `url`. Images, sounds and films are shown, all else is downloaded.",
    )
    def get(self, request: SignedInRequest, attachment_id: int, filename: str) -> HttpResponseBase:
        attachment = access_file(request.user, attachment_id, filename, request.query_params)
        # We give out no validator that an If-Range could repeat, so one that comes is to be answered with all of it.
        asked_range = "" if "If-Range" in request.headers else request.headers.get("Range", "")
        return file_response(attachment, method=request.method or "GET", asked_range=asked_range)
