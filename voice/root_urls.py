"""Paths of the small dialects that lie outside `/api`."""

from django.urls import path

from voice.api.rooms import RoomsApi

urlpatterns = [path("rooms", RoomsApi.as_view(), name="rooms")]
