"""`/api/auth/**`: registration, sign-in, oneself, sessions; and seed 004's `/api/login`."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.entry import must_have_second_factor
from accounts.errors import (
    AccountBlocked,
    BadCredentials,
    NotYourself,
    SecondFactorNeeded,
    SecondFactorRequired,
    UserNotFound,
    WrongCode,
    WrongPassword,
)
from accounts.links import base_of, email_change_tell, email_confirmation_ask
from accounts.models import Session, User
from accounts.request import SignedInRequest
from accounts.selectors import session_list, user_by_id
from accounts.serializers import (
    AccountInput,
    AccountOutput,
    LoginInput,
    MeOutput,
    PasswordChangedOutput,
    PasswordInput,
    PlainLoginInput,
    RegisterInput,
    SessionOutput,
    SignedInOutput,
)
from accounts.services import (
    REGISTER_PER_ADDRESS,
    password_change,
    session_begin,
    session_end,
    session_end_all,
    user_register,
    user_sign_in,
    user_sign_in_by_login,
    user_update,
)
from accounts.tokens import token_for
from projectvoice.kernel.address import address_of
from projectvoice.kernel.api import Api, PublicApi
from projectvoice.kernel.errors import Text, TooManyRequests

PASSWORD_CHANGED = Text("Password changed", "Пароль изменён")


def signed_in(request: Request, user: User) -> dict[str, object]:
    session = session_begin(user=user, user_agent=request.headers.get("User-Agent", ""), address=address_of(request))
    return {"token": token_for(session), "user": AccountOutput(user).data}


class RegisterApi(PublicApi):
    @extend_schema(summary="Sign up", request=RegisterInput, responses={201: SignedInOutput, 429: TooManyRequests})
    def post(self, request: Request) -> Response:
        fields = self.parse(RegisterInput)
        REGISTER_PER_ADDRESS.take(address_of(request))
        user = user_register(**fields)
        email_confirmation_ask(user=user, base=base_of(request), language=request.LANGUAGE_CODE)
        return Response(signed_in(request, user), status=201)


class LoginApi(PublicApi):
    @extend_schema(
        summary="Sign in",
        request=LoginInput,
        responses={
            200: SignedInOutput,
            400: (WrongPassword, WrongCode),
            403: (AccountBlocked, SecondFactorNeeded),
            404: UserNotFound,
            429: TooManyRequests,
        },
    )
    def post(self, request: Request) -> Response:
        user = user_sign_in(**self.parse(LoginInput), address=address_of(request))
        return Response(signed_in(request, user))


class PlainLoginApi(PublicApi):
    @extend_schema(
        summary="Sign in by e-mail or username",
        request=PlainLoginInput,
        responses={
            200: SignedInOutput,
            400: WrongCode,
            401: BadCredentials,
            403: (AccountBlocked, SecondFactorNeeded),
            429: TooManyRequests,
        },
    )
    def post(self, request: Request) -> Response:
        user = user_sign_in_by_login(**self.parse(PlainLoginInput), address=address_of(request))
        return Response(signed_in(request, user))


class MeApi(Api):
    entering = True

    @extend_schema(summary="The caller's account", responses={200: MeOutput})
    def get(self, request: SignedInRequest) -> Response:
        return Response(MeOutput(request.user).data)


class OwnAccountApi(Api):
    """Open before one's e-mail is confirmed: it may have been written wrong."""

    entering = True

    @extend_schema(
        summary="Change one's name or e-mail",
        request=AccountInput,
        responses={200: MeOutput, 403: (NotYourself, SecondFactorRequired)},
    )
    def put(self, request: SignedInRequest, user_id: int) -> Response:
        must_have_second_factor(request.user)
        user = access_oneself(request.user, user_id)
        changes = self.parse(AccountInput)
        user = user_update(user=user, **changes)
        if "email" in changes:
            email_change_tell(user=user, before=request.user.email, base=base_of(request), language=request.LANGUAGE_CODE)
        return Response(MeOutput(user).data)


class OwnPasswordApi(Api):
    @extend_schema(
        summary="Change one's password; all other sessions end",
        request=PasswordInput,
        responses={200: PasswordChangedOutput, 400: WrongPassword, 403: NotYourself, 429: TooManyRequests},
    )
    def put(self, request: SignedInRequest, user_id: int) -> Response:
        user = access_oneself(request.user, user_id)
        password_change(user=user, keep=request.auth, **self.parse(PasswordInput))
        token = token_for(Session.objects.get(pk=request.auth))
        return Response({"message": PASSWORD_CHANGED.to(request.LANGUAGE_CODE), "token": token})


def access_oneself(user: User, user_id: int) -> User:
    if user_by_id(user_id) != user:
        raise NotYourself
    return user


class SessionListApi(Api):
    @extend_schema(summary="Sessions of the caller", responses={200: SessionOutput(many=True)})
    def get(self, request: SignedInRequest) -> Response:
        return Response(SessionOutput(session_list(request.user), many=True, context={"current": request.auth}).data)

    @extend_schema(
        summary="Sign out everywhere",
        operation_id="session_end_all",
        responses={204: None},
        description="Log out everywhere, here included.",
    )
    def delete(self, request: SignedInRequest) -> Response:
        session_end_all(user=request.user)
        return Response(status=204)


class SessionDetailApi(Api):
    @extend_schema(summary="End one session", responses={204: None})
    def delete(self, request: SignedInRequest, session_id: UUID) -> Response:
        session_end(user=request.user, session_id=session_id)
        return Response(status=204)


class CurrentSessionApi(Api):
    entering = True

    @extend_schema(summary="Sign out", operation_id="session_end_current", responses={204: None})
    def delete(self, request: SignedInRequest) -> Response:
        session_end(user=request.user, session_id=request.auth)
        return Response(status=204)
