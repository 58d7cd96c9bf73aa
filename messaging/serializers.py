"""Shapes of messages on the wire. Answers are built by the selectors; the outputs here describe them."""

from typing import Any

from rest_framework import serializers

from messaging.models import ATTACHMENTS_PER_MESSAGE, CONTENT_LENGTH
from projectvoice.kernel.serializers import MAX_ID, BooleanField, CamelSerializer, DateTimeField, IntegerField, TextField


class MessageInput(CamelSerializer):
    """The same `nonce` again gets the message it got before. With attachments `content` may be empty or absent."""

    channel_id = IntegerField(min_value=1, max_value=MAX_ID)
    content = TextField(max_length=CONTENT_LENGTH, required=False, allow_blank=True)
    nonce = TextField(max_length=64, required=False, allow_null=True)
    reply_to_id = IntegerField(min_value=1, max_value=MAX_ID, required=False, allow_null=True)
    attachment_ids = serializers.ListField(
        child=IntegerField(min_value=1, max_value=MAX_ID), max_length=ATTACHMENTS_PER_MESSAGE, required=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("content") and not attrs.get("attachment_ids"):
            why = "blank" if "content" in attrs else "required"
            raise serializers.ValidationError({"content": self.fields["content"].error_messages[why]})
        return {"content": "", **attrs}


class MessageChannelInput(CamelSerializer):
    channel_id = IntegerField(min_value=1, max_value=MAX_ID)


class MessageEditInput(CamelSerializer):
    """A message without attachments is not to be emptied."""

    content = TextField(max_length=CONTENT_LENGTH, allow_blank=True)


class UploadChannelInput(CamelSerializer):
    channel_id = serializers.IntegerField(min_value=1, max_value=MAX_ID)  # a form has nothing but texts


class AttachmentInput(UploadChannelInput):
    file = serializers.FileField()


class BulkDeleteInput(CamelSerializer):
    channel_id = IntegerField(min_value=1, max_value=MAX_ID)
    message_ids = serializers.ListField(child=IntegerField(min_value=1, max_value=MAX_ID), allow_empty=False, max_length=100)


class ReadInput(CamelSerializer):
    channel_id = IntegerField(min_value=1, max_value=MAX_ID)
    message_id = IntegerField(min_value=1, max_value=MAX_ID)


class MessageUserOutput(CamelSerializer):
    id = IntegerField()
    username = serializers.CharField()
    avatar = serializers.CharField(allow_null=True)
    is_bot = BooleanField(help_text="A bot or a webhook, whatever it is called")


class ReactionOutput(CamelSerializer):
    """`me`: the caller is among them."""

    emoji = serializers.CharField()
    count = IntegerField()
    me = BooleanField()


class AttachmentOutput(CamelSerializer):
    """`url` is a path on this instance that opens the file without a token; it holds for 23 to 24 hours."""

    id = IntegerField()
    filename = serializers.CharField()
    content_type = serializers.CharField()
    size = IntegerField()
    url = serializers.CharField()
    width = IntegerField(required=False)
    height = IntegerField(required=False)


class MessageOutput(CamelSerializer):
    id = IntegerField()
    content = serializers.CharField()
    user_id = IntegerField(allow_null=True)
    channel_id = IntegerField()
    reply_to_id = IntegerField(allow_null=True)
    created_at = DateTimeField()
    updated_at = DateTimeField()
    user = MessageUserOutput(allow_null=True)
    is_edited = BooleanField()
    is_pinned = BooleanField()
    reactions = ReactionOutput(many=True)
    attachments = AttachmentOutput(many=True)
    mentions = serializers.ListField(child=IntegerField(), help_text="Ids of those it names by `@username`")
    mentions_everyone = BooleanField(help_text="`@everyone` or `@here`, by who may")


class MessagePageOutput(CamelSerializer):
    messages = MessageOutput(many=True)
    total = IntegerField()
    page = IntegerField()
    limit = IntegerField()
    total_pages = IntegerField()


class BulkDeletedOutput(CamelSerializer):
    message = serializers.CharField()
    deleted = IntegerField()


class ReadStateOutput(CamelSerializer):
    """`unread` is counted up to 1000, and so are those of them that name the caller or everyone."""

    channel_id = IntegerField()
    last_read_id = IntegerField(allow_null=True)
    unread = IntegerField()
    mentions = IntegerField()


class RevisionOutput(CamelSerializer):
    id = IntegerField()
    content = serializers.CharField()
    edited_by = IntegerField(source="edited_by_id", allow_null=True)
    created_at = DateTimeField()
