from django.urls import path

from messaging.api.messages import MessageDetailApi, MessageHistoryApi, MessageListApi, MessageSearchApi

urlpatterns = [
    path("messages", MessageListApi.as_view(), name="message-list"),
    path("messages/search", MessageSearchApi.as_view(), name="message-search"),
    path("messages/<id:message_id>", MessageDetailApi.as_view(), name="message"),
    path("messages/<id:message_id>/history", MessageHistoryApi.as_view(), name="message-history"),
]
