from django.urls import path

from web.views import home, place

urlpatterns = [
    path("", home, name="home"),
    path("invite/<str:token>", place, name="invite-link"),
    path("channels/<path:where>", place, name="channel-link"),
    path("direct/<path:where>", place, name="direct-link"),
    path("friends", place, name="friends-link"),
    path("settings", place, name="settings-link"),
    path("settings/<path:where>", place),
    path("reset-password", place, name="reset-link"),
    path("confirm-email", place, name="confirm-link"),
]
