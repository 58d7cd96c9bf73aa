from django.urls import path

from selfhost.api.doctor import VoiceDoctorApi

urlpatterns = [path("voice/doctor", VoiceDoctorApi.as_view(), name="voice-doctor")]
