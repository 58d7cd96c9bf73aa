"""`/api/auth/two-factor/**`: the second factor of the caller, and the second half of a sign-in."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.auth import signed_in
from accounts.enrolment import recovery_codes_renew, two_factor_disable, two_factor_enable, two_factor_offer
from accounts.errors import AccountBlocked, EnrolledAlready, NotEnrolled, SignInLapsed, WrongCode, WrongPassword
from accounts.request import SignedInRequest
from accounts.serializers import (
    CodeInput,
    OfferOutput,
    OwnPasswordInput,
    PasswordAndCodeInput,
    RecoveryCodesOutput,
    SignedInOutput,
    TicketInput,
    TwoFactorOutput,
)
from accounts.services import user_sign_in_by_ticket
from accounts.two_factor import is_enrolled, required_of
from projectvoice.kernel.api import Api, PublicApi
from projectvoice.kernel.errors import TooManyRequests


class OwnTwoFactorApi(Api):
    """Open to those who have yet to set it up."""

    entering = True


class TwoFactorApi(OwnTwoFactorApi):
    @extend_schema(summary="The caller's second factor", operation_id="two_factor", responses={200: TwoFactorOutput})
    def get(self, request: SignedInRequest) -> Response:
        user = request.user
        left = user.recovery_codes.count()
        status = {"enabled": is_enrolled(user), "recovery_codes_left": left, "required": required_of(user)}
        return Response(TwoFactorOutput(status).data)


class TwoFactorSetupApi(OwnTwoFactorApi):
    @extend_schema(
        summary="A secret for an authenticator app",
        operation_id="two_factor_setup",
        description="It counts only when `enable` is told a code of it; asked again, there is another one.",
        request=OwnPasswordInput,
        responses={200: OfferOutput, 400: (WrongPassword, EnrolledAlready), 429: TooManyRequests},
    )
    def post(self, request: SignedInRequest) -> Response:
        return Response(OfferOutput(two_factor_offer(user=request.user, **self.parse(OwnPasswordInput))).data)


class TwoFactorEnableApi(OwnTwoFactorApi):
    @extend_schema(
        summary="Turn two-factor authentication on",
        operation_id="two_factor_enable",
        description="Every other session ends.",
        request=CodeInput,
        responses={200: RecoveryCodesOutput, 400: (WrongCode, EnrolledAlready), 429: TooManyRequests},
    )
    def post(self, request: SignedInRequest) -> Response:
        codes = two_factor_enable(user=request.user, keep=request.auth, **self.parse(CodeInput))
        return Response({"recoveryCodes": codes})


class TwoFactorDisableApi(OwnTwoFactorApi):
    @extend_schema(
        summary="Turn two-factor authentication off",
        operation_id="two_factor_disable",
        description="Every other session ends. Where the instance requires it, the next thing to do is to set it up anew.",
        request=PasswordAndCodeInput,
        responses={204: None, 400: (WrongPassword, NotEnrolled, WrongCode), 429: TooManyRequests},
    )
    def post(self, request: SignedInRequest) -> Response:
        two_factor_disable(user=request.user, keep=request.auth, **self.parse(PasswordAndCodeInput))
        return Response(status=204)


class RecoveryCodesApi(OwnTwoFactorApi):
    @extend_schema(
        summary="New recovery codes",
        operation_id="recovery_codes_renew",
        description="The old ones are void.",
        request=PasswordAndCodeInput,
        responses={200: RecoveryCodesOutput, 400: (WrongPassword, NotEnrolled, WrongCode), 429: TooManyRequests},
    )
    def post(self, request: SignedInRequest) -> Response:
        return Response({"recoveryCodes": recovery_codes_renew(user=request.user, **self.parse(PasswordAndCodeInput))})


class TwoFactorLoginApi(PublicApi):
    @extend_schema(
        summary="Sign in, second half",
        operation_id="two_factor_login",
        description="With the ticket of the 403 that `login` answered.",
        request=TicketInput,
        responses={200: SignedInOutput, 400: (WrongCode, SignInLapsed), 403: AccountBlocked, 429: TooManyRequests},
    )
    def post(self, request: Request) -> Response:
        return Response(signed_in(request, user_sign_in_by_ticket(**self.parse(TicketInput))))
