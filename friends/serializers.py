"""Shapes of friends, requests, blocks and conversations on the wire."""

from typing import Any

from rest_framework import serializers

from accounts.models import Status
from friends.models import PEOPLE_PER_GROUP, ConversationKind, FriendshipStatus
from projectvoice.kernel.serializers import MAX_ID, BooleanField, CamelSerializer, DateTimeField, IntegerField, TextField


class FriendRequestInput(CamelSerializer):
    """Whom, by id or by name."""

    friend_id = IntegerField(min_value=1, max_value=MAX_ID, required=False)
    username = TextField(max_length=100, required=False, help_text="Without `friendId`; a tag may follow: `anna#1234`")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError({"friendId": self.fields["friendId"].error_messages["required"]})
        return attrs


class PersonOutput(CamelSerializer):
    id = IntegerField()
    username = serializers.CharField()
    profile_picture = serializers.CharField(allow_null=True)
    tag = serializers.CharField()
    is_bot = BooleanField()


class FriendOutput(PersonOutput):
    status = serializers.ChoiceField(choices=Status.choices)


class IncomingRequestOutput(CamelSerializer):
    id = IntegerField()
    user = PersonOutput(source="sender")
    created_at = DateTimeField()


class OutgoingRequestOutput(IncomingRequestOutput):
    user = PersonOutput(source="receiver")


class FriendRequestListOutput(CamelSerializer):
    incoming = IncomingRequestOutput(many=True)
    outgoing = OutgoingRequestOutput(many=True)


class FriendRequestOutput(CamelSerializer):
    id = IntegerField()
    user_id = IntegerField(source="sender_id")
    friend_id = IntegerField(source="receiver_id")
    status = serializers.ChoiceField(choices=FriendshipStatus.choices)


class FriendRequestSentOutput(CamelSerializer):
    message = serializers.CharField()
    request = FriendRequestOutput()


class DirectInput(CamelSerializer):
    user_id = IntegerField(min_value=1, max_value=MAX_ID)


class GroupRenameInput(CamelSerializer):
    name = TextField(max_length=100, allow_blank=True)


class GroupInput(CamelSerializer):
    user_ids = serializers.ListField(
        child=IntegerField(min_value=1, max_value=MAX_ID), allow_empty=False, max_length=PEOPLE_PER_GROUP - 1
    )
    name = TextField(max_length=100, allow_blank=True, required=False)


class ConversationOutput(CamelSerializer):
    """`id` is that of its channel. Only groups have a name, which may be empty, and an owner. `unread` is counted up to 1000."""

    id = IntegerField()
    type = serializers.ChoiceField(choices=ConversationKind.choices)
    name = serializers.CharField()
    owner_id = IntegerField(allow_null=True)
    participants = FriendOutput(many=True)
    last_message_id = IntegerField(allow_null=True)
    unread = IntegerField()
    created_at = DateTimeField()
