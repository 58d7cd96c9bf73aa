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
    path("users", OwnProfileApi.as_view(), name="profile-own"),
    path("users/<id:user_id>", ProfileApi.as_view(), name="profile"),
]
