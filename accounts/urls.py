from django.urls import path

from accounts.api.auth import (
    CurrentSessionApi,
    LoginApi,
    MeApi,
    OwnAccountApi,
    OwnPasswordApi,
    PlainLoginApi,
    RegisterApi,
    SessionDetailApi,
    SessionListApi,
)
from accounts.api.recovery import EmailConfirmApi, EmailSendApi, PasswordForgotApi, PasswordResetApi
from accounts.api.two_factor import (
    RecoveryCodesApi,
    TwoFactorApi,
    TwoFactorDisableApi,
    TwoFactorEnableApi,
    TwoFactorLoginApi,
    TwoFactorSetupApi,
)
from accounts.api.users import OwnProfileApi, ProfileApi

urlpatterns = [
    path("auth/register", RegisterApi.as_view(), name="register"),
    path("auth/login", LoginApi.as_view(), name="login"),
    path("login", PlainLoginApi.as_view(), name="plain-login"),
    path("auth/me", MeApi.as_view(), name="me"),
    path("auth/users/<id:user_id>", OwnAccountApi.as_view(), name="account"),
    path("auth/users/<id:user_id>/password", OwnPasswordApi.as_view(), name="password"),
    path("auth/sessions", SessionListApi.as_view(), name="session-list"),
    path("auth/sessions/current", CurrentSessionApi.as_view(), name="session-current"),
    path("auth/sessions/<uuid:session_id>", SessionDetailApi.as_view(), name="session"),
    path("auth/two-factor", TwoFactorApi.as_view(), name="two-factor"),
    path("auth/two-factor/setup", TwoFactorSetupApi.as_view(), name="two-factor-setup"),
    path("auth/two-factor/enable", TwoFactorEnableApi.as_view(), name="two-factor-enable"),
    path("auth/two-factor/disable", TwoFactorDisableApi.as_view(), name="two-factor-disable"),
    path("auth/two-factor/recovery-codes", RecoveryCodesApi.as_view(), name="recovery-codes"),
    path("auth/two-factor/login", TwoFactorLoginApi.as_view(), name="two-factor-login"),
    path("auth/password/forgot", PasswordForgotApi.as_view(), name="password-forgot"),
    path("auth/password/reset", PasswordResetApi.as_view(), name="password-reset"),
    path("auth/email/confirm", EmailConfirmApi.as_view(), name="email-confirm"),
    path("auth/email/send", EmailSendApi.as_view(), name="email-send"),
    path("users", OwnProfileApi.as_view(), name="profile-own"),
    path("users/<id:user_id>", ProfileApi.as_view(), name="profile"),
]
