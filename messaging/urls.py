from django.urls import path

from messaging.api.attachments import AttachmentDetailApi, AttachmentFileApi, AttachmentListApi
from messaging.api.conversations import ConversationDetailApi, ConversationListApi, GroupListApi, ParticipantApi
from messaging.api.mentions import MentionListApi
from messaging.api.messages import (
    MessageBulkDeleteApi,
    MessageDetailApi,
    MessageHistoryApi,
    MessageListApi,
    MessageSearchApi,
)
from messaging.api.pins import PinApi, PinListApi
from messaging.api.reactions import ReactionApi, ReactionOfUserApi
from messaging.api.read_state import ReadApi, UnreadListApi

urlpatterns = [
    path("attachments", AttachmentListApi.as_view(), name="attachment-list"),
    path("attachments/<id:attachment_id>", AttachmentDetailApi.as_view(), name="attachment"),
    path("attachments/<id:attachment_id>/<str:filename>", AttachmentFileApi.as_view(), name="attachment-file"),
    path("messages", MessageListApi.as_view(), name="message-list"),
    path("messages/search", MessageSearchApi.as_view(), name="message-search"),
    path("messages/bulk-delete", MessageBulkDeleteApi.as_view(), name="message-bulk-delete"),
    path("messages/mentions", MentionListApi.as_view(), name="mention-list"),
    path("messages/pins", PinListApi.as_view(), name="pin-list"),
    path("messages/read", ReadApi.as_view(), name="read"),
    path("messages/unread", UnreadListApi.as_view(), name="unread-list"),
    path("messages/<id:message_id>", MessageDetailApi.as_view(), name="message"),
    path("messages/<id:message_id>/history", MessageHistoryApi.as_view(), name="message-history"),
    path("messages/<id:message_id>/pin", PinApi.as_view(), name="pin"),
    path("messages/<id:message_id>/reactions/<str:emoji>", ReactionApi.as_view(), name="reaction"),
    path("messages/<id:message_id>/reactions/<str:emoji>/<id:user_id>", ReactionOfUserApi.as_view(), name="reaction-of-user"),
    path("dms", ConversationListApi.as_view(), name="conversation-list"),
    path("dms/groups", GroupListApi.as_view(), name="group-list"),
    path("dms/<id:channel_id>", ConversationDetailApi.as_view(), name="conversation"),
    path("dms/<id:channel_id>/participants/<id:user_id>", ParticipantApi.as_view(), name="participant"),
]
