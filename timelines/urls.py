from django.urls import path

from timelines.api.sessions import TimelineApi, VoiceSessionListApi

urlpatterns = [
    path("voice/sessions", VoiceSessionListApi.as_view(), name="voice-session-list"),
    path("voice/sessions/<uuid:session_id>/timeline", TimelineApi.as_view(), name="voice-session-timeline"),
]
