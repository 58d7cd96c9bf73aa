"""`GET /api/voice/doctor`: what stands between this instance and a call."""

from typing import Final

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import GlobalRole
from accounts.request import SignedInRequest
from moderation.access import access_admin
from moderation.errors import StaffOnly
from projectvoice.kernel.api import Api
from projectvoice.kernel.errors import InvalidInput, Text, TooManyRequests
from projectvoice.kernel.limits import Limit
from selfhost.doctor.case import Public, case_of
from selfhost.doctor.examine import examined
from selfhost.serializers import DoctorOutput

NO_ADDRESS: Final = Text("The header Host is no address", "Заголовок Host — не адрес")
EXAMINATIONS: Final = Limit("voice-doctor", most=10, window=60)


class VoiceDoctorApi(Api):
    @extend_schema(
        summary="What stands between this instance and a call",
        operation_id="voice_doctor",
        description="Tries the page, its WebSockets and the relay by the address in the header Host, as browsers would, and "
        "names the setting to change. Takes up to ten seconds. For global moderators and administrators.",
        responses={200: DoctorOutput, 400: InvalidInput, 403: StaffOnly, 429: TooManyRequests},
    )
    def get(self, request: SignedInRequest) -> Response:
        access_admin(request.user, GlobalRole.MODERATOR)
        EXAMINATIONS.take(str(request.user.pk))
        forwarded_https = not request.is_secure() and request.headers.get("X-Forwarded-Proto", "") == "https"
        report = examined(case_of(called(request), forwarded_https=forwarded_https))
        return Response(DoctorOutput(report).data, headers={"Cache-Control": "no-store"})


def called(request: Request) -> Public:
    """By the name that ALLOWED_HOSTS has admitted already."""
    try:
        return Public.of(f"{request.scheme}://{request.get_host()}")
    except ValueError as problem:
        raise InvalidInput(NO_ADDRESS) from problem
