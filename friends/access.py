"""The door to a conversation. Each condition stands on a line of its own; exists (404), takes part (403), is open (403)."""

from accounts.models import User
from friends.errors import NotAParticipant, PartnerGone, UserBlocked
from friends.models import Conversation, ConversationKind
from friends.selectors import are_blocked
from servers.errors import ChannelNotFound


def access_conversation(user: User, channel_id: int, *, writing: bool = False) -> Conversation:
    """A conversation by its channel's id. Who writes to one person needs that person there, and no block between them."""
    conversation = Conversation.objects.select_related("channel").filter(pk=channel_id).first()
    if conversation is None:
        raise ChannelNotFound
    if not conversation.participants.filter(user=user).exists():
        raise NotAParticipant
    if writing and conversation.kind == ConversationKind.DIRECT:
        _require_open(conversation)
    return conversation


def _require_open(direct: Conversation) -> None:
    if direct.one_id is None or direct.other_id is None:
        raise PartnerGone
    if are_blocked(direct.one_id, direct.other_id):
        raise UserBlocked
