"""The doors to attachments."""

from collections.abc import Mapping

from accounts.models import User
from messaging.access import access_channel_to_read, access_message
from messaging.attachments.links import opens
from messaging.errors import AttachmentNotFound, LinkRefused
from messaging.models import Attachment
from projectvoice.kernel.errors import InvalidSession


def access_file(user: User | None, attachment_id: int, filename: str, query: Mapping[str, str]) -> Attachment:
    """To read it: with a signed link, or signed in as somebody who may read its message."""
    if "signature" in query:
        if not opens(attachment_id, query.get("expires", ""), query["signature"]):
            raise LinkRefused
        return _attachment(attachment_id, filename)
    if user is None:
        raise InvalidSession
    attachment = _attachment(attachment_id, filename)
    if attachment.message_id is not None:
        access_message(user, attachment.message_id, reading=True)
    elif attachment.user_id != user.pk:
        raise AttachmentNotFound  # nobody's business until it is sent
    else:
        access_channel_to_read(user, attachment.channel_id)
    return attachment


def access_upload(user: User, attachment_id: int) -> Attachment:
    """One's own that no message has taken yet."""
    attachment = Attachment.objects.filter(pk=attachment_id, user=user, message__isnull=True).first()
    if attachment is None:
        raise AttachmentNotFound
    return attachment


def _attachment(attachment_id: int, filename: str) -> Attachment:
    attachment = Attachment.objects.filter(pk=attachment_id).first()
    if attachment is None or attachment.filename != filename:
        raise AttachmentNotFound
    return attachment
