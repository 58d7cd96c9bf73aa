"""`/api/auth/password/**` and `/api/auth/email/**`: what goes by mail."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import EmailConfirmedAlready, TicketSpent
from accounts.links import base_of, email_confirm, email_confirmation_send, password_forgot, password_reset
from accounts.request import SignedInRequest
from accounts.serializers import EmailConfirmInput, ForgotInput, ResetInput
from projectvoice.kernel.address import address_of
from projectvoice.kernel.api import Api, PublicApi
from projectvoice.kernel.errors import Text, TooManyRequests
from projectvoice.kernel.serializers import NoticeOutput

FORGOTTEN = Text("If there is such an account, a letter is on its way", "Если такая учётная запись есть, письмо уже в пути")
RESET = Text("Password changed, sign in with it", "Пароль изменён, войдите с ним")
CONFIRMED = Text("E-mail address confirmed", "Адрес e-mail подтверждён")
SENT = Text("A letter is on its way", "Письмо уже в пути")


class PasswordForgotApi(PublicApi):
    @extend_schema(
        summary="Ask for a link to a new password",
        operation_id="password_forgot",
        description="The same answer whether there is such an account or not.",
        request=ForgotInput,
        responses={200: NoticeOutput, 429: TooManyRequests},
    )
    def post(self, request: Request) -> Response:
        language = request.LANGUAGE_CODE
        password_forgot(**self.parse(ForgotInput), address=address_of(request), base=base_of(request), language=language)
        return Response({"message": FORGOTTEN.to(language)})


class PasswordResetApi(PublicApi):
    @extend_schema(
        summary="Set a new password by a link",
        operation_id="password_reset",
        description="Every session ends. Two-factor authentication stays as it is.",
        request=ResetInput,
        responses={200: NoticeOutput, 400: TicketSpent},
    )
    def post(self, request: Request) -> Response:
        password_reset(**self.parse(ResetInput))
        return Response({"message": RESET.to(request.LANGUAGE_CODE)})


class EmailConfirmApi(PublicApi):
    @extend_schema(
        summary="Confirm an e-mail address by a link",
        operation_id="email_confirm",
        request=EmailConfirmInput,
        responses={200: NoticeOutput, 400: TicketSpent},
    )
    def post(self, request: Request) -> Response:
        email_confirm(**self.parse(EmailConfirmInput))
        return Response({"message": CONFIRMED.to(request.LANGUAGE_CODE)})


class EmailSendApi(Api):
    entering = True

    @extend_schema(
        summary="Ask for a link that confirms one's e-mail",
        operation_id="email_send",
        request=None,
        responses={200: NoticeOutput, 400: EmailConfirmedAlready, 429: TooManyRequests},
    )
    def post(self, request: SignedInRequest) -> Response:
        language = request.LANGUAGE_CODE
        email_confirmation_send(user=request.user, base=base_of(request), language=language)
        return Response({"message": SENT.to(language)})
