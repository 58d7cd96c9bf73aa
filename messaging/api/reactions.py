"""`/api/messages/:id/reactions/**`."""

import unicodedata

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.request import SignedInRequest
from messaging.access import access_message_to_moderate, access_message_to_react
from messaging.api.reason import told
from messaging.errors import NotAnEmoji
from messaging.models import EMOJI_LENGTH
from messaging.selectors import message_row
from messaging.serializers import MessageOutput
from messaging.services import reaction_add, reaction_remove
from projectvoice.kernel.api import Api
from servers.api.reason import REASON


def emoji_of(text: str) -> str:
    """What the path names, in NFC. It has no slash: that would have been another path."""
    emoji = unicodedata.normalize("NFC", text)
    if not emoji.strip() or len(emoji) > EMOJI_LENGTH or any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in emoji):
        raise NotAnEmoji
    return emoji


class ReactionApi(Api):
    @extend_schema(summary="React to a message", request=None, responses={200: MessageOutput})
    def put(self, request: SignedInRequest, message_id: int, emoji: str) -> Response:
        message, entry = access_message_to_react(request.user, message_id)
        reaction_add(entry=entry, message=message, emoji=emoji_of(emoji))
        return Response(message_row(message.pk, request.user))

    @extend_schema(summary="Take one's reaction back", responses={204: None})
    def delete(self, request: SignedInRequest, message_id: int, emoji: str) -> Response:
        message, entry = access_message_to_react(request.user, message_id)
        reaction_remove(entry=entry, message=message, user_id=request.user.pk, emoji=emoji_of(emoji))
        return Response(status=204)


class ReactionOfUserApi(Api):
    @extend_schema(
        summary="Remove somebody's reaction",
        parameters=[REASON],
        operation_id="messages_reactions_remove",
        responses={204: None},
        description="For moderators.",
    )
    def delete(self, request: SignedInRequest, message_id: int, emoji: str, user_id: int) -> Response:
        message, entry = access_message_to_moderate(request.user, message_id)
        reaction_remove(entry=told(entry, request), message=message, user_id=user_id, emoji=emoji_of(emoji))
        return Response(status=204)
