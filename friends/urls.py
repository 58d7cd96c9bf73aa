from django.urls import path

from friends.api.friends import (
    BlockApi,
    BlockedListApi,
    FriendAcceptApi,
    FriendDetailApi,
    FriendListApi,
    FriendRequestApi,
    FriendRequestListApi,
)

urlpatterns = [
    path("friends", FriendListApi.as_view(), name="friend-list"),
    path("friends/requests", FriendRequestListApi.as_view(), name="friend-request-list"),
    path("friends/request", FriendRequestApi.as_view(), name="friend-request"),
    path("friends/accept/<id:request_id>", FriendAcceptApi.as_view(), name="friend-accept"),
    path("friends/blocked", BlockedListApi.as_view(), name="friend-blocked-list"),
    path("friends/block/<id:user_id>", BlockApi.as_view(), name="friend-block"),
    path("friends/<id:id>", FriendDetailApi.as_view(), name="friend"),
]
