"""Shapes of messages on the wire. Answers are built by the selectors; the outputs here describe them."""

from rest_framework import serializers

from messaging.models import CONTENT_LENGTH
from projectvoice.kernel.serializers import MAX_ID, BooleanField, CamelSerializer, DateTimeField, IntegerField, TextField


class MessageInput(CamelSerializer):
    """The same `nonce` again gets the message it got before."""

    channel_id = IntegerField(min_value=1, max_value=MAX_ID)
    content = TextField(max_length=CONTENT_LENGTH)
    nonce = TextField(max_length=64, required=False, allow_null=True)
    reply_to_id = IntegerField(min_value=1, max_value=MAX_ID, required=False, allow_null=True)


class MessageChannelInput(CamelSerializer):
    channel_id = IntegerField(min_value=1, max_value=MAX_ID)


class MessageEditInput(CamelSerializer):
    content = TextField(max_length=CONTENT_LENGTH)


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


class ReactionOutput(CamelSerializer):
    """`me`: the caller is among them."""

    emoji = serializers.CharField()
    count = IntegerField()
    me = BooleanField()


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
    """`unread` is counted up to 1000."""

    channel_id = IntegerField()
    last_read_id = IntegerField(allow_null=True)
    unread = IntegerField()


class RevisionOutput(CamelSerializer):
    id = IntegerField()
    content = serializers.CharField()
    edited_by = IntegerField(source="edited_by_id", allow_null=True)
    created_at = DateTimeField()
