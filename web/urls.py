from django.urls import path

from web.views import home, invite

urlpatterns = [
    path("", home, name="home"),
    path("invite/<str:token>", invite, name="invite-link"),
]
