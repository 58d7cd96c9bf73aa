from django.urls import path

from voice.api.hub_rooms import HubJoinApi, HubLeaveApi, HubStatsApi
from voice.api.ice import IceServersApi
from voice.api.zvonim import MeetingInfoApi, MeetingJoinApi, MeetingLeaveApi, RoomInfoApi, RoomJoinApi, RoomLeaveApi

urlpatterns = [
    path("voice/ice-servers", IceServersApi.as_view(), name="ice-servers"),
    path("room/join", RoomJoinApi.as_view(), name="zvonim-room-join"),
    path("room/leave", RoomLeaveApi.as_view(), name="zvonim-room-leave"),
    path("room/<path:room_id>/info", RoomInfoApi.as_view(), name="zvonim-room"),
    path("meeting/join", MeetingJoinApi.as_view(), name="zvonim-meeting-join"),
    path("meeting/leave", MeetingLeaveApi.as_view(), name="zvonim-meeting-leave"),
    path("meeting/<path:meeting_id>/info", MeetingInfoApi.as_view(), name="zvonim-meeting"),
    path("rooms/join", HubJoinApi.as_view(), name="hub-join"),
    path("rooms/leave", HubLeaveApi.as_view(), name="hub-leave"),
    path("rooms/stats", HubStatsApi.as_view(), name="hub-stats"),
]
