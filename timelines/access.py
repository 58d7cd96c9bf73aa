"""The doors to voice sessions: one's own are open, others' to moderators."""

from uuid import UUID

from accounts.models import User
from projectvoice.kernel.errors import Forbidden, NotFound
from servers.access import access_channel, access_server
from servers.permissions import Permission
from timelines.errors import NotYourSession, SessionNotFound
from timelines.models import VoiceSession


def access_session(user: User, session_id: UUID) -> VoiceSession:
    """His own; with VIEW_AUDIT_LOG those on that server; all, for moderators of the instance."""
    session = VoiceSession.objects.select_related("user").filter(pk=session_id).first()
    if session is None:
        raise SessionNotFound
    if session.user_id != user.pk and not user.is_global_staff:
        try:
            access_server(user, session.server_id, need=Permission.VIEW_AUDIT_LOG, reading=True)
        except (Forbidden, NotFound):
            raise NotYourSession from None
    return session


def access_sessions_in(user: User, channel_id: int) -> None:
    """Everybody's in this channel."""
    if not user.is_global_staff:
        access_channel(user, channel_id, need=Permission.VIEW_AUDIT_LOG, reading=True)
