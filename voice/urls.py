from django.urls import path

from voice.api.hub_rooms import HubJoinApi, HubLeaveApi, HubStatsApi
from voice.api.ice import IceServersApi

urlpatterns = [
    path("voice/ice-servers", IceServersApi.as_view(), name="ice-servers"),
    path("rooms/join", HubJoinApi.as_view(), name="hub-join"),
    path("rooms/leave", HubLeaveApi.as_view(), name="hub-leave"),
    path("rooms/stats", HubStatsApi.as_view(), name="hub-stats"),
]
