"""Shapes of friends, requests and blocks on the wire."""

from rest_framework import serializers

from accounts.models import Status
from friends.models import FriendshipStatus
from projectvoice.kernel.serializers import MAX_ID, CamelSerializer, DateTimeField, IntegerField


class FriendRequestInput(CamelSerializer):
    friend_id = IntegerField(min_value=1, max_value=MAX_ID)


class PersonOutput(CamelSerializer):
    id = IntegerField()
    username = serializers.CharField()
    profile_picture = serializers.CharField(allow_null=True)
    tag = serializers.CharField()


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
