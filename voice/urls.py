from django.urls import path

from voice.api.ice import IceServersApi

urlpatterns = [path("voice/ice-servers", IceServersApi.as_view(), name="ice-servers")]
